public import Wire

/// An IPv4 packet as a packet socket delivers it: header and payload, without link header.
///
/// The kernel has not looked at such a packet, so everything that VRRP relies on is checked here.
public struct IPv4Datagram: Sendable {
  /// The sender.
  public let source: IPv4Address
  /// The receiver or group.
  public let destination: IPv4Address
  /// Time to live as received.
  public let timeToLive: UInt8
  /// The protocol of the payload.
  public let protocolNumber: UInt8
  /// What the total length covers; link padding is cut off.
  public let payload: ArraySlice<UInt8>

  /// Reads one packet.
  ///
  /// - Throws: the drop reason for short packets, options, fragments and wrong checksums.
  public init(parsing octets: ArraySlice<UInt8>) throws(AdvertisementDrop) {
    var reader = ByteReader(octets)
    do {
      let first = try reader.uint8()
      guard first == 0x45 else { throw AdvertisementDrop.header(first) }
      _ = try reader.uint8()
      let total = Int(try reader.uint16())
      _ = try reader.uint16()
      let fragment = try reader.uint16()
      timeToLive = try reader.uint8()
      protocolNumber = try reader.uint8()
      _ = try reader.uint16()
      source = IPv4Address(try reader.uint32())
      destination = IPv4Address(try reader.uint32())
      guard fragment & 0x3fff == 0 else { throw AdvertisementDrop.fragment }
      guard total >= 20 else { throw AdvertisementDrop.truncated(count: total) }
      payload = try reader.octets(total - 20)
    } catch let drop as AdvertisementDrop {
      throw drop
    } catch {
      throw .truncated(count: octets.count)
    }
    var sum = InternetChecksum()
    sum.add(octets.prefix(20))
    guard sum.value == 0 else { throw .headerChecksum }
  }

  /// Appends a header for `payload` octets of protocol `protocolNumber`, time to live 255,
  /// class of service 0xc0 (internetwork control), never fragmented.
  static func writeHeader(
    into writer: inout ByteWriter, source: IPv4Address, destination: IPv4Address,
    protocolNumber: UInt8, payloadCount: Int
  ) {
    var header = ByteWriter(capacity: 20)
    header.uint8(0x45)
    header.uint8(0xc0)
    header.uint16(UInt16(20 + payloadCount))
    header.uint16(0)
    header.uint16(0x4000)
    header.uint8(255)
    header.uint8(protocolNumber)
    header.uint16(0)
    header.uint32(source.value)
    header.uint32(destination.value)
    var sum = InternetChecksum()
    sum.add(header.bytes)
    header.patch16(sum.value, at: 10)
    writer.octets(header.bytes)
  }
}
