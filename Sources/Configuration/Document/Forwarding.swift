import JSON
public import Wire

/// `routes[]`: a network behind a router of ours.
public struct StaticRoute: Hashable, Sendable {
  /// The network, without host bits.
  public let to: IPv4Prefix
  /// The router, on a LAN or WAN network.
  public let via: IPv4Address

  init(reading section: Section) {
    let nowhere = IPv4Prefix(IPv4Address(0), length: 0)
    to = section.read("to", Section.networkRule, standIn: nowhere, Section.network)
    via = section.address("via")
  }

  var json: JSONValue { .object([.init("to", .text(to)), .init("via", .text(via))]) }
}

/// `nat.source[]`: packets from a network leave with another source address.
public struct SourceNAT: Hashable, Sendable {
  /// What the source address becomes.
  public enum Target: Hashable, Sendable {
    /// This address; in a pair a virtual one.
    case address(IPv4Address)
    /// The address of the interface the packet leaves by (`"masquerade"`); only standalone.
    case masquerade
  }

  /// What happens to the source port.
  public enum Ports: String, Hashable, Sendable, CaseIterable {
    /// Kept while it is free.
    case preserve
    /// Chosen anew by the kernel's random generator (`fully-random`).
    case random
  }

  /// The network, without host bits.
  public let from: IPv4Prefix
  /// What the source address becomes.
  public let to: Target
  /// What happens to the source port.
  public let ports: Ports

  static let keys = ["from", "to", "ports"]

  init(reading section: Section) {
    let nowhere = IPv4Prefix(IPv4Address(0), length: 0)
    from = section.read("from", Section.networkRule, standIn: nowhere, Section.network)
    let rule = "\(Section.addressRule), or \"masquerade\""
    to = section.read("to", rule, standIn: .masquerade) {
      $0 == .string("masquerade") ? .masquerade : Section.address($0).map { .address($0) }
    }
    ports = section.word("ports", default: .preserve)
  }

  var json: JSONValue {
    let target: JSONValue =
      switch to {
      case .address(let address): .text(address)
      case .masquerade: .string("masquerade")
      }
    return .object([
      .init("from", .text(from)), .init("to", target), .init("ports", .string(ports.rawValue)),
    ])
  }
}

/// A protocol that announces further connections inside its own.
public enum ConnectionHelper: String, Hashable, Sendable, CaseIterable {
  /// RFC 959, control connection on TCP port 21.
  case ftp
}
