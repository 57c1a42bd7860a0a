public import Wire

/// A VRRP advert for IPv4 (RFC 9568 5.1, 5.2).
///
/// | offset | octets | field |
/// |---|---|---|
/// | 0 | 1 | version (high 4 bits), type 1 |
/// | 1 | 1 | virtual router id, 1…255 |
/// | 2 | 1 | priority; 0 = I leave |
/// | 3 | 1 | number of addresses, at least 1 |
/// | 4 | 2 | 4 bits reserved, interval in centiseconds, 1…4095 |
/// | 6 | 2 | checksum |
/// | 8 | 4·n | virtual addresses |
public struct Advertisement: Hashable, Sendable {
  /// 224.0.0.18 (RFC 9568 5.1.1.2).
  public static let group = IPAddress.v4(IPv4Address(224, 0, 0, 18))
  /// The IP protocol of VRRP.
  public static let protocolNumber: UInt8 = 112

  /// The version of the message; decides layout and unit of the interval.
  public enum Version: UInt8, Sendable {
    /// RFC 9568.
    case three = 3
  }

  /// What the checksum of version 3 over IPv4 covers.
  public enum ChecksumForm: UInt8, Sendable {
    /// Pseudo header and message: RFC 5798 as Linux routers read it.
    case withPseudoHeader
    /// The message alone: RFC 9568 5.2.8.
    case messageOnly
  }

  /// Version of the message.
  public var version: Version
  /// Virtual router id.
  public var virtualRouter: UInt8
  /// 0 leaving, 255 owner of the address, else 1…254.
  public var priority: UInt8
  /// Interval in centiseconds, 1…4095.
  public var intervalCentiseconds: UInt16
  /// The virtual addresses, at least one.
  public var addresses: [IPAddress]
  /// The form in which the checksum was found right, or shall be written.
  public var checksumForm: ChecksumForm

  /// An advert to be sent.
  public init(
    version: Version = .three, virtualRouter: UInt8, priority: UInt8,
    intervalCentiseconds: UInt16, addresses: [IPAddress],
    checksumForm: ChecksumForm = .withPseudoHeader
  ) {
    self.version = version
    self.virtualRouter = virtualRouter
    self.priority = priority
    self.intervalCentiseconds = intervalCentiseconds
    self.addresses = addresses
    self.checksumForm = checksumForm
  }

  /// The interval as time.
  public var interval: Interval { .milliseconds(Int(intervalCentiseconds) * 10) }

  /// Reads the advert in `datagram` and checks everything that needs no configuration
  /// (RFC 9568 7.1): the IP fields, version, type, length, checksum, count, interval.
  public init(parsing datagram: IPv4Datagram) throws(AdvertisementDrop) {
    guard datagram.protocolNumber == Self.protocolNumber else {
      throw .protocolNumber(datagram.protocolNumber)
    }
    let destination = IPAddress.v4(datagram.destination)
    guard destination == Self.group else { throw .destination(destination) }
    guard datagram.timeToLive == 255 else { throw .timeToLive(datagram.timeToLive) }
    let source = datagram.source
    guard !source.isMulticast, !source.isUnspecified, !source.isLoopback,
      source.value != UInt32.max
    else { throw .source(.v4(source)) }
    try self.init(parsing: datagram.payload, source: .v4(source), destination: destination)
  }

  /// Reads the message alone; the two addresses are those of the pseudo header.
  public init(
    parsing octets: ArraySlice<UInt8>, source: IPAddress, destination: IPAddress
  ) throws(AdvertisementDrop) {
    guard octets.count >= 8 else { throw .truncated(count: octets.count) }
    let field = Array(octets.prefix(8))
    guard let version = Version(rawValue: field[0] >> 4) else { throw .version(field[0] >> 4) }
    guard field[0] & 0xf == 1 else { throw .type(field[0] & 0xf) }
    let count = Int(field[3])
    guard count > 0 else { throw .noAddress }
    guard octets.count >= 8 + 4 * count else { throw .truncated(count: octets.count) }
    guard octets.count == 8 + 4 * count else { throw .tooLong(count: octets.count) }
    guard let form = Self.form(of: octets, source: source, destination: destination) else {
      throw .checksum(UInt16(field[6]) << 8 | UInt16(field[7]))
    }
    // The reserved bits are ignored on receipt (RFC 9568 5.2.6).
    let interval = UInt16(field[4] & 0xf) << 8 | UInt16(field[5])
    guard interval > 0 else { throw .intervalZero }
    var reader = ByteReader(octets.dropFirst(8))
    var addresses: [IPAddress] = []
    do {
      for _ in 0..<count { addresses.append(.v4(try IPv4Address(from: &reader))) }
    } catch {
      throw .truncated(count: octets.count)
    }
    self.init(
      version: version, virtualRouter: field[1], priority: field[2],
      intervalCentiseconds: interval, addresses: addresses, checksumForm: form)
  }

  /// Appends the message; the two addresses are those of the pseudo header.
  public func write(
    into writer: inout ByteWriter, source: IPAddress, destination: IPAddress = group
  ) {
    let start = writer.count
    writer.uint8(version.rawValue << 4 | 1)
    writer.uint8(virtualRouter)
    writer.uint8(priority)
    writer.uint8(UInt8(addresses.count))
    writer.uint16(intervalCentiseconds & 0xfff)
    writer.uint16(0)
    for address in addresses { writer.octets(address.octets) }
    let message = writer.bytes[start...]
    let sum = Self.sum(of: message, checksumForm, source: source, destination: destination)
    writer.patch16(sum, at: start + 6)
  }

  /// The form under which the checksum fits; the pseudo header is tried first.
  private static func form(
    of octets: ArraySlice<UInt8>, source: IPAddress, destination: IPAddress
  ) -> ChecksumForm? {
    [.withPseudoHeader, .messageOnly].first {
      sum(of: octets, $0, source: source, destination: destination) == 0
    }
  }

  private static func sum(
    of octets: ArraySlice<UInt8>, _ form: ChecksumForm, source: IPAddress,
    destination: IPAddress
  ) -> UInt16 {
    var sum = InternetChecksum()
    if form == .withPseudoHeader {
      sum.add(source.octets)
      sum.add(destination.octets)
      sum.add(UInt16(protocolNumber))
      sum.add(UInt16(octets.count))
    }
    sum.add(octets)
    return sum.value
  }
}
