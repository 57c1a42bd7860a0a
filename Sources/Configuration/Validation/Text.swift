import JSON
import Wire

/// Which octets and texts the document allows where people give names.
enum Text {
  /// Completes "the name is not …".
  static let nameRule = "1…32 letters, digits, '-' or '_'"

  /// Names of zones, groups, services and rules.
  static func isName(_ text: String) -> Bool {
    (1...32).contains(text.utf8.count) && text.utf8.allSatisfy { isWordOctet($0) }
  }

  /// Names of interfaces: a port, or a port with the identifier of a VLAN.
  static func isInterface(_ text: String) -> Bool {
    text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
      .allSatisfy { isName(String($0)) }
  }

  /// One label of a host name (RFC 1123 2.1).
  static func isLabel(_ text: some StringProtocol) -> Bool {
    (1...63).contains(text.utf8.count) && !text.hasPrefix("-") && !text.hasSuffix("-")
      && text.utf8.allSatisfy { isWordOctet($0) && $0 != UInt8(ascii: "_") }
  }

  /// A host name of one or more labels, or an address.
  static func isHost(_ text: String) -> Bool {
    text.utf8.count <= 253
      && text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { isLabel($0) }
  }

  /// `http://` or `https://` with a host, and nothing that could end a line of a request.
  static func isWebURL(_ text: String) -> Bool {
    let rest =
      text.hasPrefix("http://")
      ? text.dropFirst(7) : text.hasPrefix("https://") ? text.dropFirst(8) : ""
    guard let first = rest.utf8.first, text.utf8.count <= 253 else { return false }
    return (isWordOctet(first) || first == UInt8(ascii: "["))
      && text.utf8.allSatisfy { (0x21...0x7e).contains($0) }
  }

  /// Space to tilde.
  static func isPrintable(_ text: String) -> Bool {
    text.utf8.allSatisfy { (0x20...0x7e).contains($0) }
  }
}

/// Letters, digits, `-` and `_`.
func isWordOctet(_ octet: UInt8) -> Bool {
  switch octet {
  case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
    true
  default: false
  }
}

extension Section {
  /// A whole number within `range`; `unit` is appended to it in messages.
  func integer<I: FixedWidthInteger>(
    _ key: String, in range: ClosedRange<I>, default preset: I? = nil
  ) -> I {
    let expected = "in \(range.lowerBound)…\(range.upperBound)"
    return read(key, expected, default: preset, standIn: range.lowerBound) {
      Section.integer($0, in: range)
    }
  }

  /// A whole number within `range`, or nil for `null`.
  func optionalInteger<I: FixedWidthInteger>(_ key: String, in range: ClosedRange<I>) -> I? {
    readOptional(key, "in \(range.lowerBound)…\(range.upperBound)") {
      Section.integer($0, in: range)
    }
  }

  /// `true` or `false`.
  func flag(_ key: String, default preset: Bool) -> Bool {
    read(key, "true or false", default: preset, standIn: preset) {
      if case .bool(let value) = $0 { value } else { nil }
    }
  }

  /// A text that `accept` takes.
  func string(_ key: String, _ expected: String, _ accept: (String) -> Bool) -> String {
    read(key, expected, standIn: "") { Section.string($0, accept) }
  }

  /// A text that `accept` takes, or nil for `null`.
  func optionalString(_ key: String, _ expected: String, _ accept: (String) -> Bool) -> String? {
    readOptional(key, expected) { Section.string($0, accept) }
  }

  /// An address such as `10.1.0.1`.
  func address(_ key: String) -> IPv4Address {
    read(key, Section.addressRule, standIn: IPv4Address(0), Section.address)
  }

  /// An element of a list of addresses.
  func address(_ value: JSONValue, _ path: String) -> IPv4Address? {
    Section.convert(value, path, Section.addressRule, problems, Section.address)
  }

  /// An address with the length of its network.
  func prefix(_ key: String) -> IPv4Prefix {
    read(
      key, Section.prefixRule, standIn: IPv4Prefix(IPv4Address(0), length: 0), Section.prefix)
  }

  /// One of the words of an enumeration.
  func word<E: RawRepresentable & CaseIterable>(_ key: String, default preset: E? = nil) -> E
  where E.RawValue == String {
    let words = E.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: " or ")
    guard let first = preset ?? E.allCases.first else {
      preconditionFailure("an enumeration without cases has no words")
    }
    return read(key, words, default: preset, standIn: first) {
      if case .string(let text) = $0 { E(rawValue: text) } else { nil }
    }
  }

  /// Completes "… is not …" for ``address(_:)-2``.
  static let addressRule = "an IPv4 address such as 10.1.0.1"
  /// Completes "… is not …" for ``prefix(_:)-2``.
  static let prefixRule = "an IPv4 address with its length such as 10.1.0.2/24"
  /// Completes "… is not …" for ``network(_:)``.
  static let networkRule = "an IPv4 network without host bits such as 10.1.0.0/24"

  /// Completes "… is not …" for ``hostMAC(_:)``.
  static let hostMACRule = "the Ethernet address of a host such as 02:00:00:00:00:0a"

  /// An Ethernet address that is neither a group's nor nobody's.
  static func hostMAC(_ value: JSONValue) -> MACAddress? {
    value.string.flatMap { MACAddress($0) }.flatMap { mac in
      mac.value != 0 && mac.value >> 40 & 1 == 0 ? mac : nil
    }
  }

  /// Completes "… is not …" for ``prefix6(_:)``.
  static let prefix6Rule = "an IPv6 address with its length such as fd00:1::2/64"
  /// Completes "… is not …" for ``address6(_:)``.
  static let address6Rule = "an IPv6 address such as fd00:1::1 or fe80::1"
  /// Completes "… is not …" for ``anyAddress(_:)``.
  static let anyAddressRule = "an address such as 10.1.0.3 or fe80::3"
  /// Completes "… is not …" for ``anyPrefix(_:)``.
  static let anyPrefixRule = "an address with its length such as 10.1.0.1/24 or fd00:1::1/64"

  /// Completes "… is not …" for ``anyNetwork(_:)``.
  static let anyNetworkRule = "a network without host bits such as 10.1.0.0/24 or fd00:1::/64"

  static func prefix6(_ value: JSONValue) -> IPv6Prefix? {
    if case .string(let text) = value { IPv6Prefix(text) } else { nil }
  }

  static func anyAddress(_ value: JSONValue) -> IPAddress? {
    if case .string(let text) = value { IPAddress(text) } else { nil }
  }

  static func anyPrefix(_ value: JSONValue) -> IPPrefix? {
    if case .string(let text) = value { IPPrefix(text) } else { nil }
  }

  static func anyNetwork(_ value: JSONValue) -> IPPrefix? {
    anyPrefix(value).flatMap { $0.network == $0 ? $0 : nil }
  }

  static func address6(_ value: JSONValue) -> IPv6Address? {
    if case .string(let text) = value { IPv6Address(text) } else { nil }
  }

  static func address(_ value: JSONValue) -> IPv4Address? {
    if case .string(let text) = value { IPv4Address(text) } else { nil }
  }

  static func prefix(_ value: JSONValue) -> IPv4Prefix? {
    if case .string(let text) = value { IPv4Prefix(text) } else { nil }
  }

  static func network(_ value: JSONValue) -> IPv4Prefix? {
    prefix(value).flatMap { $0.network == $0 ? $0 : nil }
  }

  static func string(_ value: JSONValue, _ accept: (String) -> Bool) -> String? {
    if case .string(let text) = value, accept(text) { text } else { nil }
  }

  static func integer<I: FixedWidthInteger>(_ value: JSONValue, in range: ClosedRange<I>) -> I? {
    if case .number(let digits) = value, let number = I(digits), range.contains(number) {
      number
    } else {
      nil
    }
  }
}
