/// Why octets could not be read.
public enum WireError: Error, Hashable, Sendable {
  /// `needed` octets were asked for at `offset`, but only `available` are left.
  case truncated(offset: Int, needed: Int, available: Int)
  /// A whole message was read and `count` octets are left over at `offset`.
  case trailing(offset: Int, count: Int)
  /// The value at `offset` is not one that the format defines.
  case invalid(offset: Int, value: UInt64)
  /// The octets at `offset` are not UTF-8.
  case notText(offset: Int)
}

/// A cursor over octets that reads in network order and never reads past the end.
///
/// Every read either advances by what it returned or throws and leaves the cursor where it was.
public struct ByteReader: Sendable {
  private let bytes: ArraySlice<UInt8>
  private var position: Int

  /// Starts at the first octet of `bytes`.
  public init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    position = bytes.startIndex
  }

  /// Starts at the first octet of `bytes`.
  public init(_ bytes: [UInt8]) { self.init(bytes[...]) }

  /// Octets read so far.
  public var offset: Int { position - bytes.startIndex }

  /// Octets not yet read.
  public var remaining: Int { bytes.endIndex - position }

  /// Reads one octet.
  public mutating func uint8() throws(WireError) -> UInt8 {
    try need(1)
    defer { position += 1 }
    return bytes[position]
  }

  /// Reads two octets, most significant first.
  public mutating func uint16() throws(WireError) -> UInt16 {
    UInt16(truncatingIfNeeded: try big(2))
  }

  /// Reads four octets, most significant first.
  public mutating func uint32() throws(WireError) -> UInt32 {
    UInt32(truncatingIfNeeded: try big(4))
  }

  /// Reads eight octets, most significant first.
  public mutating func uint64() throws(WireError) -> UInt64 { try big(8) }

  /// Reads exactly `count` octets.
  public mutating func octets(_ count: Int) throws(WireError) -> ArraySlice<UInt8> {
    try need(count)
    defer { position += count }
    return bytes[position..<position + count]
  }

  /// Throws ``WireError/trailing(offset:count:)`` unless every octet was read.
  public func finish() throws(WireError) {
    if remaining != 0 { throw .trailing(offset: offset, count: remaining) }
  }

  private mutating func big(_ count: Int) throws(WireError) -> UInt64 {
    try need(count)
    var value: UInt64 = 0
    for index in position..<position + count { value = value << 8 | UInt64(bytes[index]) }
    position += count
    return value
  }

  private func need(_ count: Int) throws(WireError) {
    guard count >= 0, remaining >= count else {
      throw .truncated(offset: offset, needed: count, available: remaining)
    }
  }
}
