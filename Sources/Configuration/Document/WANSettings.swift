import JSON
public import Wire

/// `wan`: the way out.
public struct WANSettings: Hashable, Sendable {
  /// Where the address comes from.
  public enum Mode: String, Hashable, Sendable, CaseIterable {
    /// From a DHCP server; `address` and `gateway` are nil.
    case dhcp
    /// From the document; `address` and `gateway` are set.
    case `static`
  }

  /// The port.
  public let port: String
  /// Where the address comes from.
  public let mode: Mode
  /// This node's address and network.
  public let address: IPv4Prefix?
  /// This node's IPv6 address and network; nil: none.
  public let address6: IPv6Prefix?
  /// The default router, in the network of ``address``.
  public let gateway: IPv4Address?
  /// The default router of IPv6, link-local or in the network of ``address6``; nil: none.
  public let gateway6: IPv6Address?
  /// 802.1Q identifier 1…4094, nil: untagged.
  public let vlan: UInt16?
  /// Name servers, in order of preference.
  public let dns: [IPv4Address]
  /// The web proxy on the way to the portal.
  public let proxy: ProxySettings?
  /// A second network on the port.
  public let subinterface: Subinterface?

  /// A tagged network besides the port's own.
  public struct Subinterface: Hashable, Sendable {
    /// 802.1Q identifier 1…4094.
    public let vlan: UInt16
    /// This node's address and network.
    public let address: IPv4Prefix
  }

  /// The interface that carries the address: the port, or `PORT.VLAN`.
  public var interface: String { interfaceName(port, vlan) }

  static let keys = [
    "port", "mode", "address", "address6", "gateway", "gateway6", "vlan", "dns", "proxy",
    "subinterface",
  ]

  /// Without a section every value is a stand-in.
  init(reading section: Section?) {
    port = section?.string("port", "the name of a port") { !$0.isEmpty } ?? ""
    mode = section?.word("mode") ?? .dhcp
    address = section?.readOptional("address", Section.prefixRule, Section.prefix)
    address6 = section?.readOptional("address6", Section.prefix6Rule, Section.prefix6)
    gateway = section?.readOptional("gateway", Section.addressRule, Section.address)
    gateway6 = section?.readOptional("gateway6", Section.address6Rule, Section.address6)
    vlan = section?.optionalInteger("vlan", in: 1...4094)
    dns = section?.list("dns", of: Section.addressRule, default: [], Section.address) ?? []
    proxy = section?.optionalSection("proxy", keys: ProxySettings.keys).map {
      ProxySettings(reading: $0)
    }
    subinterface = section?.optionalSection("subinterface", keys: ["vlan", "address"]).map {
      Subinterface(vlan: $0.integer("vlan", in: 1...4094), address: $0.prefix("address"))
    }
  }

  func json(_ form: DocumentForm) -> JSONValue {
    let second = subinterface.map { subinterface in
      JSONValue.object(
        [.init("vlan", .integer(subinterface.vlan))]
          + form.own("address", .text(subinterface.address)))
    }
    return .object(
      [.init("port", .string(port)), .init("mode", .string(mode.rawValue))]
        + form.own("address", .text(address))
        + (address6.map { form.own("address6", .text($0)) } ?? [])
        + [.init("gateway", .text(gateway))]
        + (gateway6.map { [.init("gateway6", .text($0))] } ?? [])
        + [
          .init("vlan", vlan.map { .integer($0) } ?? .null),
          .init("dns", .array(dns.map { .text($0) })),
          .init("proxy", proxy?.json(form) ?? .null), .init("subinterface", second ?? .null),
        ])
  }
}

/// `wan.proxy`: an HTTP proxy.
public struct ProxySettings: Hashable, Sendable {
  /// Name or address.
  public let host: String
  /// TCP port 1…65535.
  public let port: UInt16
  /// User name, nil: none.
  public let user: String?
  /// Its password, nil: none.
  public let password: Secret?
  /// Names and addresses that are reached directly.
  public let exceptions: [String]

  static let keys = ["host", "port", "user", "password", "exceptions"]

  init(reading section: Section) {
    host = section.string("host", "a host name or address") { Text.isHost($0) }
    port = section.integer("port", in: 1...65535)
    user = section.optionalString("user", "1…128 printable ASCII characters") {
      (1...128).contains($0.utf8.count) && Text.isPrintable($0)
    }
    let password = section.readOptional("password", "a text") {
      if case .string(let text) = $0 { text } else { nil }
    }
    self.password = password.map { Secret($0) }
    exceptions = section.list("exceptions", of: "a host name or address", default: []) {
      Section.string($0) { Text.isHost($0) }
    }
  }

  func json(_ form: DocumentForm) -> JSONValue {
    .object([
      .init("host", .string(host)), .init("port", .integer(port)), .init("user", .text(user)),
      .init("password", form.secret(password)),
      .init("exceptions", .array(exceptions.map { .string($0) })),
    ])
  }
}

/// `lan[]`: one network inside.
public struct LANSettings: Hashable, Sendable {
  /// The port.
  public let port: String
  /// 802.1Q identifier 1…4094, nil: untagged.
  public let vlan: UInt16?
  /// This node's address and network.
  public let address: IPv4Prefix
  /// This node's IPv6 address and network; nil: none.
  public let address6: IPv6Prefix?
  /// How hosts get their addresses; nil: not from the gateway.
  public let dhcp: DHCPSettings?
  /// Whether hosts reach each other through the policy alone; nil: they are neighbours.
  public let isolation: LANIsolation?

  /// The interface that carries the address: the port, or `PORT.VLAN`.
  public var interface: String { interfaceName(port, vlan) }

  static let keys = ["port", "vlan", "address", "address6", "dhcp", "isolation"]

  /// Without a section every value is a stand-in.
  init(reading section: Section?) {
    port = section?.string("port", "the name of a port") { !$0.isEmpty } ?? ""
    vlan = section?.optionalInteger("vlan", in: 1...4094)
    address = section?.prefix("address") ?? IPv4Prefix(IPv4Address(0), length: 0)
    address6 = section?.readOptional("address6", Section.prefix6Rule, Section.prefix6)
    dhcp = section.flatMap { section in
      section.optional("dhcp").flatMap {
        DHCPSettings(reading: $0, path: section.join("dhcp"), section.problems)
      }
    }
    isolation = LANIsolation(
      reading: section?.optionalSection("isolation", keys: LANIsolation.keys))
  }

  func json(_ form: DocumentForm) -> JSONValue {
    .object(
      [.init("port", .string(port)), .init("vlan", vlan.map { .integer($0) } ?? .null)]
        + form.own("address", .text(address))
        + (address6.map { form.own("address6", .text($0)) } ?? [])
        + [.init("dhcp", dhcp?.json ?? .null)]
        + (isolation.map { [.init("isolation", $0.json)] } ?? []))
  }
}

/// The name of the interface for a port and its optional VLAN.
func interfaceName(_ port: String, _ vlan: UInt16?) -> String {
  vlan.map { "\(port).\($0)" } ?? port
}
