public import Wire

/// Why a packet of protocol 112 was not believed; such a packet touches no timer.
public enum AdvertisementDrop: Error, Hashable, Sendable {
  /// Fewer octets than the headers or the address count ask for.
  case truncated(count: Int)
  /// More octets than the address count asks for.
  case tooLong(count: Int)
  /// Not an IPv4 header, or one with options.
  case header(UInt8)
  /// The IPv4 header checksum is wrong.
  case headerChecksum
  /// A fragment; adverts are never fragmented.
  case fragment
  /// Not protocol 112.
  case protocolNumber(UInt8)
  /// Not sent to 224.0.0.18.
  case destination(IPAddress)
  /// The time to live is not 255: it passed a router (RFC 9568 5.1.1.3).
  case timeToLive(UInt8)
  /// Not VRRP version 3.
  case version(UInt8)
  /// Not an advert (RFC 9568 5.2.2).
  case type(UInt8)
  /// Neither form of the checksum fits (RFC 9568 5.2.8).
  case checksum(UInt16)
  /// No address in the advert (erratum 8299).
  case noAddress
  /// The interval is zero (erratum 8301).
  case intervalZero
  /// Another virtual router (RFC 9568 7.1).
  case virtualRouter(UInt8)
  /// The source is not an address that a neighbour can have.
  case source(IPAddress)
  /// Our own advert came back: a loop, or a second node with our address.
  case ownAddress

  /// The word under which the drop is counted.
  public var name: String {
    switch self {
    case .truncated: "truncated"
    case .tooLong: "too-long"
    case .header: "ip-header"
    case .headerChecksum: "ip-checksum"
    case .fragment: "fragment"
    case .protocolNumber: "protocol"
    case .destination: "destination"
    case .timeToLive: "ttl"
    case .version: "version"
    case .type: "type"
    case .checksum: "checksum"
    case .noAddress: "no-address"
    case .intervalZero: "interval-zero"
    case .virtualRouter: "vrid"
    case .source: "source"
    case .ownAddress: "own-address"
    }
  }
}
