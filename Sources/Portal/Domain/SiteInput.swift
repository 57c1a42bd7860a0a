import Configuration
import Wire

/// A site as it was typed, nothing checked. Empty texts: not given.
struct SiteInput: Hashable {
  /// One gateway of it.
  struct GatewayInput: Hashable {
    var name = ""
    var mode = "dhcp"
    var address = ""
    var gateway = ""
    var vlan = ""
    var lanAddress = ""
  }

  /// The web proxy of it.
  struct ProxyInput: Hashable {
    var host = ""
    var port = ""
    var user = ""
    /// Nil: the password that is stored already.
    var password: String?
    var exceptions: [String] = []
  }

  var name = ""
  var templateID: Int64 = 0
  var lanVirtualIP = ""
  var wanVirtualIP = ""
  /// Nil: none.
  var proxy: ProxyInput?
  var timeZone = "UTC"
  var gateways: [GatewayInput] = []

  init() {}

  /// What a site looks like in a form.
  init(_ site: Site, _ gateways: [Gateway]) {
    name = site.name
    templateID = site.templateID
    lanVirtualIP = site.lanVirtualIP?.description ?? ""
    wanVirtualIP = site.wanVirtualIP?.description ?? ""
    proxy = site.proxy.map {
      ProxyInput(
        host: $0.host, port: "\($0.port)", user: $0.user ?? "", password: nil,
        exceptions: $0.exceptions)
    }
    timeZone = site.timeZone
    self.gateways = gateways.map {
      GatewayInput(
        name: $0.name, mode: $0.wanMode.rawValue, address: $0.wanAddress?.description ?? "",
        gateway: $0.wanGateway?.description ?? "", vlan: $0.wanVLAN.map { "\($0)" } ?? "",
        lanAddress: $0.lanAddress.description)
    }
  }
}

/// A site whose values were checked one by one; ``DocumentGenerator`` checks them together.
struct CheckedSite {
  var name: String
  var lanVirtualIP: IPv4Prefix?
  var wanVirtualIP: IPv4Prefix?
  var proxy: SiteProxy?
  var timeZone: String
  var gateways: [CheckedGateway]

  /// One gateway of it.
  struct CheckedGateway {
    var name: String
    var mode: Gateway.Mode
    var address: IPv4Prefix?
    var router: IPv4Address?
    var vlan: UInt16?
    var lanAddress: IPv4Prefix
  }

  /// Throws every problem at once. `stored` gives the password that a form does not show.
  init(_ input: SiteInput, _ template: Template, stored: Site?) throws(PortalError) {
    var check = Checker()
    name = check.name(input.name, at: "name")
    timeZone = check.timeZone(input.timeZone, at: "timeZone")
    proxy = input.proxy.flatMap { check.proxy($0, stored: stored?.proxy) }
    let isPair = template.deployment == .standardModeHA
    if input.gateways.count != template.gatewayCount {
      check.add(
        "gateways",
        isPair
          ? "a \(template.deployment.rawValue) site has exactly two gateways"
          : "a standalone site has one gateway; a pair needs a standard_mode_ha template")
    }
    gateways = []
    for (index, given) in input.gateways.prefix(2).enumerated() {
      let preset = "\(Self.slug(input.name))-gw-0\(index + 1)"
      gateways.append(check.gateway(given, preset: preset, at: "gateways[\(index)]"))
    }
    if isPair {
      lanVirtualIP = check.virtual(
        input.lanVirtualIP, at: "lanVirtualIP", like: gateways.first?.lanAddress)
      if template.isNATEnabled || !input.wanVirtualIP.isEmpty {
        wanVirtualIP = check.virtual(
          input.wanVirtualIP, at: "wanVirtualIP", like: gateways.first?.address)
      }
    } else {
      if !input.lanVirtualIP.isEmpty { check.add("lanVirtualIP", "only a pair has one") }
      if !input.wanVirtualIP.isEmpty { check.add("wanVirtualIP", "only a pair has one") }
    }
    check.pair(gateways, lanVirtualIP, wanVirtualIP)
    try check.finish()
  }

  /// The name of a site as the beginning of a host name.
  static func slug(_ name: String) -> String {
    var text = ""
    for octet in name.lowercased().utf8 {
      let isPlain =
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(octet)
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(octet)
      if isPlain {
        text.unicodeScalars.append(Unicode.Scalar(octet))
      } else if !text.isEmpty, text.last != "-" {
        text.append("-")
      }
    }
    while text.last == "-" { text.removeLast() }
    return text.isEmpty ? "site" : String(text.prefix(56))
  }
}

extension Checker {
  /// The checks of one gateway.
  fileprivate mutating func gateway(
    _ input: SiteInput.GatewayInput, preset: String, at path: String
  ) -> CheckedSite.CheckedGateway {
    let mode = word(input.mode, at: "\(path).wan.mode", Gateway.Mode.self) ?? .dhcp
    var gateway = CheckedSite.CheckedGateway(
      name: label(input.name.isEmpty ? preset : input.name, at: "\(path).name"), mode: mode,
      vlan: vlan(input.vlan, at: "\(path).wan.vlan"),
      lanAddress: host(input.lanAddress, at: "\(path).lanAddress")
        ?? IPv4Prefix(IPv4Address(0), length: 0))
    switch mode {
    case .static:
      gateway.address = host(input.address, at: "\(path).wan.address")
      gateway.router = address(input.gateway, at: "\(path).wan.gateway")
    case .dhcp:
      if !input.address.isEmpty {
        add("\(path).wan.address", "DHCP gives it; leave it out, or use mode static")
      }
      if !input.gateway.isEmpty {
        add("\(path).wan.gateway", "DHCP gives it; leave it out, or use mode static")
      }
    }
    return gateway
  }

  /// An address of a host on a network.
  private mutating func host(_ text: String, at path: String) -> IPv4Prefix? {
    guard let prefix = prefix(text, at: path) else { return nil }
    if !(8...30).contains(prefix.length) {
      add(path, "/\(prefix.length) is not a length in 8…30")
    } else if prefix.address == prefix.network.address || prefix.address == prefix.broadcast {
      add(path, "\(prefix.address) is the network or broadcast address; use one within")
    }
    return prefix
  }

  /// A virtual address; without a length it takes the one of the node's own.
  fileprivate mutating func virtual(
    _ text: String, at path: String, like own: IPv4Prefix?
  ) -> IPv4Prefix? {
    if let address = IPv4Address(text) {
      if let own { return IPv4Prefix(address, length: own.length) }
      add(path, "with DHCP the length of the network is needed, such as \(address)/24")
      return nil
    }
    return host(text, at: path)
  }

  /// What the two nodes and their virtual addresses are to each other.
  fileprivate mutating func pair(
    _ gateways: [CheckedSite.CheckedGateway], _ lan: IPv4Prefix?, _ wan: IPv4Prefix?
  ) {
    guard gateways.count == 2 else { return }
    if gateways[0].name.lowercased() == gateways[1].name.lowercased() {
      add("gateways[1].name", "is the name of gateway 1 too")
    }
    if gateways[0].lanAddress.network != gateways[1].lanAddress.network {
      add("gateways[1].lanAddress", "is not in the network of gateway 1")
    } else if gateways[0].lanAddress == gateways[1].lanAddress {
      add("gateways[1].lanAddress", "is the address of gateway 1 too")
    }
    if let one = gateways[0].address, one == gateways[1].address {
      add("gateways[1].wan.address", "is the address of gateway 1 too")
    }
    if gateways[0].mode != gateways[1].mode {
      add("gateways[1].wan.mode", "both nodes of a pair take their addresses the same way")
    }
    if gateways[0].vlan != gateways[1].vlan {
      add("gateways[1].wan.vlan", "both nodes of a pair are on the same VLAN")
    }
    for node in gateways {
      if let lan { virtual(lan, of: node.lanAddress, at: "lanVirtualIP") }
      if let wan, let own = node.address { virtual(wan, of: own, at: "wanVirtualIP") }
    }
  }

  private mutating func virtual(_ address: IPv4Prefix, of own: IPv4Prefix, at path: String) {
    if !own.contains(address.address) {
      add(path, "\(address.address) is not in \(own.network)")
    } else if own.address == address.address {
      add(path, "\(address.address) is a node's own address; the pair needs a third")
    }
  }

  /// The proxy of a form.
  fileprivate mutating func proxy(
    _ input: SiteInput.ProxyInput, stored: SiteProxy?
  ) -> SiteProxy? {
    let isHost =
      (1...253).contains(input.host.utf8.count)
      && input.host.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != 0x3a && $0 != 0x2f }
    if !isHost { add("proxy.host", "'\(input.host)' is not a host name or address") }
    let port = UInt16(input.port).flatMap { $0 > 0 ? $0 : nil }
    if port == nil { add("proxy.port", "'\(input.port)' is not a port 1…65535") }
    guard isHost, let port else { return nil }
    let user = input.user.isEmpty ? nil : input.user
    // To another place it would be sent to whoever is there.
    let isSame = stored?.host == input.host && stored?.port == port && stored?.user == user
    let kept = isSame ? stored?.password : nil
    return SiteProxy(
      host: input.host, port: port, user: user,
      password: user == nil ? nil : input.password ?? kept, exceptions: input.exceptions)
  }

  /// A name of the time zone database.
  fileprivate mutating func timeZone(_ text: String, at path: String) -> String {
    let isName =
      (1...64).contains(text.utf8.count)
      && text.utf8.allSatisfy { octet in
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(octet | 0x20)
          || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(octet)
          || "/_+-".utf8.contains(octet)
      }
    if !isName { add(path, "'\(text)' is not a time zone such as Europe/Paris") }
    return text
  }
}
