import Configuration
import Linux
import Messages
import Policy
import Wire

/// `policy show|explain`, beside ``PolicyChangeVerbs``.
enum PolicyVerbs {
  static let all = [show] + PolicyChangeVerbs.all + [explain]

  private static let show = Verb(
    words: ["policy", "show"], synopsis: "", summary: "zones, groups, services and rules in force",
    details: """
      Behind each rule stand its name in the kernel, which logged packets carry,
      and how many packets it has judged on this node since it came into the
      kernel: the first of a connection, those that another policy had judged,
      and each one that is denied. They are read from the kernel, as user 0 in
      the gateway's network namespace.
      """
  ) { invocation in
    let document = try document(invocation)
    let policy = document.policy
    let hosts = try hosts(of: document, invocation)
    let output = PolicyOutput(policy, document.policyWarnings, PolicyHits.inKernel(), hosts)
    guard !invocation.isJSON else { return try printJSON(output) }
    for line in output.lines { print(line) }
  }

  private static let explain = Verb(
    words: ["policy", "explain"],
    synopsis: "--from IP --to IP --service WHAT [OPTIONS]",
    summary: "whether a connection may be opened, and by which rule",
    details: """
        --from IP        who opens the connection
        --to IP          whom it is for, before any translation of ours; that of
                         a port forward with the port that strangers know
        --service WHAT   \(TransportProtocol.allCases.map(\.name).joined(separator: ", ")),
                         or the protocol's number; with a port such as tcp/443
        --at TIME        then instead of now, such as 2026-11-28T18:00:00+01:00:
                         schedules, and who is still in quarantine
        --file FILE      by this document instead of the one in force
        --live SECONDS   1…\(LiveTrace.longest): then also watch such packets, as they come by this
                         node, and say of each what the kernel did with it

      Answers from the document, and from the leases where groups match hosts (from
      the reservations of a --file); --live from the kernel, too, as user 0 in the
      gateway's network namespace. Exit status 0 also when it is denied.
      """,
    options: ["--from", "--to", "--service", "--at", "--file", "--live"]
  ) { invocation in
    let from = try address(invocation, "--from")
    let to = try address(invocation, "--to")
    let (number, port) = try service(invocation)
    let other = from.family == .ipv4 ? TransportProtocol.icmpv6 : .icmp
    guard number != other.rawValue else {
      throw Refusal.usage("--service: \(other.name) is not of the family of \(from)")
    }
    let time = try time(invocation)
    let given = try document(invocation)
    let document = given.with(try hosts(of: given, invocation))
    let answer = document.explain(
      from: from, to: to, protocolNumber: number, port: port, at: time)
    if invocation.options["--live"] != nil {
      if let other = ["--at", "--file"].first(where: { invocation.options[$0] != nil }) {
        throw Refusal.usage("\(other): live is what is in force now; leave one of them out")
      }
      let seconds = try invocation.number("--live", in: 1...LiveTrace.longest, default: 0)
      let routers = document.ha?.vrrp.routers ?? []
      let ports = Dictionary(routers.map { ($0.device, $0.interface) }) { first, _ in first }
      let live = LiveTrace(
        trace: PacketTrace(
          number: .random(in: 1 ... .max), source: from, destination: to, protocolNumber: number,
          port: port, duration: UInt16(seconds) + LiveTrace.margin),
        seconds: seconds, rules: document.policy.rules,
        ports: ports, explanation: answer)
      return try live.run(invocation)
    }
    if invocation.isJSON { return try printJSON(ExplanationOutput(answer)) }
    print(answer.text)
  }

  /// The document of `--file`, else the one in force.
  static func document(_ invocation: Invocation) throws -> ConfigurationDocument {
    let octets: [UInt8]
    if let name = invocation.options["--file"] {
      octets = try ConfigurationVerbs.read(name)
    } else {
      let client = ControlClient(runDirectory: invocation.runDirectory)
      octets = Array((try client.ask(ControlRequest(.configShow)).document ?? "").utf8)
    }
    do throws(ConfigurationProblems) {
      return try ConfigurationDocument(parsing: octets)
    } catch { throw Refusal.failed("\(error)") }
  }

  /// The hosts that groups may match: with a lease of the gateway, or a reservation.
  private static func hosts(
    of document: ConfigurationDocument, _ invocation: Invocation
  ) throws -> [LANHost] {
    guard document.policy.matchesHosts else { return [] }
    guard invocation.options["--file"] == nil else { return document.lanHosts(leased: []) }
    let client = ControlClient(runDirectory: invocation.runDirectory)
    let records = try client.ask(ControlRequest(.leases)).leases ?? []
    return document.lanHosts(
      leased: records.compactMap { record in
        guard let mac = MACAddress(record.mac), let address = IPv4Address(record.address) else {
          return nil
        }
        return (mac, address)
      })
  }

  private static func address(_ invocation: Invocation, _ option: String) throws -> IPAddress {
    guard let text = invocation.options[option] else {
      throw Refusal.usage("\(option) is missing; see ztb policy explain --help")
    }
    guard let address = IPAddress(text) else {
      throw Refusal.usage("\(option): \(text) is no address such as 10.1.0.5 or fd00:1::5")
    }
    return address
  }

  /// The time of `--at`, else now.
  static func time(_ invocation: Invocation) throws -> Int64 {
    guard let text = invocation.options["--at"] else { return WallClock.secondsSince1970() }
    guard let seconds = Timestamp.seconds(text) else {
      throw Refusal.usage("--at: \(text) is not \(Timestamp.rule)")
    }
    return seconds
  }

  /// `tcp/443`, `icmp`, `47`.
  private static func service(_ invocation: Invocation) throws -> (number: UInt8, port: UInt16) {
    guard let text = invocation.options["--service"] else {
      throw Refusal.usage("--service is missing; see ztb policy explain --help")
    }
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    let named = parts.first.flatMap { word in
      TransportProtocol.allCases.first { $0.name == word }
    }
    guard let number = named?.rawValue ?? parts.first.flatMap({ UInt8($0) }), parts.count <= 2
    else { throw Refusal.usage("--service: \(text) is not PROTOCOL or PROTOCOL/PORT") }
    let hasPorts = TransportProtocol(rawValue: number)?.hasPorts ?? false
    guard hasPorts == (parts.count == 2) else {
      let remedy = hasPorts ? "name a port, such as \(text)/443" : "leave the port out"
      throw Refusal.usage("--service: \(text): \(remedy)")
    }
    guard parts.count == 2 else { return (number, 0) }
    guard let port = UInt16(parts[1]), port > 0 else {
      throw Refusal.usage("--service: \(parts[1]) is not a port 1…65535")
    }
    return (number, port)
  }
}
