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
    let output = PolicyOutput(policy, document.policyWarnings, PolicyHits.inKernel())
    guard !invocation.isJSON else { return try printJSON(output) }
    for line in output.lines { print(line) }
  }

  private static let explain = Verb(
    words: ["policy", "explain"],
    synopsis: "--from IP --to IP --service WHAT [--at TIME] [--file FILE]",
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

      Answers from the document alone. Exit status 0 also when it is denied.
      """,
    options: ["--from", "--to", "--service", "--at", "--file"]
  ) { invocation in
    let from = try address(invocation, "--from")
    let to = try address(invocation, "--to")
    let (number, port) = try service(invocation)
    let other = from.family == .ipv4 ? TransportProtocol.icmpv6 : .icmp
    guard number != other.rawValue else {
      throw Refusal.usage("--service: \(other.name) is not of the family of \(from)")
    }
    let time = try time(invocation)
    let answer = try document(invocation).explain(
      from: from, to: to, protocolNumber: number, port: port, at: time)
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

extension PolicyExplanation {
  /// Some lines for people.
  fileprivate var text: String {
    let verdict =
      switch outcome {
      case .allowed(let rule): "allowed by rule \(rule)"
      case .denied(let rule): "denied by rule \(rule)"
      case .deniedByDefault: "denied: no rule allows it"
      case .quarantined(let address): "denied: \(address) is in quarantine"
      case .closed(let level): "denied: the kill switch is at \(level.rawValue)"
      case .monitored(let rule?): "allowed in mode monitor: rule \(rule) would deny it"
      case .monitored(nil): "allowed in mode monitor: no rule allows it"
      case .notForwarded(let reason): "not forwarded: \(reason)"
      }
    var lines = [verdict, "from \(from.text)", "to   \(to.text)"]
    if let forward {
      lines.append("by   port forward \(forward.id) of \(forward.address)")
    }
    if let translation {
      let address = translation.to.map { "\($0)" } ?? "the interface's own address"
      lines.append("leaves as \(address)\(translation.randomPorts ? ", port chosen anew" : "")")
    }
    return lines.joined(separator: "\n")
  }
}

extension PolicyExplanation.End {
  fileprivate var text: String {
    let way = interface.map { "by \($0)" } ?? "no way there"
    let place = zone.map { ", zone \($0)" } ?? (interface == nil ? "" : ", in no zone")
    return "\(address) \(way)\(place)\(group.map { ", group \($0)" } ?? "")"
  }
}

/// What `policy explain --json` prints.
private struct ExplanationOutput: Encodable {
  struct End: Encodable {
    let address: String
    let interface: String?
    let zone: String?
    let group: String?

    init(_ end: PolicyExplanation.End) {
      address = "\(end.address)"
      interface = end.interface
      zone = end.zone
      group = end.group
    }
  }

  let verdict: String
  let rule: String?
  let reason: String?
  let from: End
  let to: End
  let translatedTo: String?
  let portForward: String?

  init(_ answer: PolicyExplanation) {
    from = End(answer.from)
    to = End(answer.to)
    portForward = answer.forward?.id
    translatedTo = answer.translation.map { $0.to.map { "\($0)" } ?? "masquerade" }
    switch answer.outcome {
    case .allowed(let id): (verdict, rule, reason) = ("allowed", id, nil)
    case .denied(let id): (verdict, rule, reason) = ("denied", id, nil)
    case .deniedByDefault: (verdict, rule, reason) = ("denied", nil, "no rule allows it")
    case .quarantined(let address):
      (verdict, rule, reason) = ("denied", nil, "\(address) is in quarantine")
    case .closed(let level):
      (verdict, rule, reason) = ("denied", nil, "the kill switch is at \(level.rawValue)")
    case .monitored(let id): (verdict, rule, reason) = ("allowed", id, "mode monitor")
    case .notForwarded(let text): (verdict, rule, reason) = ("not forwarded", nil, text)
    }
  }
}
