public import Wire

/// Complete Ethernet frames with the virtual MAC as source.
///
/// They leave through the port itself, so that the last advert can follow after the virtual
/// interface is down. The frame source is the virtual MAC to keep learning switches right
/// (RFC 9568 7.2).
public enum Frame {
  /// The Ethernet group of the adverts of a family: 01:00:5e:00:00:12 or 33:33:00:00:00:12.
  public static func groupMAC(_ family: AddressFamily) -> MACAddress {
    switch family {
    case .ipv4: MACAddress(0x0100_5e00_0012)
    case .ipv6: MACAddress(0x3333_0000_0012)
    }
  }

  /// `message`, an advert of `virtualRouter` as ``VirtualRouter`` writes it, to the group.
  public static func advertisement(
    _ message: [UInt8], virtualRouter: UInt8, source: IPAddress
  ) -> [UInt8] {
    let family = source.family
    var writer = ByteWriter(capacity: 64 + message.count)
    ethernet(
      into: &writer, to: groupMAC(family), from: .virtualRouter(family, virtualRouter), family)
    switch (source, Advertisement.group(family)) {
    case (.v4(let source), .v4(let group)):
      IPv4Datagram.writeHeader(
        into: &writer, source: source, destination: group,
        protocolNumber: Advertisement.protocolNumber, payloadCount: message.count)
    case (.v6(let source), .v6(let group)):
      IPv6Datagram.writeHeader(
        into: &writer, source: source, destination: group,
        protocolNumber: Advertisement.protocolNumber, trafficClass: 0xc0,
        payloadCount: message.count)
    case (.v4, .v6), (.v6, .v4): preconditionFailure("a group has the family of its sender")
    }
    writer.octets(message)
    return writer.bytes
  }

  /// What tells the neighbours where `address` is now: a gratuitous ARP request (RFC 9568 8.1.2) or
  /// an unsolicited neighbour advertisement (8.2.2), which says Router when the node forwards.
  public static func announcement(
    of address: IPAddress, virtualRouter: UInt8, isRouter: Bool = true
  ) -> [UInt8] {
    switch address {
    case .v4(let address): gratuitousARP(of: address, .virtualRouterIPv4(virtualRouter))
    case .v6(let address):
      neighborAdvertisement(of: address, .virtualRouterIPv6(virtualRouter), isRouter: isRouter)
    }
  }

  /// Errata 7947 and 7949: sender and target address are the virtual one, the sender is the virtual
  /// MAC.
  private static func gratuitousARP(of address: IPv4Address, _ mac: MACAddress) -> [UInt8] {
    var writer = ByteWriter(capacity: 64)
    ethernet(into: &writer, to: .broadcast, from: mac, type: 0x0806)
    writer.uint16(1)
    writer.uint16(0x0800)
    writer.uint8(6)
    writer.uint8(4)
    writer.uint16(1)
    writer.octets(mac.octets)
    writer.uint32(address.value)
    writer.octets(MACAddress.broadcast.octets)
    writer.uint32(address.value)
    return writer.bytes
  }

  /// RFC 4861 4.4: Override, not Solicited, with the virtual MAC as target link-layer address, to
  /// all nodes.
  private static func neighborAdvertisement(
    of address: IPv6Address, _ mac: MACAddress, isRouter: Bool
  ) -> [UInt8] {
    let everybody = IPv6Address(high: 0xff02 << 48, low: 1)
    var message = ByteWriter(capacity: 32)
    message.uint8(136)
    message.uint8(0)
    message.uint16(0)
    message.uint32((isRouter ? 0x8000_0000 : 0) | 0x2000_0000)
    address.write(into: &message)
    message.uint8(2)
    message.uint8(1)
    message.octets(mac.octets)
    var sum = InternetChecksum()
    sum.add(address.octets)
    sum.add(everybody.octets)
    sum.add(58)
    sum.add(UInt16(message.count))
    sum.add(message.bytes)
    message.patch16(sum.value, at: 2)
    var writer = ByteWriter(capacity: 96)
    ethernet(into: &writer, to: MACAddress(0x3333_0000_0001), from: mac, .ipv6)
    IPv6Datagram.writeHeader(
      into: &writer, source: address, destination: everybody, protocolNumber: 58,
      trafficClass: 0, payloadCount: message.count)
    writer.octets(message.bytes)
    return writer.bytes
  }

  private static func ethernet(
    into writer: inout ByteWriter, to: MACAddress, from: MACAddress, _ family: AddressFamily
  ) {
    ethernet(into: &writer, to: to, from: from, type: family == .ipv4 ? 0x0800 : 0x86dd)
  }

  private static func ethernet(
    into writer: inout ByteWriter, to: MACAddress, from: MACAddress, type: UInt16
  ) {
    writer.octets(to.octets)
    writer.octets(from.octets)
    writer.uint16(type)
  }
}
