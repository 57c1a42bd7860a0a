import JSON
public import Wire

/// `lan[].dhcp`: how hosts of a LAN get their addresses.
public enum DHCPSettings: Hashable, Sendable {
  /// The gateway hands addresses out.
  case server(DHCPServerSettings)
  /// Questions are passed on to these servers, 1…4, which know the LAN by the gateway's address.
  case relay([IPv4Address])

  /// Numbers that bound a LAN.
  enum Limits {
    /// Addresses of a range.
    static let addresses: UInt32 = 4_096
    /// Addresses of the ranges and reservations of all LANs: as many leases a node remembers.
    static let allAddresses = 8_192
    static let reservations = 256
    static let options = 16
    /// Servers of a relay, name servers, and addresses of an option.
    static let servers = 4
    /// A minute to a year.
    static let leaseSeconds: ClosedRange<Int> = 60...31_536_000
  }

  private enum Mode: String, CaseIterable { case server, relay }

  init?(reading value: JSONValue, path: String, _ problems: ProblemList) {
    let isRelay = value["mode"]?.string == Mode.relay.rawValue
    let keys = isRelay ? ["mode", "servers"] : DHCPServerSettings.keys
    guard let section = Section(value, path: path, keys: keys, problems) else { return nil }
    let mode: Mode = section.word("mode")
    guard mode == .relay else {
      self = .server(DHCPServerSettings(reading: section))
      return
    }
    self = .relay(
      section.list("servers", nonEmpty: true, limit: Limits.servers) { value, path in
        section.address(value, path)
      })
  }

  var json: JSONValue {
    switch self {
    case .server(let server): server.json
    case .relay(let servers):
      .object([
        .init("mode", .string(Mode.relay.rawValue)),
        .init("servers", .array(servers.map { .text($0) })),
      ])
    }
  }
}

/// `lan[].dhcp` with mode `server`.
public struct DHCPServerSettings: Hashable, Sendable {
  /// A host that always gets the same address.
  public struct Reservation: Hashable, Sendable {
    /// Its Ethernet address.
    public let mac: MACAddress
    /// The address, in the LAN's network.
    public let address: IPv4Address
    /// A host name label that the gateway resolves; nil: none.
    public let name: String?
  }

  /// A further option of the answers.
  public struct Option: Hashable, Sendable {
    /// What an option holds.
    public enum Value: Hashable, Sendable {
      /// 1…4 addresses.
      case addresses([IPv4Address])
      /// A name or URL, without anything that a helper program could take for syntax.
      case text(String)
    }

    /// Its number (RFC 2132).
    public let code: UInt8
    /// What it holds.
    public let value: Value
  }

  /// The first address that is handed out.
  public let from: IPv4Address
  /// The last one.
  public let to: IPv4Address
  /// How long an address is lent for, 60…31 536 000 seconds.
  public let leaseSeconds: Int
  /// The name servers that hosts are told; empty: the gateway itself.
  public let dns: [IPv4Address]
  /// The domain that hosts are told; nil: none.
  public let domain: String?
  /// Hosts with an address of their own.
  public let reservations: [Reservation]
  /// Further options, each code once.
  public let options: [Option]

  static let keys = [
    "mode", "from", "to", "leaseSeconds", "dns", "domain", "reservations", "options",
  ]

  init(reading section: Section) {
    from = section.address("from")
    to = section.address("to")
    leaseSeconds = section.integer(
      "leaseSeconds", in: DHCPSettings.Limits.leaseSeconds, default: 43_200)
    dns = section.list("dns", default: [], limit: DHCPSettings.Limits.servers) { value, path in
      section.address(value, path)
    }
    domain = section.optionalString("domain", "a domain name such as branch.example") {
      Text.isHost($0)
    }
    reservations = section.list(
      "reservations", default: [], limit: DHCPSettings.Limits.reservations
    ) { value, path in Reservation(reading: value, path, section.problems) }
    options = section.list("options", default: [], limit: DHCPSettings.Limits.options) {
      value, path in Option(reading: value, path, section.problems)
    }
  }

  var json: JSONValue {
    .object([
      .init("mode", .string("server")), .init("from", .text(from)), .init("to", .text(to)),
      .init("leaseSeconds", .integer(leaseSeconds)),
      .init("dns", .array(dns.map { .text($0) })), .init("domain", .text(domain)),
      .init("reservations", .array(reservations.map(\.json))),
      .init("options", .array(options.map(\.json))),
    ])
  }
}

extension DHCPServerSettings.Reservation {
  init?(reading value: JSONValue, _ path: String, _ problems: ProblemList) {
    guard
      let section = Section(value, path: path, keys: ["mac", "address", "name"], problems)
    else { return nil }
    mac = section.read("mac", Section.hostMACRule, standIn: MACAddress(0), Section.hostMAC)
    address = section.address("address")
    name = section.optionalString("name", "a host name label of 1…63 letters, digits or '-'") {
      Text.isLabel($0)
    }
    if let name, Self.isTime(name) {
      problems.add(
        section.join("name"),
        "'\(name)' would be taken for the time of a lease; use another name")
    }
  }

  /// Whether the server would read a name as the time of a lease, or as a host to leave alone.
  private static func isTime(_ name: String) -> Bool {
    let word = name.lowercased()
    if word == "ignore" || word == "infinite" { return true }
    let hasUnit = word.last.map { "wdhms".contains($0) } ?? false
    let digits = hasUnit ? word.dropLast() : word[...]
    return !digits.isEmpty && digits.utf8.allSatisfy { (0x30...0x39).contains($0) }
  }

  var json: JSONValue {
    .object([
      .init("mac", .text(mac)), .init("address", .text(address)), .init("name", .text(name)),
    ])
  }
}

extension DHCPServerSettings.Option {
  /// What may be given as addresses: name, time, log and boot servers, and what is for sites.
  private static let addressCodes: Set<UInt8> =
    Set([4, 5, 7, 9, 41, 42, 44, 45, 69, 70, 71, 72, 150] + (224...248) + [250, 251, 253, 254])
  /// TFTP server name, boot file, captive portal, proxy configuration.
  private static let textCodes: Set<UInt8> = [66, 67, 114, 252]

  init?(reading value: JSONValue, _ path: String, _ problems: ProblemList) {
    let keys = ["code", "addresses", "text"]
    guard let section = Section(value, path: path, keys: keys, problems) else { return nil }
    code = section.integer("code", in: 1...254)
    guard section.optional("text") == nil else {
      self.value = .text(
        section.string("text", "a name or URL of letters, digits and any of ._/:?=&%~-") {
          Self.isHarmless($0)
        })
      if section.optional("addresses") != nil {
        problems.add(section.join("addresses"), "an option has text or addresses; keep one")
      }
      check(section, Self.textCodes, "text")
      return
    }
    self.value = .addresses(
      section.list("addresses", nonEmpty: true, limit: DHCPSettings.Limits.servers) {
        value, path in section.address(value, path)
      })
    check(section, Self.addressCodes, "addresses")
  }

  private func check(_ section: Section, _ codes: Set<UInt8>, _ kind: String) {
    guard section.problems.isClean(section.join("code")), !codes.contains(code) else { return }
    let known = codes.sorted().map { "\($0)" }.joined(separator: ", ")
    section.problems.add(
      section.join("code"), "\(code) is no option with \(kind) that can be set; these can: \(known)"
    )
  }

  /// Octets in hexadecimal with colons would be taken for binary; a colon comes with slashes only.
  private static func isHarmless(_ text: String) -> Bool {
    let marks = Array("._/:?=&%~-".utf8)
    return (1...200).contains(text.utf8.count) && text.utf8.contains { $0 >= UInt8(ascii: "A") }
      && text.utf8.allSatisfy { (isWordOctet($0) && $0 != UInt8(ascii: "_")) || marks.contains($0) }
      && (!text.contains(":") || text.contains("://"))
  }

  var json: JSONValue {
    switch value {
    case .addresses(let addresses):
      .object([
        .init("code", .integer(code)), .init("addresses", .array(addresses.map { .text($0) })),
      ])
    case .text(let text): .object([.init("code", .integer(code)), .init("text", .string(text))])
    }
  }
}
