/// An Ethernet address: 48 bits in transmission order.
public struct MACAddress: Hashable, Sendable {
  /// The six octets in the low 48 bits, first octet highest.
  public var value: UInt64

  /// Makes an address from its low 48 bits.
  public init(_ value: UInt64) { self.value = value & 0xffff_ffff_ffff }

  /// The virtual MAC of an IPv4 virtual router, `00-00-5E-00-01-{VRID}` (RFC 9568 7.3).
  public static func virtualRouterIPv4(_ vrid: UInt8) -> MACAddress {
    MACAddress(0x0000_5e00_0100 | UInt64(vrid))
  }

  /// The virtual MAC of an IPv6 virtual router, `00-00-5E-00-02-{VRID}` (RFC 9568 7.3).
  public static func virtualRouterIPv6(_ vrid: UInt8) -> MACAddress {
    MACAddress(0x0000_5e00_0200 | UInt64(vrid))
  }

  /// The virtual MAC of a virtual router of either family.
  public static func virtualRouter(_ family: AddressFamily, _ vrid: UInt8) -> MACAddress {
    switch family {
    case .ipv4: virtualRouterIPv4(vrid)
    case .ipv6: virtualRouterIPv6(vrid)
    }
  }

  /// `ff:ff:ff:ff:ff:ff`.
  public static let broadcast = MACAddress(0xffff_ffff_ffff)

  /// Parses six two-digit hexadecimal numbers joined by colons; nil otherwise.
  public init?(_ text: some StringProtocol) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 6 else { return nil }
    var value: UInt64 = 0
    for part in parts {
      guard part.utf8.count == 2, part.allSatisfy(\.isHexDigit), let octet = UInt8(part, radix: 16)
      else { return nil }
      value = value << 8 | UInt64(octet)
    }
    self.value = value
  }

  /// The six octets in transmission order.
  public var octets: [UInt8] {
    stride(from: 40, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> UInt64($0)) }
  }
}

extension MACAddress: CustomStringConvertible {
  /// Lower-case hexadecimal joined by colons.
  public var description: String {
    octets.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: ":")
  }
}
