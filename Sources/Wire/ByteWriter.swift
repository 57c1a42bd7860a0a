/// A growing buffer that is written in network order.
public struct ByteWriter: Sendable {
  /// Everything written so far.
  public private(set) var bytes: [UInt8]

  /// Starts empty, with room for `capacity` octets.
  public init(capacity: Int = 64) {
    bytes = []
    bytes.reserveCapacity(capacity)
  }

  /// Octets written so far.
  public var count: Int { bytes.count }

  /// Appends one octet.
  public mutating func uint8(_ value: UInt8) { bytes.append(value) }

  /// Appends two octets, most significant first.
  public mutating func uint16(_ value: UInt16) { big(UInt64(value), 2) }

  /// Appends four octets, most significant first.
  public mutating func uint32(_ value: UInt32) { big(UInt64(value), 4) }

  /// Appends eight octets, most significant first.
  public mutating func uint64(_ value: UInt64) { big(value, 8) }

  /// Appends `octets` as they are.
  public mutating func octets(_ octets: some Collection<UInt8>) {
    bytes.append(contentsOf: octets)
  }

  /// Writes `value` over the two octets at `offset`, for lengths and checksums known later.
  ///
  /// `offset + 2` must not be past ``count``.
  public mutating func patch16(_ value: UInt16, at offset: Int) {
    bytes[offset] = UInt8(truncatingIfNeeded: value >> 8)
    bytes[offset + 1] = UInt8(truncatingIfNeeded: value)
  }

  /// Takes back what was written after the first `count` octets.
  public mutating func truncate(to count: Int) { bytes.removeLast(bytes.count - count) }

  /// Forgets what was written and keeps the memory.
  public mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

  private mutating func big(_ value: UInt64, _ count: Int) {
    for index in stride(from: (count - 1) * 8, through: 0, by: -8) {
      bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(index)))
    }
  }
}
