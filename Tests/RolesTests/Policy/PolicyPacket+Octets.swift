import Policy
import Wire

extension PolicyPacket {
  /// The first packet of a connection as it arrives at a router.
  ///
  /// - Parameters:
  ///   - way: what the router is to choose the way out by: the six bits of the DSCP field (RFC 2474).
  ///   - sourcePort: of protocols with ports, and the identifier of an echo request.
  ///   - hasOptions: whether something stands between the IP header and the rest.
  func octets(way: UInt8, sourcePort: UInt16, hasOptions: Bool) -> [UInt8] {
    let payload = transportOctets(sourcePort)
    return source.family == .ipv4
      ? ipv4(payload, way, hasOptions) : ipv6(payload, way, hasOptions)
  }

  /// What follows IP, with its checksum: a router leaves it alone.
  func transportOctets(_ sourcePort: UInt16) -> [UInt8] {
    var writer = ByteWriter(capacity: 64)
    var checksumOffset: Int?
    let isEcho = protocolNumber == (source.family == .ipv4 ? 1 : 58)
    switch protocolNumber {
    case _ where isEcho:
      writer.octets([protocolNumber == 1 ? 8 : 128, 0, 0, 0])
      writer.uint16(sourcePort)
      writer.uint16(port)
      checksumOffset = 2
    case 6:
      writePorts(sourcePort, into: &writer)
      // Sequence number, acknowledgement, 5 words, SYN, window, checksum, urgent pointer.
      writer.octets([0, 0, 0, 1, 0, 0, 0, 0, 0x50, 0x02, 0x20, 0, 0, 0, 0, 0])
      checksumOffset = 16
    case 17:
      writePorts(sourcePort, into: &writer)
      writer.octets([0, 12, 0, 0, 0x7a, 0x74, 0x62, 0x21])
      checksumOffset = 6
    case 132:
      writePorts(sourcePort, into: &writer)
      // Tag 0, no checksum, then INIT (RFC 9260 3.3.2).
      writer.octets([0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 20, 0, 0, 0, 9])
      writer.octets([0, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 7])
    // No key, Ethernet type of IPv4 (RFC 2784), and nothing.
    case 47: writer.octets([0, 0, 8, 0])
    case 50: writer.octets([0, 0, 1, 0, 0, 0, 0, 1, 1, 2, 3, 4])
    default: writer.octets([9, 9])
    }
    if let checksumOffset {
      let sum = checksum(writer.bytes, withAddresses: protocolNumber != 1)
      writer.patch16(sum, at: checksumOffset)
    }
    return writer.bytes
  }

  /// Whether octets that left a router are this packet, translated as it says and not otherwise.
  func isPacket(_ octets: [UInt8], sourcePort: UInt16) -> Bool {
    var end = transportOctets(sourcePort)
    var tail = Array(octets.suffix(end.count))
    let place = source.family == .ipv4 ? 12 : 8
    guard tail.count == end.count, octets.count >= place + (place == 12 ? 8 : 32) else {
      return false
    }
    if protocolNumber == 132 {
      // A translated one has got the checksum that it was made without.
      end.replaceSubrange(8..<12, with: [0, 0, 0, 0])
      tail.replaceSubrange(8..<12, with: [0, 0, 0, 0])
    }
    let ends = source.octets + destination.octets
    return tail == end && Array(octets[place..<place + ends.count]) == ends
  }

  private func writePorts(_ sourcePort: UInt16, into writer: inout ByteWriter) {
    writer.uint16(sourcePort)
    writer.uint16(port)
  }

  private func checksum(_ octets: [UInt8], withAddresses: Bool) -> UInt16 {
    var sum = InternetChecksum()
    if withAddresses {
      sum.add(source.octets)
      sum.add(destination.octets)
      sum.add(UInt16(protocolNumber))
      sum.add(UInt16(octets.count))
    }
    sum.add(octets)
    return sum.value
  }

  private func ipv4(_ payload: [UInt8], _ way: UInt8, _ hasOptions: Bool) -> [UInt8] {
    // Four times "no operation" (RFC 791 3.1).
    let options: [UInt8] = hasOptions ? [1, 1, 1, 1] : []
    var writer = ByteWriter(capacity: 96)
    writer.octets([hasOptions ? 0x46 : 0x45, way << 2])
    writer.uint16(UInt16(20 + options.count + payload.count))
    writer.octets([0, 0, 0, 0, 64, protocolNumber, 0, 0])
    writer.octets(source.octets)
    writer.octets(destination.octets)
    writer.octets(options)
    var sum = InternetChecksum()
    sum.add(writer.bytes)
    writer.patch16(sum.value, at: 10)
    writer.octets(payload)
    return writer.bytes
  }

  private func ipv6(_ payload: [UInt8], _ way: UInt8, _ hasOptions: Bool) -> [UInt8] {
    // Destination options (RFC 8200 4.6): padding alone.
    let options: [UInt8] = hasOptions ? [protocolNumber, 0, 1, 4, 0, 0, 0, 0] : []
    var writer = ByteWriter(capacity: 96)
    writer.uint32(6 << 28 | UInt32(way) << 22)
    writer.uint16(UInt16(options.count + payload.count))
    writer.octets([hasOptions ? 60 : protocolNumber, 64])
    writer.octets(source.octets)
    writer.octets(destination.octets)
    writer.octets(options + payload)
    return writer.bytes
  }
}
