public import Wire

/// Why a packet of protocol 112 was not believed; such a packet touches no timer.
public enum AdvertisementDrop: Error, Hashable, Sendable {
  /// Fewer octets than the headers or the address count ask for.
  case truncated(count: Int)
  /// More octets than the address count asks for, and no trailer either.
  case tooLong(count: Int)
  /// Not the header of the family, or an IPv4 one with options.
  case header(UInt8)
  /// The IPv4 header checksum is wrong.
  case headerChecksum
  /// A fragment; adverts are never fragmented.
  case fragment
  /// Not protocol 112; for IPv6 this includes every extension header.
  case protocolNumber(UInt8)
  /// Not sent to where this router listens.
  case destination(IPAddress)
  /// The time to live or hop limit is not 255: it passed a router (RFC 9568 5.1.1.3, 5.1.2.3).
  case timeToLive(UInt8)
  /// Not the router's version.
  case version(UInt8)
  /// Not an advert (RFC 9568 5.2.2).
  case type(UInt8)
  /// Version 2 over IPv6, or addresses of the other family.
  case family(AddressFamily)
  /// No allowed form of the checksum fits (RFC 9568 5.2.8).
  case checksum(UInt16)
  /// No address in the advert (erratum 8299).
  case noAddress
  /// The first IPv6 address is not link-local (erratum 8300).
  case firstAddress(IPAddress)
  /// The interval is zero (erratum 8301).
  case intervalZero
  /// Version 2: not our interval (RFC 3768 7.1), in centiseconds.
  case interval(UInt16)
  /// Another virtual router (RFC 9568 7.1).
  case virtualRouter(UInt8)
  /// The source is not an address that a neighbour can have.
  case source(IPAddress)
  /// The source is outside the port's network.
  case offNetwork(IPAddress)
  /// The source is not among the allowed ones.
  case notAllowed(IPAddress)
  /// Our own advert came back: a loop, or a second node with our address.
  case ownAddress
  /// Version 2: a type of authentication that does not exist any more.
  case authenticationType(UInt8)
  /// Version 2: not our type of authentication, or another password.
  case authentication
  /// The advert has no trailer and has to have one.
  case trailerMissing
  /// The trailer is of another type or its reserved octets are not zero.
  case trailerMalformed
  /// The trailer names a key that we do not have.
  case trailerKey(UInt8)
  /// The trailer does not follow the last one of its sender.
  case trailerReplayed
  /// The trailer's tag is wrong.
  case trailerForged

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
    case .family: "family"
    case .checksum: "checksum"
    case .noAddress: "no-address"
    case .firstAddress: "first-address"
    case .intervalZero: "interval-zero"
    case .interval: "interval"
    case .virtualRouter: "vrid"
    case .source: "source"
    case .offNetwork: "off-network"
    case .notAllowed: "not-allowed"
    case .ownAddress: "own-address"
    case .authenticationType: "auth-type"
    case .authentication: "auth"
    case .trailerMissing: "trailer-missing"
    case .trailerMalformed: "trailer-malformed"
    case .trailerKey: "trailer-key"
    case .trailerReplayed: "trailer-replayed"
    case .trailerForged: "trailer-forged"
    }
  }
}
