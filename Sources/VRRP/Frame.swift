public import Wire

/// Complete Ethernet frames with the virtual MAC as source.
///
/// They leave through the port itself, so that the last advert can follow after the virtual
/// interface is down. The frame source is the virtual MAC to keep learning switches right
/// (RFC 9568 7.2).
public enum Frame {
  /// 01:00:5e:00:00:12, the group of VRRP for IPv4.
  public static let groupMAC = MACAddress(0x0100_5e00_0012)

  /// `advertisement` from `source` to 224.0.0.18.
  public static func advertisement(
    _ advertisement: Advertisement, source: IPAddress
  ) -> [UInt8] {
    let mac = MACAddress.virtualRouterIPv4(advertisement.virtualRouter)
    var writer = ByteWriter(capacity: 64)
    ethernet(into: &writer, to: groupMAC, from: mac, type: 0x0800)
    IPv4Datagram.writeHeader(
      into: &writer, source: source.v4 ?? IPv4Address(0),
      destination: IPv4Address(224, 0, 0, 18),
      protocolNumber: Advertisement.protocolNumber,
      payloadCount: 8 + 4 * advertisement.addresses.count)
    advertisement.write(into: &writer, source: source)
    return writer.bytes
  }

  /// A gratuitous ARP request for `address` (RFC 9568 8.1.2, errata 7947 and 7949): sender and
  /// target address are the virtual one, the sender is the virtual MAC.
  public static func announcement(of address: IPv4Address, virtualRouter: UInt8) -> [UInt8] {
    let mac = MACAddress.virtualRouterIPv4(virtualRouter)
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

  private static func ethernet(
    into writer: inout ByteWriter, to: MACAddress, from: MACAddress, type: UInt16
  ) {
    writer.octets(to.octets)
    writer.octets(from.octets)
    writer.uint16(type)
  }
}
