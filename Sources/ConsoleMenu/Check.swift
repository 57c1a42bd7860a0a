import Wire

/// What people type, checked at once; each refusal says what is expected.
enum Check {
  /// `y` or `n`.
  static func yesOrNo(_ text: String) throws(Reason) -> Bool {
    switch text.lowercased() {
    case "y", "yes": return true
    case "n", "no": return false
    default: throw Reason("Type y for yes or n for no.")
    }
  }

  /// Whether the answer means that there is none.
  static func isNone(_ text: String) -> Bool { ["none", "-"].contains(text.lowercased()) }

  /// The address of an interface with its network.
  static func prefix(_ text: String) throws(Reason) -> IPv4Prefix {
    if text.isEmpty { throw Reason("An address is needed, such as 203.0.113.2/24.") }
    guard let prefix = IPv4Prefix(text) else {
      throw Reason(
        text.contains("/")
          ? "\(text) is no address with its length, such as 203.0.113.2/24."
          : "The length of the network is missing, such as 203.0.113.2/24.")
    }
    guard (1...31).contains(prefix.length) else {
      throw Reason("The length of the network is 1 to 31; /\(prefix.length) leaves no neighbour.")
    }
    try usable(prefix.address)
    guard prefix.length == 31 || prefix.address != prefix.network.address else {
      throw Reason("\(prefix.address) is the network itself; give an address inside it.")
    }
    guard prefix.length == 31 || prefix.address != prefix.broadcast else {
      throw Reason("\(prefix.address) is the broadcast address of the network.")
    }
    return prefix
  }

  /// A router in the network of an interface.
  static func router(_ text: String, on network: IPv4Prefix) throws(Reason) -> IPv4Address {
    let address = try self.address(text, "A default gateway")
    guard network.contains(address) else {
      throw Reason("\(address) is not in \(network.network); the gateway must be a neighbour.")
    }
    guard address != network.address else {
      throw Reason("\(address) is this appliance itself.")
    }
    guard
      network.length == 31 || address != network.network.address && address != network.broadcast
    else { throw Reason("\(address) is no host of \(network.network).") }
    return address
  }

  /// The address of a host; `what` begins the sentence when it is missing.
  static func address(_ text: String, _ what: String) throws(Reason) -> IPv4Address {
    if text.isEmpty { throw Reason("\(what) is needed, such as 203.0.113.1.") }
    guard let address = IPv4Address(text) else {
      throw Reason("\(text) is no IPv4 address, such as 203.0.113.1.")
    }
    try usable(address)
    return address
  }

  private static func usable(_ address: IPv4Address) throws(Reason) {
    guard !address.isMulticast, !address.isLoopback, !address.isUnspecified,
      address.value >> 28 != 0xf, address.value >> 24 != 0
    else { throw Reason("\(address) cannot be the address of a host.") }
  }

  /// An 802.1Q identifier.
  static func vlan(_ text: String) throws(Reason) -> Int {
    guard let number = Int(text), (1...4094).contains(number) else {
      throw Reason("A VLAN tag is a whole number 1 to 4094.")
    }
    return number
  }

  /// `host:port`.
  static func place(_ text: String) throws(Reason) -> (host: String, port: Int) {
    if text.isEmpty { throw Reason("A proxy is needed as host:port, such as proxy.example:3128.") }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2 else {
      throw Reason("\(text) is not host:port, such as proxy.example:3128.")
    }
    guard let port = Int(parts[1]), (1...65_535).contains(port) else {
      throw Reason("A port is a whole number 1 to 65535, such as in proxy.example:3128.")
    }
    return (try host(String(parts[0])), port)
  }

  /// A host name (RFC 1123 2.1) or an address.
  static func host(_ text: String) throws(Reason) -> String {
    let labels = text.split(separator: ".", omittingEmptySubsequences: false)
    guard text.utf8.count <= 253, labels.allSatisfy({ isLabel($0) }) else {
      throw Reason("'\(text)' is no host name and no address.")
    }
    // All digits at the end: an address, or nothing.
    if let last = labels.last, last.allSatisfy({ $0.isNumber }), IPv4Address(text) == nil {
      throw Reason("\(text) is no IPv4 address, such as 203.0.113.1.")
    }
    return text
  }

  private static func isLabel(_ label: Substring) -> Bool {
    (1...63).contains(label.utf8.count) && !label.hasPrefix("-") && !label.hasSuffix("-")
      && label.utf8.allSatisfy { octet in
        switch octet {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
          true
        default: false
        }
      }
  }

  /// A new password.
  static func password(_ text: String) throws(Reason) -> String {
    guard text.count >= Limits.passwordCharacters else {
      throw Reason(
        "A password has at least \(Limits.passwordCharacters) characters, this has \(text.count); "
          + "a sentence does well.")
    }
    guard text.count <= Limits.longestPassword else {
      throw Reason("A password has at most \(Limits.longestPassword) characters.")
    }
    guard Set(text).count > 4 else {
      throw Reason("This repeats itself; a sentence does well.")
    }
    return text
  }
}
