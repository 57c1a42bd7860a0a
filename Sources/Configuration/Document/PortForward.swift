import JSON
public import Policy
public import Wire

/// `nat.forwards[]`: connections to an address of the gateway go on to a host inside.
public struct PortForward: Hashable, Sendable {
  /// Its name, for people.
  public let id: String
  /// An address of the gateway on a WAN; in a pair a virtual one.
  public let address: IPAddress
  /// A protocol with ports.
  public let transport: TransportProtocol
  /// The ports at ``address``, at most ``portLimit``.
  public let ports: ClosedRange<UInt16>
  /// The host, on a LAN or behind one, of the address's family.
  public let to: IPAddress
  /// The host's port for the first of ``ports``; the others follow.
  public let toPort: UInt16
  /// Whether hosts inside reach the host by ``address``, too.
  public let isHairpin: Bool

  static let keys = ["id", "address", "proto", "port", "to", "toPort", "hairpin"]

  /// Ports of all forwards together, so that a change of the policy stays cheap.
  public static let portLimit = 4096

  init(reading section: Section) {
    let nowhere = IPAddress.v4(IPv4Address(0))
    id = section.string("id", Text.nameRule) { Text.isName($0) }
    address = section.read(
      "address", Section.anyAddressRule, standIn: nowhere, Section.anyAddress)
    let withPorts = TransportProtocol.allCases.filter(\.hasPorts)
    let words = withPorts.map { "\"\($0.name)\"" }.joined(separator: " or ")
    transport = section.read("proto", words, standIn: .tcp) { value in
      withPorts.first { .string($0.name) == value }
    }
    let rule = "a port 1…65535 or a range such as \"8000-8010\", in quotes"
    let ports = section.read("port", rule, standIn: UInt16(1)...1) {
      if case .string(let text) = $0 { Service.Entry.range(text) } else { nil }
    }
    to = section.read("to", Section.anyAddressRule, standIn: nowhere, Section.anyAddress)
    toPort = section.integer("toPort", in: UInt16(1)...65535, default: ports.lowerBound)
    self.ports = ports
    isHairpin = section.flag("hairpin", default: false)
  }

  var json: JSONValue {
    .object([
      .init("id", .string(id)), .init("address", .text(address)),
      .init("proto", .string(transport.name)), .init("port", .string(Service.Entry.text(ports))),
      .init("to", .text(to)), .init("toPort", .integer(toPort)),
      .init("hairpin", .bool(isHairpin)),
    ])
  }

  /// As the compiler has it.
  var inContext: PolicyContext.PortForward {
    PolicyContext.PortForward(
      id: id, address: address, transport: transport, ports: ports, to: to, toPort: toPort,
      isReflected: isHairpin)
  }
}

extension ConfigurationDocument {
  /// One for each network on an interface with a host that is reached by a hairpin. The address is
  /// one that moves with the role, where there is a pair: the answer comes to whoever is active.
  var reflections: [PolicyContext.Translation] {
    let hosts = portForwards.filter(\.isHairpin).map(\.to)
    return forwardingNetworks.flatMap { network in
      AddressFamily.allCases.flatMap { family -> [PolicyContext.Translation] in
        let isNeeded = hosts.contains {
          $0.family == family && interface(towards: $0) == network.interface
        }
        guard isNeeded, let address = insideAddress(family, on: network) else { return [] }
        return networks(family, on: network).map {
          PolicyContext.Translation(
            from: $0, interfaces: [network.interface], to: address, randomPorts: false)
        }
      }
    }
  }

  /// The address that hosts on a network see instead of each other; nil: none that lasts.
  func insideAddress(_ family: AddressFamily, on network: ConnectedNetwork) -> IPAddress? {
    guard let ha else { return network.own(family)?.address }
    return ha.vrrp.routers(on: network.interface).flatMap(\.addresses).first {
      $0.family == family && !$0.isLinkLocal
    }
  }

  /// The network itself and those behind its routers.
  private func networks(_ family: AddressFamily, on network: ConnectedNetwork) -> [IPPrefix] {
    guard let own = network.own(family) else { return [] }
    return [own.network]
      + routes.filter { $0.to.family == family && own.contains($0.via) }.map(\.to)
  }
}
