public import Wire

extension NetworkInterface {
  /// The IPv6 link-local address of an interface that may be used now: not still being checked for
  /// duplicates and not found to be one (RFC 4862 5.4); nil when there is none.
  ///
  /// The corresponding file is `/proc/net/if_inet6`: address, index, length, scope and flags in
  /// hexadecimal, then the name.
  public static func linkLocalAddress(of name: String) -> IPv6Address? {
    // Without IPv6 in the kernel there is no such file, and no such address.
    guard let octets = try? Files.read("/proc/net/if_inet6", limitBytes: 1 << 20) else {
      return nil
    }
    return linkLocalAddress(of: name, in: String(decoding: octets, as: UTF8.self))
  }

  /// The same from the text of the file.
  static func linkLocalAddress(of name: String, in table: String) -> IPv6Address? {
    for line in table.split(separator: "\n") {
      let fields = line.split(separator: " ")
      guard fields.count == 6, fields[5] == name, fields[0].utf8.count == 32,
        let high = UInt64(fields[0].prefix(16), radix: 16),
        let low = UInt64(fields[0].suffix(16), radix: 16),
        let flags = UInt32(fields[4], radix: 16)
      else { continue }
      let address = IPv6Address(high: high, low: low)
      // IFA_F_TENTATIVE and IFA_F_DADFAILED.
      if address.isLinkLocal, flags & 0x48 == 0 { return address }
    }
    return nil
  }
}
