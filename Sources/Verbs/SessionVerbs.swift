import Linux
import Netlink
import Wire

/// `sessions`: what the kernel of this network namespace tracks.
enum SessionVerbs {
  static let sessions = Verb(
    words: ["sessions"], synopsis: "[OPTION VALUE]…",
    summary: "tracked sessions of this node's kernel",
    details: """
        --proto P    tcp, udp, icmp …
        --address A  source or destination, before or after translation
        --port N     source or destination port, or ICMP identifier
        --limit N    print at most N, 1…1000000 (100); all are counted
      """,
    options: ["--proto", "--address", "--port", "--limit"]
  ) { invocation in
    let filter = try Filter(invocation)
    let limit = try invocation.number("--limit", in: 1...1_000_000, default: 100)
    var matches = 0
    var shown: [Session] = []
    do {
      try KernelDump.flows { flow in
        guard filter.accepts(flow) else { return }
        matches += 1
        if shown.count < limit { shown.append(Session(flow)) }
      }
    } catch let error as SystemError {
      throw Refusal.failed("sessions: \(error); run as user 0 in the gateway's network namespace")
    }
    if invocation.isJSON { return try printJSON(Listing(matches: matches, sessions: shown)) }
    for session in shown { print(session.line) }
    print("\(matches) sessions\(matches > shown.count ? ", \(shown.count) shown" : "")")
  }

  /// What `sessions --json` prints.
  struct Listing: Encodable {
    let matches: Int
    let sessions: [Session]
  }

  /// What the options let through.
  struct Filter {
    private let transport: String?
    private let address: FlowAddress?
    private let port: UInt16?

    init(_ invocation: Invocation) throws {
      transport = invocation.options["--proto"]
      address = try invocation.options["--address"].map { text in
        guard let address = IPAddress(text) else {
          throw Refusal.usage("--address: \(text) is no address such as 10.1.0.5 or fd00:1::5")
        }
        return FlowAddress(address)
      }
      port =
        invocation.options["--port"] == nil
        ? nil : UInt16(try invocation.number("--port", in: 0...65_535, default: 0))
    }

    func accepts(_ flow: Flow) -> Bool {
      let tuples = [flow.tuple, flow.reply].compactMap { $0 }
      if let transport, "\(flow.tuple.transport)" != transport { return false }
      if let address, !tuples.contains(where: { $0.source == address || $0.destination == address })
      {
        return false
      }
      if let port, !tuples.contains(where: { $0.sourcePort == port || $0.destinationPort == port })
      {
        return false
      }
      return true
    }
  }
}

/// One session for people and programs.
struct Session: Encodable {
  let proto: String
  let original: String
  let reply: String
  let translated: Bool
  let state: String
  let timeoutSeconds: UInt32
  let mark: UInt32

  init(_ flow: Flow) {
    proto = "\(flow.tuple.transport)"
    original = Session.ends(flow.tuple)
    reply = flow.reply.map(Session.ends) ?? ""
    translated = flow.sourceNAT != nil || flow.destinationNAT != nil
    state = flow.tcp.map { "\($0.state)" } ?? (flow.status.contains(.seenReply) ? "replied" : "new")
    timeoutSeconds = flow.timeoutSeconds
    mark = flow.mark
  }

  /// `tcp 10.1.0.5:40000>192.0.2.7:80 established 431999 s, answers …`.
  var line: String {
    let head = padded(proto, 5) + padded(original, 44) + padded(state, 13) + "\(timeoutSeconds) s"
    return translated ? head + "\n     answers \(reply)" : head
  }

  /// A tuple without its protocol, which stands in its own column.
  private static func ends(_ tuple: FlowTuple) -> String {
    let text = "\(tuple)"
    return text.firstIndex(of: " ").map { String(text[text.index(after: $0)...]) } ?? text
  }
}
