/// An IPv6 address, 128 bits, most significant octet first (RFC 4291).
public struct IPv6Address: Hashable, Comparable, Sendable {
  /// The first 64 bits.
  public var high: UInt64
  /// The last 64 bits, for most addresses the interface identifier.
  public var low: UInt64

  /// Makes an address from its two halves.
  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// Makes an address from exactly 16 octets in network order; nil for any other number.
  public init?(octets: some Collection<UInt8>) {
    guard octets.count == 16 else { return nil }
    self.init(
      high: octets.prefix(8).reduce(0) { $0 << 8 | UInt64($1) },
      low: octets.dropFirst(8).reduce(0) { $0 << 8 | UInt64($1) })
  }

  /// The 16 octets in network order.
  public var octets: [UInt8] {
    [high, low].flatMap { half in
      stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: half >> UInt64($0)) }
    }
  }

  /// ff00::/8 (RFC 4291 2.7).
  public var isMulticast: Bool { high >> 56 == 0xff }

  /// fe80::/10 (RFC 4291 2.5.6).
  public var isLinkLocal: Bool { high >> 54 == 0xfe80 >> 6 }

  /// ::1 (RFC 4291 2.5.3).
  public var isLoopback: Bool { high == 0 && low == 1 }

  /// :: (RFC 4291 2.5.2).
  public var isUnspecified: Bool { high == 0 && low == 0 }

  /// The group that a neighbour asks for this address: ff02::1:ff and the last 24 bits
  /// (RFC 4291 2.7.1).
  public var solicitedNode: IPv6Address {
    IPv6Address(high: 0xff02_0000_0000_0000, low: 0x0000_0001_ff00_0000 | low & 0xff_ffff)
  }

  /// The order of RFC 9568 6.4.3: unsigned, in network order.
  public static func < (a: IPv6Address, b: IPv6Address) -> Bool {
    (a.high, a.low) < (b.high, b.low)
  }

  /// The eight 16-bit groups.
  private var groups: [UInt16] {
    [high, low].flatMap { half in
      [48, 32, 16, 0].map { UInt16(truncatingIfNeeded: half >> UInt64($0)) }
    }
  }

  private init(groups: [UInt16]) {
    let half = { (part: ArraySlice<UInt16>) in part.reduce(UInt64(0)) { $0 << 16 | UInt64($1) } }
    self.init(high: half(groups[..<4]), low: half(groups[4...]))
  }
}

extension IPv6Address {
  /// Parses the text forms of RFC 4291 2.2, `::` and a dotted last part among them; nil for
  /// anything else, zones included.
  public init?(_ text: some StringProtocol) {
    guard text.utf8.count <= 45 else { return nil }
    let pieces = Self.splitAtGap(text)
    guard let pieces, let head = Self.groups(pieces.head, mayEndDotted: pieces.tail == nil)
    else { return nil }
    guard let tailText = pieces.tail else {
      guard head.count == 8 else { return nil }
      self.init(groups: head)
      return
    }
    guard let tail = Self.groups(tailText, mayEndDotted: true) else { return nil }
    // The gap stands for at least one group (RFC 4291 2.2; RFC 5952 4.2.2 only advises on writing).
    let missing = 8 - head.count - tail.count
    guard missing >= 1 else { return nil }
    self.init(groups: head + [UInt16](repeating: 0, count: missing) + tail)
  }

  /// What stands before and after the first `::`; no tail without one, nil when there are two.
  private static func splitAtGap(_ text: some StringProtocol) -> (head: String, tail: String?)? {
    let octets = Array(text.utf8)
    let gaps = octets.indices.dropLast().filter { octets[$0] == 58 && octets[$0 + 1] == 58 }
    guard let gap = gaps.first else { return (String(text), nil) }
    guard gaps.count == 1 else { return nil }
    let part = { (slice: ArraySlice<UInt8>) in String(decoding: slice, as: UTF8.self) }
    return (part(octets[..<gap]), part(octets[(gap + 2)...]))
  }

  /// Groups of one to four hexadecimal digits joined by colons, the last two perhaps dotted.
  private static func groups(_ text: String, mayEndDotted: Bool) -> [UInt16]? {
    guard !text.isEmpty else { return [] }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    var groups: [UInt16] = []
    for (index, part) in parts.enumerated() {
      if mayEndDotted, index == parts.count - 1, part.contains(".") {
        guard let dotted = IPv4Address(part) else { return nil }
        groups.append(UInt16(dotted.value >> 16))
        groups.append(UInt16(truncatingIfNeeded: dotted.value))
        continue
      }
      guard (1...4).contains(part.utf8.count), part.utf8.allSatisfy(isHexadecimalDigit),
        let group = UInt16(part, radix: 16)
      else { return nil }
      groups.append(group)
    }
    return groups.count <= 8 ? groups : nil
  }

  private static func isHexadecimalDigit(_ octet: UInt8) -> Bool {
    (48...57).contains(octet) || (97...102).contains(octet | 0x20)
  }
}

extension IPv6Address: CustomStringConvertible {
  /// The canonical text of RFC 5952: lower case, no leading zeros, the longest run of two or more
  /// zero groups as `::`, the first of equals; IPv4-mapped addresses end dotted.
  public var description: String {
    if high == 0, low >> 32 == 0xffff {
      return "::ffff:\(IPv4Address(UInt32(truncatingIfNeeded: low)))"
    }
    let groups = groups
    let text = { (part: ArraySlice<UInt16>) in
      part.map { String($0, radix: 16) }.joined(separator: ":")
    }
    guard let gap = Self.longestZeroRun(groups) else { return text(groups[...]) }
    return text(groups[..<gap.lowerBound]) + "::" + text(groups[gap.upperBound...])
  }

  private static func longestZeroRun(_ groups: [UInt16]) -> Range<Int>? {
    var best = 0..<0
    var start = 0
    for index in 0...groups.count {
      if index < groups.count, groups[index] == 0 { continue }
      if index - start > best.count { best = start..<index }
      start = index + 1
    }
    return best.count >= 2 ? best : nil
  }
}

extension IPv6Address: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    self.init(high: try reader.uint64(), low: try reader.uint64())
  }
  public func write(into writer: inout ByteWriter) {
    writer.uint64(high)
    writer.uint64(low)
  }
}
