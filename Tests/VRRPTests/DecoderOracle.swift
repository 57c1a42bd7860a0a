import VRRP
import Wire

/// What must hold for any octets that a decoder is given; used by the fuzz targets and by the tests
/// that replay their corpus. A trap is found by itself, so these look at what was accepted.
enum DecoderOracle {
  /// A packet of protocol 112 as it arrives, and the advert in it alone with its checksum put right,
  /// as no fuzzer guesses one. The first octet chooses.
  ///
  /// - Returns: what is wrong; nil when nothing is.
  static func advertisement(_ octets: [UInt8]) -> String? {
    guard let choice = octets.first else { return nil }
    let rest = octets.dropFirst()
    let isIPv6 = choice & 2 != 0
    if choice & 1 == 0 { return packet(rest, isIPv6 ? .ipv6 : .ipv4) }
    let source: IPAddress =
      isIPv6 ? .v6(IPv6Address(high: 0xfe80 << 48, low: 7)) : .v4(IPv4Address(10, 0, 0, 7))
    let group: IPAddress =
      isIPv6 ? .v6(IPv6Address(high: 0xff02 << 48, low: 0x12)) : .v4(IPv4Address(224, 0, 0, 18))
    return message(repaired(Array(rest), isIPv6 ? (source, group) : nil), source, group)
  }

  /// The clear text of a heartbeat: what is read is written and read again alike.
  static func heartbeat(_ octets: [UInt8]) -> String? {
    var reader = ByteReader(octets)
    // Refusing is right for most octets.
    guard let header = try? HeartbeatHeader(from: &reader),
      let heartbeat = try? Heartbeat(from: &reader)
    else { return nil }
    let again = try? Heartbeat(decoding: heartbeat.encoded)
    // A text may be longer than what is written, and is cut.
    if again?.encoded != heartbeat.encoded { return "a heartbeat changes when it is written" }
    if (try? HeartbeatHeader(decoding: header.encoded)) != header {
      return "a header changes when it is written"
    }
    let isBounded =
      heartbeat.links.count <= Limits.heartbeatList
      && heartbeat.faults.count <= Limits.heartbeatList
      && heartbeat.echoes.count <= Limits.heartbeatList
      && heartbeat.addresses.count <= Limits.heartbeatList
    if !isBounded { return "a list longer than its limit" }
    let patience = heartbeat.patience
    return patience >= Limits.heartbeatDead && patience <= Limits.patience
      ? nil : "a patience of \(patience)"
  }

  private static func packet(_ octets: ArraySlice<UInt8>, _ family: AddressFamily) -> String? {
    // Refusing is right for most octets.
    guard let packet = try? AdvertisementPacket(parsing: octets, family) else { return nil }
    if packet.message.count > octets.count - 20 { return "a message outside of the packet" }
    if let trailer = packet.trailer {
      var writer = ByteWriter(capacity: AdvertisementTrailer.count)
      trailer.write(into: &writer)
      let again = try? AdvertisementTrailer(parsing: writer.bytes[...])
      if again != trailer { return "a trailer changes when it is written" }
    }
    return message(packet.message, packet.source, packet.destination)
  }

  private static func message(
    _ octets: [UInt8], _ source: IPAddress, _ destination: IPAddress
  ) -> String? {
    func read(_ octets: [UInt8]) -> Advertisement? {
      try? Advertisement(parsing: octets[...], source: source, destination: destination)
    }
    guard let advert = read(octets) else { return nil }
    if advert.addresses.isEmpty || advert.addresses.count > Limits.addresses {
      return "\(advert.addresses.count) addresses"
    }
    if advert.intervalCentiseconds == 0 { return "interval 0" }
    var writer = ByteWriter(capacity: octets.count)
    advert.write(into: &writer, source: source, destination: destination)
    return read(writer.bytes) == advert ? nil : "an advert changes when it is written: \(advert)"
  }

  /// The message with the checksum that it should have.
  private static func repaired(
    _ octets: [UInt8], _ pseudo: (source: IPAddress, destination: IPAddress)?
  ) -> [UInt8] {
    guard octets.count >= 8 else { return octets }
    var message = octets
    (message[6], message[7]) = (0, 0)
    var sum = InternetChecksum()
    if let pseudo {
      sum.add(pseudo.source.octets)
      sum.add(pseudo.destination.octets)
      sum.add(UInt16(Advertisement.protocolNumber))
      sum.add(UInt16(message.count))
    }
    sum.add(message)
    (message[6], message[7]) = (UInt8(sum.value >> 8), UInt8(sum.value & 0xff))
    return message
  }
}
