public import Wire

/// A VRRP advert of version 2 (RFC 3768 5.1, RFC 2338 for the authentication) or 3 (RFC 9568 5.2).
///
/// | offset | octets | version 3 | version 2 |
/// |---|---|---|---|
/// | 0 | 1 | version (high 4 bits), type 1 | the same |
/// | 1 | 1 | virtual router id, 1…255 | the same |
/// | 2 | 1 | priority; 0 = I leave | the same |
/// | 3 | 1 | number of addresses, at least 1 | the same |
/// | 4 | 1 | 4 bits reserved, interval | authentication type |
/// | 5 | 1 | in centiseconds, 1…4095 | interval in seconds, 1…255 |
/// | 6 | 2 | checksum | the same |
/// | 8 | 4·n or 16·n | virtual addresses | IPv4 only |
/// | | 8 | – | authentication data |
public struct Advertisement: Hashable, Sendable {
  /// The IP protocol of VRRP.
  public static let protocolNumber: UInt8 = 112

  /// Where adverts of a family go: 224.0.0.18 or ff02::12 (RFC 9568 5.1.1.2, 5.1.2.2).
  public static func group(_ family: AddressFamily) -> IPAddress {
    switch family {
    case .ipv4: .v4(IPv4Address(224, 0, 0, 18))
    case .ipv6: .v6(IPv6Address(high: 0xff02 << 48, low: 0x12))
    }
  }

  /// The version of the message; decides layout and unit of the interval.
  public enum Version: UInt8, Sendable {
    /// RFC 3768, and RFC 2338 where a password is set.
    case two = 2
    /// RFC 9568.
    case three = 3
  }

  /// What the checksum of version 3 over IPv4 covers.
  public enum ChecksumForm: UInt8, Sendable {
    /// Pseudo header and message: RFC 5798 as Linux routers read it; over IPv6 always.
    case withPseudoHeader
    /// The message alone: RFC 9568 5.2.8, and version 2.
    case messageOnly
  }

  /// What version 2 says of its sender.
  public enum Authentication: Hashable, Sendable {
    /// Type 0, and version 3.
    case none
    /// Type 1 of RFC 2338: up to 8 octets in the clear. It keeps a router of another group out, and
    /// nobody who listens.
    case simpleText([UInt8])
  }

  /// Version of the message.
  public var version: Version
  /// Virtual router id.
  public var virtualRouter: UInt8
  /// 0 leaving, 255 owner of the address, else 1…254.
  public var priority: UInt8
  /// Interval in centiseconds: 1…4095, in version 2 whole seconds up to 25 500.
  public var intervalCentiseconds: UInt16
  /// The virtual addresses, at least one, all of one family.
  public var addresses: [IPAddress]
  /// Version 2 only.
  public var authentication: Authentication
  /// The form in which the checksum was found right, or shall be written.
  public var checksumForm: ChecksumForm

  /// An advert to be sent.
  public init(
    version: Version = .three, virtualRouter: UInt8, priority: UInt8,
    intervalCentiseconds: UInt16, addresses: [IPAddress], authentication: Authentication = .none,
    checksumForm: ChecksumForm = .withPseudoHeader
  ) {
    self.version = version
    self.virtualRouter = virtualRouter
    self.priority = priority
    self.intervalCentiseconds = intervalCentiseconds
    self.addresses = addresses
    self.authentication = authentication
    self.checksumForm = version == .two ? .messageOnly : checksumForm
  }

  /// The interval as time.
  public var interval: Interval { .milliseconds(Int(intervalCentiseconds) * 10) }

  /// The family of the addresses.
  public var family: AddressFamily { addresses.first?.family ?? .ipv4 }

  /// Octets of the message, without a trailer.
  public var count: Int {
    Self.count(version, addresses.count, family)
  }

  /// Octets of a message that says it has `addresses` addresses.
  static func count(_ version: Version, _ addresses: Int, _ family: AddressFamily) -> Int {
    8 + addresses * (family == .ipv4 ? 4 : 16) + (version == .two ? 8 : 0)
  }
}

// MARK: Reading

extension Advertisement {
  /// Reads the message alone and checks everything that needs no configuration (RFC 9568 7.1):
  /// version, type, length, checksum, count, interval, first address.
  ///
  /// `source` and `destination` are those of the IP header; their family is that of the addresses.
  public init(
    parsing octets: ArraySlice<UInt8>, source: IPAddress, destination: IPAddress
  ) throws(AdvertisementDrop) {
    let family = source.family
    let (version, count) = try Self.shape(of: octets, family)
    guard octets.count == count else { throw .tooLong(count: octets.count) }
    let field = Array(octets.prefix(8))
    guard let form = Self.form(of: octets, version, source, destination) else {
      throw .checksum(UInt16(field[6]) << 8 | UInt16(field[7]))
    }
    // The reserved bits of version 3 are ignored on receipt (RFC 9568 5.2.6).
    let interval =
      version == .two ? UInt16(field[5]) * 100 : UInt16(field[4] & 0xf) << 8 | UInt16(field[5])
    guard interval > 0 else { throw .intervalZero }
    let width = family == .ipv4 ? 4 : 16
    let addresses = (0..<Int(field[3])).compactMap {
      IPAddress(octets: octets.dropFirst(8 + $0 * width).prefix(width))
    }
    if let first = addresses.first, family == .ipv6, !first.isLinkLocal {
      throw .firstAddress(first)
    }
    self.init(
      version: version, virtualRouter: field[1], priority: field[2],
      intervalCentiseconds: interval, addresses: addresses,
      authentication: try Self.authentication(version, type: field[4], octets.suffix(8)),
      checksumForm: form)
  }

  /// Version and length that the first octets claim; `octets` may go on behind the message.
  static func shape(
    of octets: ArraySlice<UInt8>, _ family: AddressFamily
  ) throws(AdvertisementDrop) -> (Version, count: Int) {
    guard octets.count >= 8 else { throw .truncated(count: octets.count) }
    let field = Array(octets.prefix(4))
    guard let version = Version(rawValue: field[0] >> 4) else { throw .version(field[0] >> 4) }
    guard field[0] & 0xf == 1 else { throw .type(field[0] & 0xf) }
    // RFC 3768 knows IPv4 only.
    guard version == .three || family == .ipv4 else { throw .family(family) }
    guard field[1] > 0 else { throw .virtualRouter(0) }
    guard field[3] > 0 else { throw .noAddress }
    let count = count(version, Int(field[3]), family)
    guard octets.count >= count else { throw .truncated(count: octets.count) }
    return (version, count)
  }

  private static func authentication(
    _ version: Version, type: UInt8, _ data: ArraySlice<UInt8>
  ) throws(AdvertisementDrop) -> Authentication {
    guard version == .two else { return .none }
    switch type {
    case 0: return .none
    case 1: return .simpleText(trimmed(data))
    // Type 2 was an IP authentication header, which RFC 3768 took back.
    default: throw .authenticationType(type)
    }
  }

  /// A password without the zeros that fill it up.
  private static func trimmed(_ data: ArraySlice<UInt8>) -> [UInt8] {
    Array(
      data.prefix((data.lastIndex { $0 != 0 }.map { $0 + 1 } ?? data.startIndex) - data.startIndex))
  }
}

// MARK: Writing

extension Advertisement {
  /// Appends the message; the two addresses are those of the pseudo header.
  public func write(
    into writer: inout ByteWriter, source: IPAddress, destination: IPAddress? = nil
  ) {
    let start = writer.count
    writer.uint8(version.rawValue << 4 | 1)
    writer.uint8(virtualRouter)
    writer.uint8(priority)
    writer.uint8(UInt8(addresses.count))
    switch version {
    case .three: writer.uint16(intervalCentiseconds & 0xfff)
    case .two:
      writer.uint8(authentication == .none ? 0 : 1)
      writer.uint8(UInt8(clamping: intervalCentiseconds / 100))
    }
    writer.uint16(0)
    for address in addresses { writer.octets(address.octets) }
    if version == .two { writer.octets(authenticationData) }
    let sum = Self.sum(
      of: writer.bytes[start...], checksumForm, source: source,
      destination: destination ?? Self.group(family))
    writer.patch16(sum, at: start + 6)
  }

  private var authenticationData: [UInt8] {
    var data = [UInt8](repeating: 0, count: 8)
    if case .simpleText(let text) = authentication {
      data.replaceSubrange(0..<min(text.count, 8), with: text.prefix(8))
    }
    return data
  }

  /// The form under which the checksum fits. For version 3 over IPv4 either will do, the pseudo
  /// header is tried first; otherwise the standards agree on one.
  private static func form(
    of octets: ArraySlice<UInt8>, _ version: Version, _ source: IPAddress, _ destination: IPAddress
  ) -> ChecksumForm? {
    let forms: [ChecksumForm] =
      switch (version, source.family) {
      case (.two, _): [.messageOnly]
      case (.three, .ipv4): [.withPseudoHeader, .messageOnly]
      case (.three, .ipv6): [.withPseudoHeader]
      }
    return forms.first { sum(of: octets, $0, source: source, destination: destination) == 0 }
  }

  private static func sum(
    of octets: ArraySlice<UInt8>, _ form: ChecksumForm, source: IPAddress, destination: IPAddress
  ) -> UInt16 {
    var sum = InternetChecksum()
    if form == .withPseudoHeader {
      // RFC 8200 8.1; the words of the IPv4 pseudo header add up to the same fields.
      sum.add(source.octets)
      sum.add(destination.octets)
      sum.add(UInt16(protocolNumber))
      sum.add(UInt16(octets.count))
    }
    sum.add(octets)
    return sum.value
  }
}
