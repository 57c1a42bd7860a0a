import Wire

/// A walk over the attributes in one range of a message: the one audited piece of the hot path.
///
/// An attribute is `u16 length, u16 type` in host order, then `length - 4` octets, padded to
/// four. Every range handed out lies inside the message, because it lies inside its parent's.
struct AttributeCursor {
  /// Offset of the next octet.
  private(set) var offset: Int
  /// Offset behind the last octet.
  private(set) var end: Int

  /// The whole of `offset..<end`, which must lie inside the message that is walked.
  init(_ offset: Int, _ end: Int) {
    self.offset = offset
    self.end = end
  }

  /// Octets left.
  var count: Int { end - offset }

  /// Moves to the next attribute; false behind the last one.
  ///
  /// `payload` becomes the range of its value, `type` its number without the two flag bits.
  @inline(__always)
  mutating func next(
    _ message: RawSpan, _ type: inout UInt16, _ payload: inout AttributeCursor
  ) throws(NetlinkError) -> Bool {
    if offset == end { return false }
    guard count >= 4 else { throw .truncated(offset: offset) }
    let header = message.host32(offset)
    let length = Int(header & 0xffff)
    guard length >= 4, length <= count else { throw .truncated(offset: offset) }
    type = UInt16(truncatingIfNeeded: header >> 16) & 0x3fff
    payload = AttributeCursor(offset + 4, offset + length)
    offset = min(offset + (length + 3) & ~3, end)
    return true
  }

  /// The value as one octet; throws unless it is exactly that long.
  @inline(__always)
  func uint8(_ message: RawSpan, _ type: UInt16) throws(NetlinkError) -> UInt8 {
    guard count == 1 else { throw .invalid(attribute: type, offset: offset) }
    return unsafe message.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt8.self)
  }

  /// The value as a number of two octets in network order.
  @inline(__always)
  func uint16(_ message: RawSpan, _ type: UInt16) throws(NetlinkError) -> UInt16 {
    guard count == 2 else { throw .invalid(attribute: type, offset: offset) }
    return unsafe UInt16(
      bigEndian: message.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt16.self))
  }

  /// The value as a number of four octets in network order.
  @inline(__always)
  func uint32(_ message: RawSpan, _ type: UInt16) throws(NetlinkError) -> UInt32 {
    guard count == 4 else { throw .invalid(attribute: type, offset: offset) }
    return UInt32(bigEndian: message.host32(offset))
  }

  /// The value as a number of eight octets in network order.
  func uint64(_ message: RawSpan, _ type: UInt16) throws(NetlinkError) -> UInt64 {
    guard count == 8 else { throw .invalid(attribute: type, offset: offset) }
    return unsafe UInt64(
      bigEndian: message.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }

  /// The value as an IPv4 (4 octets) or IPv6 (16 octets) address.
  @inline(__always)
  func address(
    _ message: RawSpan, _ type: UInt16, _ family: AddressFamily
  ) throws(NetlinkError) -> FlowAddress {
    if family == .ipv4 { return FlowAddress(high: 0, low: UInt64(try uint32(message, type))) }
    guard count == 16 else { throw .invalid(attribute: type, offset: offset) }
    return unsafe FlowAddress(
      high: UInt64(
        bigEndian: message.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)),
      low: UInt64(
        bigEndian: message.unsafeLoadUnaligned(fromByteOffset: offset + 8, as: UInt64.self)))
  }

  /// The octets of the value.
  func octets(_ message: RawSpan) -> [UInt8] {
    unsafe message.extracting(offset..<end).withUnsafeBytes { unsafe [UInt8]($0) }
  }

  /// The name that the value is; it ends with a zero.
  func name(_ message: RawSpan) -> String {
    String(decoding: octets(message).prefix { $0 != 0 }, as: UTF8.self)
  }
}

extension RawSpan {
  /// Four octets in host order; traps outside the span.
  @inline(__always)
  func host32(_ offset: Int) -> UInt32 {
    unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self)
  }

  /// Two octets in host order; traps outside the span.
  @inline(__always)
  func host16(_ offset: Int) -> UInt16 {
    unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: UInt16.self)
  }
}
