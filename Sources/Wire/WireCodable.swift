/// A value that can be written to and read from octets by itself, for messages between our own
/// processes.
///
/// Reading never traps: every length is checked against what is left, and collections are
/// limited to what the remaining octets can hold.
public protocol WireCodable {
  /// Reads one value and advances past it.
  init(from reader: inout ByteReader) throws(WireError)
  /// Appends the value.
  func write(into writer: inout ByteWriter)
}

extension WireCodable {
  /// The value alone, as octets.
  public var encoded: [UInt8] {
    var writer = ByteWriter()
    write(into: &writer)
    return writer.bytes
  }

  /// Reads a value that fills `bytes` exactly.
  public init(decoding bytes: [UInt8]) throws(WireError) {
    var reader = ByteReader(bytes)
    try self.init(from: &reader)
    try reader.finish()
  }
}

extension FixedWidthInteger where Self: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    var value: Self = 0
    for octet in try reader.octets(Self.bitWidth / 8) {
      value = Self.bitWidth == 8 ? Self(truncatingIfNeeded: octet) : value << 8 | Self(octet)
    }
    self = value
  }

  public func write(into writer: inout ByteWriter) {
    for shift in stride(from: Self.bitWidth - 8, through: 0, by: -8) {
      writer.uint8(UInt8(truncatingIfNeeded: self >> Self(shift)))
    }
  }
}

extension UInt8: WireCodable {}
extension UInt16: WireCodable {}
extension UInt32: WireCodable {}
extension UInt64: WireCodable {}
extension Int32: WireCodable {}
extension Int64: WireCodable {}
extension Int: WireCodable {}

extension Bool: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    let offset = reader.offset
    let value = try reader.uint8()
    guard value <= 1 else { throw .invalid(offset: offset, value: UInt64(value)) }
    self = value == 1
  }
  public func write(into writer: inout ByteWriter) { writer.uint8(self ? 1 : 0) }
}

extension Double: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    self.init(bitPattern: try reader.uint64())
  }
  public func write(into writer: inout ByteWriter) { writer.uint64(bitPattern) }
}

extension String: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    let count = Int(try reader.uint32())
    let offset = reader.offset
    let octets = try reader.octets(count)
    guard let text = String(validating: octets, as: UTF8.self) else {
      throw .notText(offset: offset)
    }
    self = text
  }
  public func write(into writer: inout ByteWriter) {
    writer.uint32(UInt32(utf8.count))
    writer.octets(utf8)
  }
}

extension Array: WireCodable where Element: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    let count = Int(try reader.uint32())
    // Every element takes at least one octet, so a larger count cannot be honest.
    guard count <= reader.remaining else {
      throw .truncated(offset: reader.offset, needed: count, available: reader.remaining)
    }
    self = []
    reserveCapacity(count)
    for _ in 0..<count { append(try Element(from: &reader)) }
  }
  public func write(into writer: inout ByteWriter) {
    writer.uint32(UInt32(count))
    for element in self { element.write(into: &writer) }
  }
}

extension Optional: WireCodable where Wrapped: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    self = try Bool(from: &reader) ? .some(try Wrapped(from: &reader)) : .none
  }
  public func write(into writer: inout ByteWriter) {
    (self != nil).write(into: &writer)
    if let value = self { value.write(into: &writer) }
  }
}

extension IPv4Address: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) { self.init(try reader.uint32()) }
  public func write(into writer: inout ByteWriter) { writer.uint32(value) }
}

extension IPv4Prefix: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    let address = try IPv4Address(from: &reader)
    let offset = reader.offset
    let length = try reader.uint8()
    guard length <= 32 else { throw .invalid(offset: offset, value: UInt64(length)) }
    self.init(address, length: Int(length))
  }
  public func write(into writer: inout ByteWriter) {
    address.write(into: &writer)
    writer.uint8(UInt8(length))
  }
}

extension MACAddress: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    var value: UInt64 = 0
    for octet in try reader.octets(6) { value = value << 8 | UInt64(octet) }
    self.init(value)
  }
  public func write(into writer: inout ByteWriter) { writer.octets(octets) }
}

extension Instant: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    self.init(nanoseconds: try Int64(from: &reader))
  }
  public func write(into writer: inout ByteWriter) { nanoseconds.write(into: &writer) }
}

extension Interval: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    self.init(nanoseconds: try Int64(from: &reader))
  }
  public func write(into writer: inout ByteWriter) { nanoseconds.write(into: &writer) }
}

extension WireCodable where Self: RawRepresentable, RawValue == UInt8 {
  public init(from reader: inout ByteReader) throws(WireError) {
    let offset = reader.offset
    let raw = try reader.uint8()
    guard let value = Self(rawValue: raw) else {
      throw .invalid(offset: offset, value: UInt64(raw))
    }
    self = value
  }
  public func write(into writer: inout ByteWriter) { writer.uint8(rawValue) }
}
