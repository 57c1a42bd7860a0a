import Messages
import Wire

/// `network configure`, `network subinterface`, `proxy configure`.
enum NetworkVerbs {
  static let all = [network, subinterface, proxy]

  private static let confirmation = """
    After activation the change is taken back in 90 s unless: ztb config confirm.
    """

  private static let network = Verb(
    words: ["network", "configure"], synopsis: "--mode dhcp|static [OPTION VALUE]…",
    summary: "set the WAN",
    details: """
        --mode MODE      dhcp, or static with --address and --gateway
        --address A/L    address and length of the network, such as 203.0.113.2/24
        --gateway A      default router, in that network
        --vlan N         802.1Q identifier 1…4094; without it frames are untagged
        --dns A,B        name servers; without it those that DHCP names

      \(confirmation)
      """,
    options: ["--mode", "--address", "--gateway", "--vlan", "--dns"]
  ) { invocation in
    var request = ControlRequest(.networkConfigure)
    request.wan = try parameters(invocation)
    try tell(invocation, request, else: "network configured")
  }

  private static let subinterface = Verb(
    words: ["network", "subinterface"], synopsis: "--vlan N --address A/L | --remove",
    summary: "set or remove the tagged network beside the WAN",
    details: """
        --vlan N       802.1Q identifier 1…4094
        --address A/L  address and length of the network, such as 198.51.100.2/24
        --remove       no subinterface any more

      One is supported for each WAN port: where there is one, remove it first.
      Activation and management use the port itself, never the subinterface.
      \(confirmation)
      """,
    options: ["--vlan", "--address"], flags: ["--remove"]
  ) { invocation in
    var request = ControlRequest(.subinterfaceConfigure)
    let isRemoval = invocation.flags.contains("--remove")
    let given = invocation.options
    guard isRemoval == given.isEmpty else {
      throw Refusal.usage("network subinterface: either --remove, or --vlan and --address")
    }
    if !isRemoval {
      guard given["--vlan"] != nil else { throw Refusal.usage("--vlan is missing") }
      request.subinterface = SubinterfaceParameters(
        vlan: try invocation.number("--vlan", in: 1...4_094, default: 0),
        address: try prefix("--address", invocation))
    }
    try tell(
      invocation, request, else: isRemoval ? "subinterface removed" : "subinterface configured")
  }

  private static let proxy = Verb(
    words: ["proxy", "configure"], synopsis: "--proxy HOST:PORT [OPTION VALUE]… | --none",
    summary: "set or remove the web proxy on the way to the portal",
    details: """
        --proxy HOST:PORT     the proxy
        --user NAME           where it asks for one
        --password-file FILE  first line is its password; - for standard input
        --exceptions A,B      names and addresses that are reached directly
        --none                no proxy

      \(confirmation)
      """,
    options: ["--proxy", "--user", "--password-file", "--exceptions"], flags: ["--none"]
  ) { invocation in
    var request = ControlRequest(.proxyConfigure)
    guard invocation.flags.contains("--none") == invocation.options.isEmpty else {
      throw Refusal.usage("proxy configure: either --none, or --proxy HOST:PORT")
    }
    if !invocation.options.isEmpty { request.proxy = try proxyParameters(invocation) }
    try tell(
      invocation, request, else: request.proxy == nil ? "no proxy is used" : "proxy configured")
  }

  // MARK: Values

  /// What the options of `network configure` say.
  static func parameters(_ invocation: Invocation) throws -> WANParameters {
    let options = invocation.options
    guard let mode = options["--mode"], ["dhcp", "static"].contains(mode) else {
      throw Refusal.usage("--mode: dhcp or static")
    }
    let isStatic = mode == "static"
    guard isStatic || options["--address"] == nil && options["--gateway"] == nil else {
      throw Refusal.usage("--address and --gateway are for --mode static")
    }
    let vlan = try invocation.number("--vlan", in: 1...4_094, default: 0)
    return WANParameters(
      mode: mode, address: isStatic ? try prefix("--address", invocation) : nil,
      gateway: isStatic ? try address("--gateway", options["--gateway"]) : nil,
      vlan: options["--vlan"] == nil ? nil : vlan,
      dns: try list(options["--dns"]).map { try address("--dns", $0) })
  }

  /// What the options of `proxy configure` say.
  static func proxyParameters(_ invocation: Invocation) throws -> ProxyParameters {
    let options = invocation.options
    let ends = options["--proxy"]?.split(separator: ":", omittingEmptySubsequences: false) ?? []
    guard ends.count == 2, !ends[0].isEmpty, let port = Int(ends[1]), (1...65_535).contains(port)
    else { throw Refusal.usage("--proxy: a proxy as HOST:PORT, such as proxy.example:3128") }
    let file = options["--password-file"]
    guard (options["--user"] == nil) == (file == nil) else {
      throw Refusal.usage("--user and --password-file belong together")
    }
    return ProxyParameters(
      host: String(ends[0]), port: port, user: options["--user"],
      password: try file.map { try SecretInput.firstLine(of: $0) },
      exceptions: list(options["--exceptions"]))
  }

  private static func list(_ text: String?) -> [String] {
    text?.split(separator: ",").map { String($0.filter { $0 != " " }) } ?? []
  }

  private static func address(_ option: String, _ text: String?) throws -> String {
    guard let text, let address = IPv4Address(text) else {
      throw Refusal.usage("\(option): an IPv4 address is needed, such as 203.0.113.1")
    }
    return address.description
  }

  private static func prefix(_ option: String, _ invocation: Invocation) throws -> String {
    guard let text = invocation.options[option], let prefix = IPv4Prefix(text) else {
      throw Refusal.usage("\(option): an address with its length, such as 203.0.113.2/24")
    }
    return prefix.description
  }
}

/// Sends a request, and prints what the supervisor says, or `words` where it says nothing.
func tell(
  _ invocation: Invocation, _ request: ControlRequest, else words: String,
  patience: Interval = .seconds(60)
) throws {
  let client = ControlClient(runDirectory: invocation.runDirectory)
  let answer = try client.ask(request, patience: patience)
  if invocation.isJSON { return try printJSON(answer) }
  print(answer.text.isEmpty ? words : answer.text)
}
