public import Wire

/// A received packet that holds an advert: what its headers say, the advert, and its trailer.
///
/// Everything here was checked without knowing the router that it is for (RFC 9568 7.1);
/// ``VirtualRouter/admit(_:)`` does the rest.
public struct AdvertisementPacket: Hashable, Sendable {
  /// The sender.
  public var source: IPAddress
  /// The receiver or group.
  public var destination: IPAddress
  /// The advert.
  public var advertisement: Advertisement
  /// The authentication trailer behind it, if there is one.
  public var trailer: AdvertisementTrailer?
  /// The octets of the advert, which the trailer's tag covers.
  public var message: [UInt8]

  /// Joins the parts; `message` is needed only where a trailer is to be verified.
  public init(
    source: IPAddress, destination: IPAddress, advertisement: Advertisement,
    trailer: AdvertisementTrailer? = nil, message: [UInt8] = []
  ) {
    self.source = source
    self.destination = destination
    self.advertisement = advertisement
    self.trailer = trailer
    self.message = message
  }

  /// Reads an IP packet of the given family, starting at its IP header.
  public init(
    parsing octets: ArraySlice<UInt8>, _ family: AddressFamily
  ) throws(AdvertisementDrop) {
    let payload: ArraySlice<UInt8>
    let (number, timeToLive): (UInt8, UInt8)
    switch family {
    case .ipv4:
      let datagram = try IPv4Datagram(parsing: octets)
      (source, destination) = (.v4(datagram.source), .v4(datagram.destination))
      (number, timeToLive) = (datagram.protocolNumber, datagram.timeToLive)
      payload = datagram.payload
    case .ipv6:
      let datagram = try IPv6Datagram(parsing: octets)
      (source, destination) = (.v6(datagram.source), .v6(datagram.destination))
      (number, timeToLive) = (datagram.protocolNumber, datagram.hopLimit)
      payload = datagram.payload
    }
    guard number == Advertisement.protocolNumber else { throw .protocolNumber(number) }
    guard timeToLive == 255 else { throw .timeToLive(timeToLive) }
    guard !source.isMulticast, !source.isUnspecified, !source.isLoopback,
      source != .v4(IPv4Address(.max))
    else { throw .source(source) }
    // A trailer is told by the length alone, so the message must say its own first.
    let (_, count) = try Advertisement.shape(of: payload, family)
    let rest = payload.dropFirst(count)
    guard rest.isEmpty || rest.count == AdvertisementTrailer.count else {
      throw .tooLong(count: payload.count)
    }
    let message = payload.prefix(count)
    advertisement = try Advertisement(
      parsing: message, source: source, destination: destination)
    trailer = rest.isEmpty ? nil : try AdvertisementTrailer(parsing: rest)
    self.message = Array(message)
  }
}
