extension Rule {
  /// The number that stands for ``id`` in the kernel: FNV-1a of its octets, 64 bits. The same on
  /// every node and in every version of a policy, so that a rule keeps its counter while others
  /// come and go; and no text of the author reaches nft.
  public var number: UInt64 {
    id.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
  }

  /// The name of its counter and its chain, also in the prefix of logged packets: `r_` and the
  /// number in sixteen hexadecimal digits.
  public var kernelName: String {
    let digits = String(number, radix: 16)
    return Rule.kernelPrefix + String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// What every ``kernelName`` begins with.
  static let kernelPrefix = "r_"
}
