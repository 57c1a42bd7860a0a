public import Wire

/// A value of a DHCP lease that cannot be used, by the name that the client gives it.
public enum WANLeaseProblem: Error, Hashable, Sendable {
  /// It is not there.
  case missing(name: String)
  /// It is not what its name says, or does not fit the others.
  case malformed(name: String, value: String)
}

extension WANLeaseProblem: CustomStringConvertible {
  /// `lease: router is 10.9.0.1, which cannot be`.
  public var description: String {
    switch self {
    case .missing(let name): "lease: \(name) is missing"
    case .malformed(let name, let value):
      "lease: \(name) is \(value.debugDescription.prefix(80)), which cannot be"
    }
  }
}

/// What the DHCP client on the WAN has to say.
public enum LeaseEvent: String, Hashable, Sendable, CaseIterable {
  /// At the start and when a lease has ended: the interface is to have no address.
  case deconfig
  /// There is a new lease.
  case bound
  /// The lease goes on, perhaps with other values.
  case renew
  /// The server took the lease back; `deconfig` follows.
  case nak
  /// No server has answered so far; it goes on asking.
  case leasefail

  /// The key of its name in ``ControlRequest/lease``.
  public static let key = "event"

  /// The event of a report, nil when it has none that we know.
  public init?(environment: [String: String]) {
    guard let name = environment[LeaseEvent.key] else { return nil }
    self.init(rawValue: name)
  }
}

/// A lease as the DHCP client reports it. The server is not trusted: what is here has been checked.
public struct WANLease: Hashable, Sendable {
  /// Numbers that bound a lease.
  public enum Limits {
    /// Servers of a kind that are used; of name servers the C library asks no more.
    public static let servers = 3
  }

  /// The interface.
  public let interface: String
  /// Our address and network.
  public let address: IPv4Prefix
  /// The default router, in that network; nil: none.
  public let router: IPv4Address?
  /// Name servers in order of preference.
  public let dns: [IPv4Address]
  /// Time servers in order of preference.
  public let timeServers: [IPv4Address]
  /// Seconds that it is good for.
  public let seconds: UInt32
  /// The server; nil when it does not say.
  public let server: IPv4Address?
  /// `HOST:PORT` of the portal, from option 224; nil: none.
  public let portal: String?
  /// What was left out because it cannot be; the lease is usable without it.
  public let problems: [WANLeaseProblem]

  /// Reads the variables of udhcpc's environment: `interface`, `ip`, `mask` or `subnet`, `lease`,
  /// without which there is no lease, and `router`, `dns`, `ntpsrv`, `serverid`, `opt224`, without
  /// which there is.
  public init(environment: [String: String]) throws(WANLeaseProblem) {
    var values = Values(environment)
    interface = try values.required("interface")
    address = try values.prefix()
    guard let seconds = UInt32(try values.required("lease")), seconds > 0 else {
      throw values.malformed("lease")
    }
    self.seconds = seconds
    router = values.router(in: address)
    dns = values.servers("dns")
    timeServers = values.servers("ntpsrv")
    server = values.optional("serverid") { IPv4Address($0) }
    portal = values.optional("opt224") { PortalOption.place(hexadecimal: $0) }
    problems = values.problems
  }

  /// Whether the node works in another way with it than with `other`.
  func differs(from other: WANLease?) -> Bool {
    address != other?.address || router != other?.router || dns != other?.dns
      || timeServers != other?.timeServers
  }
}

/// The variables as they are read, and what was wrong with them.
private struct Values {
  private let environment: [String: String]
  private(set) var problems: [WANLeaseProblem] = []

  init(_ environment: [String: String]) { self.environment = environment }

  func malformed(_ name: String) -> WANLeaseProblem {
    .malformed(name: name, value: environment[name] ?? "")
  }

  func required(_ name: String) throws(WANLeaseProblem) -> String {
    guard let value = environment[name], !value.isEmpty else { throw .missing(name: name) }
    return value
  }

  /// Nil without the variable, and for a value that `read` does not take.
  mutating func optional<Value>(_ name: String, _ read: (String) -> Value?) -> Value? {
    guard let text = environment[name], !text.isEmpty else { return nil }
    let value = read(text)
    if value == nil { problems.append(malformed(name)) }
    return value
  }

  func prefix() throws(WANLeaseProblem) -> IPv4Prefix {
    guard let address = IPv4Address(try required("ip")), address.isHost else {
      throw malformed("ip")
    }
    let prefix = IPv4Prefix(address, length: try length())
    if prefix.length < 31, address == prefix.network.address || address == prefix.broadcast {
      throw malformed("ip")
    }
    return prefix
  }

  /// From `mask`, a number of bits, or from `subnet`, a mask.
  private func length() throws(WANLeaseProblem) -> Int {
    if let bits = environment["mask"], !bits.isEmpty {
      guard let length = Int(bits), (1...32).contains(length) else { throw malformed("mask") }
      return length
    }
    guard let mask = IPv4Address(try required("subnet"))?.value, mask != 0,
      mask.leadingZeroBitCount == 0, (~mask & (~mask &+ 1)) == 0
    else { throw malformed("subnet") }
    return 32 - mask.trailingZeroBitCount
  }

  mutating func router(in network: IPv4Prefix) -> IPv4Address? {
    optional("router") { text in
      // Several are in order of preference.
      guard let first = text.split(separator: " ").first, let router = IPv4Address(first),
        router.isHost, router != network.address, network.contains(router)
      else { return nil }
      return router
    }
  }

  mutating func servers(_ name: String) -> [IPv4Address] {
    let words = (environment[name] ?? "").split(separator: " ")
    let servers = words.compactMap { word in IPv4Address(word).flatMap { $0.isHost ? $0 : nil } }
    if servers.count < words.count { problems.append(malformed(name)) }
    return Array(servers.prefix(WANLease.Limits.servers))
  }
}

extension IPv4Address {
  /// Whether one machine can have it.
  fileprivate var isHost: Bool {
    !isUnspecified && !isLoopback && !isMulticast && value >> 28 != 0xf && value >> 24 != 0
  }
}

/// DHCP option 224: the portal of a network, as text.
enum PortalOption {
  private enum Limits {
    static let defaultPort: UInt16 = 8_443
  }

  /// `HOST:PORT` of an option in hexadecimal, as udhcpc gives it; nil when it is something else (the
  /// number is free for everyone). Taken are `HOST`, `HOST:PORT` and both behind
  /// `https://`.
  static func place(hexadecimal text: String) -> String? {
    var octets: [UInt8] = []
    var rest = text[...]
    while !rest.isEmpty {
      guard rest.utf8.count >= 2, let octet = UInt8(rest.prefix(2), radix: 16) else { return nil }
      octets.append(octet)
      rest = rest.dropFirst(2)
    }
    // Some servers end texts with a zero octet.
    if octets.last == 0 { octets.removeLast() }
    return String(validating: octets, as: UTF8.self).flatMap { place($0) }
  }

  private static func place(_ text: String) -> String? {
    let place = text.hasPrefix("https://") ? text.dropFirst(8) : text[...]
    let parts = place.split(separator: ":", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), HostName.isHost(parts[0]) else { return nil }
    guard parts.count == 2 else { return "\(parts[0]):\(Limits.defaultPort)" }
    guard let port = UInt16(parts[1]), port > 0 else { return nil }
    return "\(parts[0]):\(port)"
  }
}
