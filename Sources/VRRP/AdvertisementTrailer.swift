public import Wire

/// The authentication trailer behind an advert (draft-cassen-vrrp-auth-hmac).
///
/// | offset | octets | field |
/// |---|---|---|
/// | 0 | 1 | type, 1 |
/// | 1 | 1 | key id |
/// | 2 | 2 | reserved, zero |
/// | 4 | 4 | seconds, UTC |
/// | 8 | 2 | 1/65 536 second |
/// | 10 | 2 | counter |
/// | 12 | 16 | HMAC-SHA256, its first half |
///
/// The IP length covers the trailer, the VRRP checksum does not. A receiver without the extension
/// drops such an advert for its length, so it is sent only where a password is set.
public struct AdvertisementTrailer: Hashable, Sendable {
  /// Octets of a trailer.
  public static let count = 28
  /// Octets of its tag.
  public static let tagCount = 16

  /// Computes HMAC-SHA256 of its argument under the trailer's key; the first 16 octets count.
  public typealias Tag = (_ input: [UInt8]) -> [UInt8]

  /// Which of the configured keys.
  public var keyID: UInt8
  /// Seconds, fraction and counter as one number that grows with each advert of a sender.
  public var sequence: UInt64
  /// The tag, 16 octets.
  public var tag: [UInt8]

  /// A trailer for `message`, an advert of `source` as it is sent.
  public init(
    signing message: [UInt8], source: IPAddress, keyID: UInt8 = 1, sequence: UInt64, by tag: Tag
  ) {
    self.keyID = keyID
    self.sequence = sequence
    self.tag = []
    self.tag = Array(tag(input(message, source: source)).prefix(Self.tagCount))
  }

  /// Reads exactly ``count`` octets.
  public init(parsing octets: ArraySlice<UInt8>) throws(AdvertisementDrop) {
    var reader = ByteReader(octets)
    do {
      let type = try reader.uint8()
      keyID = try reader.uint8()
      let reserved = try reader.uint16()
      guard type == 1, reserved == 0 else { throw AdvertisementDrop.trailerMalformed }
      sequence = try reader.uint64()
      tag = Array(try reader.octets(Self.tagCount))
      try reader.finish()
    } catch let drop as AdvertisementDrop {
      throw drop
    } catch {
      throw .truncated(count: octets.count)
    }
  }

  /// Appends the trailer.
  public func write(into writer: inout ByteWriter) {
    writePrefix(into: &writer)
    writer.octets(tag)
  }

  /// Whether the tag is that of `message` from `source`; takes the same time for every wrong tag.
  public func isAuthentic(_ message: [UInt8], source: IPAddress, by tag: Tag) -> Bool {
    let right = tag(input(message, source: source)).prefix(Self.tagCount)
    guard right.count == self.tag.count else { return false }
    return zip(right, self.tag).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
  }

  private func writePrefix(into writer: inout ByteWriter) {
    writer.uint8(1)
    writer.uint8(keyID)
    writer.uint16(0)
    writer.uint64(sequence)
  }

  /// What the tag covers: family, version, VRID, zero, the source filled up to 16 octets; the
  /// message with a zero checksum, as some kernels fill it in later; the trailer with a zero tag.
  private func input(_ message: [UInt8], source: IPAddress) -> [UInt8] {
    precondition(message.count >= 8, "an advert has at least 8 octets")
    var writer = ByteWriter(capacity: 48 + message.count)
    writer.uint8(source.family == .ipv4 ? 4 : 6)
    writer.uint8(message[0] >> 4)
    writer.uint8(message[1])
    writer.uint8(0)
    writer.octets(source.octets)
    writer.octets([UInt8](repeating: 0, count: 16 - source.octets.count))
    let checksum = writer.count + 6
    writer.octets(message)
    writer.patch16(0, at: checksum)
    writePrefix(into: &writer)
    writer.octets([UInt8](repeating: 0, count: Self.tagCount))
    return writer.bytes
  }
}
