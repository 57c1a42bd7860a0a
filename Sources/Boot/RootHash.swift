import Wire

/// The hash that stands for every octet of a root: that of the top of its verity tree.
///
/// The signed kernel command line names the root that may be started.
public struct RootHash: Hashable, Sendable, CustomStringConvertible {
  /// Octets of a hash.
  static let octetCount = 32

  private let octets: [UInt8]

  /// Reads 64 hexadecimal digits; nil for anything else.
  public init?(_ text: some StringProtocol) {
    guard let octets = Hexadecimal.octets(text, count: Self.octetCount) else { return nil }
    self.octets = octets
  }

  /// The `ztb.roothash=` of a kernel command line; nil when it has none or not a whole one.
  public init?(commandLine: String) {
    let prefix = "ztb.roothash="
    let words = commandLine.split { $0 == " " || $0 == "\n" }
    guard let word = words.last(where: { $0.hasPrefix(prefix) }) else { return nil }
    self.init(word.dropFirst(prefix.count))
  }

  /// The root hash of a tree, of whose blocks only the top one is looked at.
  init(salt: [UInt8], topBlock: [UInt8]) { octets = SHA256.digest(salt + topBlock) }

  /// 64 hexadecimal digits in lower case.
  public var description: String { Hexadecimal.text(octets) }
}
