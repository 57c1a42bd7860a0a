public import Wire

/// An IPv6 packet as a packet socket delivers it: header and payload, without link header.
///
/// The kernel has not looked at such a packet. Adverts have no extension headers, so that any next
/// header but VRRP is a reason to drop it.
public struct IPv6Datagram: Sendable {
  /// The sender.
  public let source: IPv6Address
  /// The receiver or group.
  public let destination: IPv6Address
  /// Hop limit as received.
  public let hopLimit: UInt8
  /// The protocol of the payload.
  public let protocolNumber: UInt8
  /// What the payload length covers; link padding is cut off.
  public let payload: ArraySlice<UInt8>

  /// Reads one packet.
  ///
  /// - Throws: the drop reason for short packets, another version and fragments.
  public init(parsing octets: ArraySlice<UInt8>) throws(AdvertisementDrop) {
    var reader = ByteReader(octets)
    do {
      let first = try reader.uint32()
      guard first >> 28 == 6 else { throw AdvertisementDrop.header(UInt8(first >> 24)) }
      let count = Int(try reader.uint16())
      protocolNumber = try reader.uint8()
      hopLimit = try reader.uint8()
      source = try IPv6Address(from: &reader)
      destination = try IPv6Address(from: &reader)
      guard protocolNumber != Self.fragmentHeader else { throw AdvertisementDrop.fragment }
      payload = try reader.octets(count)
    } catch let drop as AdvertisementDrop {
      throw drop
    } catch {
      throw .truncated(count: octets.count)
    }
  }

  /// Appends a header for `payloadCount` octets of protocol `protocolNumber`, hop limit 255, the
  /// given traffic class.
  static func writeHeader(
    into writer: inout ByteWriter, source: IPv6Address, destination: IPv6Address,
    protocolNumber: UInt8, trafficClass: UInt8, payloadCount: Int
  ) {
    writer.uint32(6 << 28 | UInt32(trafficClass) << 20)
    writer.uint16(UInt16(payloadCount))
    writer.uint8(protocolNumber)
    writer.uint8(255)
    source.write(into: &writer)
    destination.write(into: &writer)
  }

  private static let fragmentHeader: UInt8 = 44
}
