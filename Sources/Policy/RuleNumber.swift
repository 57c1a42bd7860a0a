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

/// The numbers by which the maps name what judges a packet, in `meta mark`.
///
/// They are numbers and not verdicts as the kernel walks every verdict of a map, and the chain behind it,
/// whenever anything of the table leads anywhere else than before.
struct JudgeNumbers {
  /// What the kill switch closes.
  static let killed: UInt32 = 1
  /// Below the mark of what was accepted, ``PolicyCompiler/passMark``.
  private static let bits: UInt32 = 0x7fff_ffff

  private let numbers: [String: UInt32]

  /// A rule's number follows from its identifier, and is the next free one where two have the same,
  /// so that others stay as they are when rules come and go.
  ///
  /// - Parameter rules: sorted by identifier.
  init(_ rules: [Rule]) {
    var numbers = [Chains.killed: JudgeNumbers.killed]
    var taken: Set = [0, JudgeNumbers.killed]
    for rule in rules {
      var number = UInt32(truncatingIfNeeded: rule.number ^ rule.number >> 32) & JudgeNumbers.bits
      while !taken.insert(number).inserted { number = (number + 1) & JudgeNumbers.bits }
      numbers[rule.kernelName] = number
    }
    self.numbers = numbers
  }

  /// The number of what ends in a chain.
  subscript(chain: String) -> UInt32 {
    guard let number = numbers[chain] else { preconditionFailure("every judge has a number") }
    return number
  }

  /// Where each number leads, sorted.
  var elements: [String] {
    numbers.sorted { $0.value < $1.value }.map { "\($0.value) : goto \($0.key)" }
  }
}
