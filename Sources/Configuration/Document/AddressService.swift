import Policy
public import Wire

/// DHCP, and the names that go with it, on one LAN.
///
/// Hosts see one server, whichever node it is: it answers on the device with the virtual MAC, by
/// the virtual address. A node that is alone answers by its own.
public struct AddressService: Hashable, Sendable {
  /// The LAN's interface.
  public let interface: String
  /// Where the server listens.
  public let device: String
  /// What hosts know it by: server identifier, router, name server.
  public let address: IPv4Address
  /// The LAN's network, without host bits.
  public let network: IPv4Prefix
  /// What it does.
  public let settings: DHCPSettings
  /// How its hosts are kept apart; nil: they are neighbours.
  public let isolation: LANIsolation?

  /// Hosts with an address of their own; none where others hand addresses out.
  public var reservations: [DHCPServerSettings.Reservation] {
    if case .server(let server) = settings { server.reservations } else { [] }
  }

  /// Whether hosts are told to ask the gateway for names.
  public var answersNames: Bool {
    guard case .server(let server) = settings else { return false }
    return server.dns.isEmpty || server.dns.contains(address)
  }
}

extension ConfigurationDocument {
  /// The LANs with DHCP, in the document's order.
  public var addressServices: [AddressService] {
    lan.compactMap { lan in
      guard let settings = lan.dhcp else { return nil }
      let router = ha?.vrrp.routers(on: lan.interface).first { $0.family == .ipv4 }
      return AddressService(
        interface: lan.interface, device: router?.device ?? lan.interface,
        address: router?.addresses.first?.v4 ?? lan.address.address, network: lan.address.network,
        settings: settings, isolation: lan.isolation)
    }
  }

  /// Whether the policy has to know who has which address on the LANs: hosts are kept apart, or groups
  /// match them.
  public var needsHosts: Bool {
    policy.matchesHosts || lan.contains { $0.isolation != nil }
  }

  /// The hosts of LANs that have their address from here: those with a reservation, and `leased`. In
  /// order. Names are those of reservations, as a host may call itself anything.
  public func lanHosts(leased: [(mac: MACAddress, address: IPv4Address)]) -> [LANHost] {
    let hosts = addressServices.flatMap { service -> [LANHost] in
      let reserved = service.reservations.map {
        LANHost(
          interface: service.interface, mac: $0.mac, address: $0.address, name: $0.name ?? "")
      }
      let names = Dictionary(reserved.map { ($0.mac, $0.name) }) { first, _ in first }
      let present = leased.filter { service.network.contains($0.address) }.map {
        LANHost(
          interface: service.interface, mac: $0.mac, address: $0.address,
          name: names[$0.mac] ?? "")
      }
      // An address that was reserved for somebody while another has it is that one's for so long.
      let taken = Set(present.map(\.address))
      return present + reserved.filter { !taken.contains($0.address) }
    }
    return Set(hosts).sorted()
  }
}
