import JSON
public import Wire

/// `routes[]`: a network behind a router of ours.
public struct StaticRoute: Hashable, Sendable {
  /// The network, without host bits.
  public let to: IPPrefix
  /// The router, on a LAN or WAN network, of the same family.
  public let via: IPAddress

  init(reading section: Section) {
    let nowhere = IPv4Address(0)
    to = section.read(
      "to", Section.anyNetworkRule, standIn: .v4(IPv4Prefix(nowhere, length: 0)),
      Section.anyNetwork)
    via = section.read(
      "via", Section.anyAddressRule, standIn: .v4(nowhere), Section.anyAddress)
  }

  var json: JSONValue { .object([.init("to", .text(to)), .init("via", .text(via))]) }
}

/// `nat.source[]`: packets from a network leave with another source address.
public struct SourceNAT: Hashable, Sendable {
  /// What the source address becomes.
  public enum Target: Hashable, Sendable {
    /// This address, of the network's family; in a pair a virtual one.
    case address(IPAddress)
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
  public let from: IPPrefix
  /// What the source address becomes.
  public let to: Target
  /// What happens to the source port.
  public let ports: Ports

  static let keys = ["from", "to", "ports"]

  init(reading section: Section) {
    from = section.read(
      "from", Section.anyNetworkRule, standIn: .v4(IPv4Prefix(IPv4Address(0), length: 0)),
      Section.anyNetwork)
    let rule = "\(Section.anyAddressRule), or \"masquerade\""
    to = section.read("to", rule, standIn: .masquerade) {
      $0 == .string("masquerade") ? .masquerade : Section.anyAddress($0).map { .address($0) }
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
