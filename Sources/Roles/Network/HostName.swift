/// Host names as RFC 1123 2.1 has them, where they come from outside of the document.
enum HostName {
  /// One label: 1…63 letters, digits and hyphens, none of these at an end.
  static func isLabel(_ text: some StringProtocol) -> Bool {
    (1...63).contains(text.utf8.count) && !text.hasPrefix("-") && !text.hasSuffix("-")
      && text.utf8.allSatisfy { isLabelOctet($0) }
  }

  /// A name of one or more labels, or an IPv4 address.
  static func isHost(_ text: some StringProtocol) -> Bool {
    (1...253).contains(text.utf8.count)
      && text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { isLabel($0) }
  }

  private static func isLabelOctet(_ octet: UInt8) -> Bool {
    switch octet {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
      true
    default: false
    }
  }
}
