import Messages
import Wire

/// `Configure Network`: the WAN, with its present settings as defaults.
struct NetworkDialogue: Dialogue {
  private enum Step { case mode, address, gateway, vlan, primary, secondary, apply }

  private let port: String
  private let present: WANParameters
  private let subinterface: SubinterfaceParameters?
  private var step = Step.mode
  private var prefix: IPv4Prefix?
  private var settings: WANParameters

  /// Name servers that are offered where none are set.
  private static let offered = ["1.1.1.1", "8.8.8.8"]

  init(_ overview: Overview) {
    port = overview.port
    present =
      overview.wan?.settings
      ?? WANParameters(mode: "dhcp", address: nil, gateway: nil, vlan: nil, dns: [])
    subinterface = overview.wan?.subinterface
    settings = present
  }

  var question: Question {
    switch step {
    case .mode: .yesOrNo("Use DHCP on \(port)?", present.mode != "static")
    case .address:
      Question(
        "IP address/prefix", .takes(present.address ?? ""),
        help: "The address of \(port) and the length of its network, such as 203.0.113.2/24.")
    case .gateway:
      Question(
        "Default gateway", .takes(present.gateway ?? ""),
        help: "The router of your provider, in the same network.")
    case .vlan:
      Question(
        "VLAN tag, or none", .takes(present.vlan.map { String($0) } ?? "none"),
        help: "1 to 4094 when your provider wants tagged frames, else none.")
    case .primary:
      Question(
        "Primary DNS server", .takes(servers[0]),
        help: "An address; with DHCP none means: the servers that DHCP names.")
    case .secondary:
      Question(
        "Secondary DNS server, or none", .takes(servers.count > 1 ? servers[1] : "none"),
        help: "Asked when the first does not answer.")
    case .apply: .yesOrNo("Apply?", true)
    }
  }

  private var servers: [String] { present.dns.isEmpty ? Self.offered : present.dns }

  mutating func begin() -> Turn {
    .ask(saying: ["WAN interface: \(port) (fixed on this platform)"])
  }

  mutating func take(_ text: String) throws(Reason) -> Turn {
    switch step {
    case .mode:
      let isDynamic = try Check.yesOrNo(text)
      settings.mode = isDynamic ? "dhcp" : "static"
      if isDynamic { (settings.address, settings.gateway) = (nil, nil) }
      step = isDynamic ? .vlan : .address
    case .address:
      let prefix = try Check.prefix(text)
      self.prefix = prefix
      settings.address = prefix.description
      step = .gateway
    case .gateway:
      guard let prefix else { preconditionFailure("the address is asked for before the gateway") }
      settings.gateway = try Check.router(text, on: prefix).description
      step = .vlan
    case .vlan:
      settings.vlan = try vlan(text)
      step = .primary
    case .primary: try takePrimary(text)
    case .secondary:
      try takeSecondary(text)
      return .ask(saying: [summary])
    case .apply:
      guard try Check.yesOrNo(text) else { return .leave(["Nothing was changed."]) }
      var request = ControlRequest(.networkConfigure)
      request.wan = settings
      return .become(
        ChangeDialogue(request, done: "Network configured."), saying: ["Applying ..."])
    }
    return step == .apply ? .ask(saying: [summary]) : .ask()
  }

  mutating func take(_ answer: ControlAnswer, at now: Instant) -> Turn { .finish([answer.text]) }

  private func vlan(_ text: String) throws(Reason) -> Int? {
    if Check.isNone(text) { return nil }
    let vlan = try Check.vlan(text)
    guard vlan != subinterface?.vlan else {
      throw Reason("VLAN \(vlan) is the sub-interface's; take another, or remove it first.")
    }
    return vlan
  }

  private mutating func takePrimary(_ text: String) throws(Reason) {
    if Check.isNone(text) {
      guard settings.mode == "dhcp" else {
        throw Reason("A DNS server is needed where the address is static.")
      }
      settings.dns = []
      step = .apply
    } else {
      settings.dns = [try Check.address(text, "A DNS server").description]
      step = .secondary
    }
  }

  private mutating func takeSecondary(_ text: String) throws(Reason) {
    if !Check.isNone(text) {
      let server = try Check.address(text, "A DNS server").description
      guard server != settings.dns.first else {
        throw Reason("\(server) is the primary already; give another, or none.")
      }
      settings.dns.append(server)
    }
    step = .apply
  }

  /// `ge3: DHCP, untagged, DNS 1.1.1.1 8.8.8.8`.
  private var summary: String {
    let place =
      settings.address.map { "\($0), gateway \(settings.gateway ?? "-")" } ?? "DHCP"
    let tag = settings.vlan.map { "VLAN \($0)" } ?? "untagged"
    let names = settings.dns.isEmpty ? "from DHCP" : settings.dns.joined(separator: " ")
    return "\(port): \(place), \(tag), DNS \(names)"
  }
}
