/// An IPv4 address, 32 bits, most significant octet first (RFC 791).
public struct IPv4Address: Hashable, Comparable, Sendable {
  /// The address as a number; `10.0.0.1` is `0x0a000001`.
  public var value: UInt32

  /// Makes an address from its number.
  public init(_ value: UInt32) { self.value = value }

  /// Makes an address from its four octets.
  public init(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8) {
    value = UInt32(a) << 24 | UInt32(b) << 16 | UInt32(c) << 8 | UInt32(d)
  }

  /// Parses dotted decimal; nil unless it is four decimal numbers 0…255 without leading zeros.
  public init?(_ text: some StringProtocol) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var value: UInt32 = 0
    for part in parts {
      guard let octet = decimal(part, atMost: 255) else { return nil }
      value = value << 8 | UInt32(octet)
    }
    self.value = value
  }

  /// The four octets in network order.
  public var octets: [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }

  /// 224.0.0.0/4 (RFC 5771).
  public var isMulticast: Bool { value >> 28 == 0xe }

  /// 127.0.0.0/8 (RFC 1122).
  public var isLoopback: Bool { value >> 24 == 127 }

  /// 0.0.0.0.
  public var isUnspecified: Bool { value == 0 }

  /// The order of RFC 9568 6.4.3: unsigned, in network order.
  public static func < (a: IPv4Address, b: IPv4Address) -> Bool { a.value < b.value }
}

extension IPv4Address: CustomStringConvertible {
  /// Dotted decimal.
  public var description: String { octets.map { String($0) }.joined(separator: ".") }
}

/// An address with the length of its network, such as `10.1.0.2/24`.
public struct IPv4Prefix: Hashable, Sendable {
  /// The address as written; host bits may be set.
  public var address: IPv4Address
  /// Network bits, 0…32.
  public var length: Int

  /// Joins an address and a length; `length` must be 0…32.
  public init(_ address: IPv4Address, length: Int) {
    precondition((0...32).contains(length), "an IPv4 prefix length is 0…32")
    self.address = address
    self.length = length
  }

  /// Parses `A.B.C.D/LENGTH`; nil when either part is malformed or missing.
  public init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let address = IPv4Address(parts[0]),
      let length = decimal(parts[1], atMost: 32)
    else { return nil }
    self.init(address, length: length)
  }

  /// The netmask as a number.
  public var mask: UInt32 { length == 0 ? 0 : ~UInt32(0) << UInt32(32 - length) }

  /// The network with its host bits cleared.
  public var network: IPv4Prefix { IPv4Prefix(IPv4Address(address.value & mask), length: length) }

  /// The last address of the network.
  public var broadcast: IPv4Address { IPv4Address(address.value | ~mask) }

  /// Whether `other` lies in the network.
  public func contains(_ other: IPv4Address) -> Bool {
    other.value & mask == address.value & mask
  }

  /// Whether the two networks share an address.
  public func overlaps(_ other: IPv4Prefix) -> Bool {
    contains(other.address) || other.contains(address)
  }
}

extension IPv4Prefix: CustomStringConvertible {
  /// `A.B.C.D/LENGTH`.
  public var description: String { "\(address)/\(length)" }
}

/// A decimal number 0…`limit` without sign and leading zeros, or nil.
func decimal(_ text: some StringProtocol, atMost limit: Int) -> Int? {
  guard !text.isEmpty, text.utf8.count <= 10,
    text.utf8.allSatisfy({ (48...57).contains($0) }), text == "0" || !text.hasPrefix("0"),
    let number = Int(text), number <= limit
  else { return nil }
  return number
}
