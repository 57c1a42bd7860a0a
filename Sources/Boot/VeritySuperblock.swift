public import Wire

/// The head of a verity partition, as `veritysetup format` writes it.
///
/// | offset | octets | field                                   |
/// |--------|--------|-----------------------------------------|
/// | 0      | 8      | `verity`, two zeros                     |
/// | 8      | 4      | version, 1                              |
/// | 12     | 4      | type of hash, 1: the salt comes first   |
/// | 16     | 16     | UUID                                    |
/// | 32     | 32     | algorithm, padded with zeros: `sha256`  |
/// | 64     | 4      | octets of a data block                  |
/// | 68     | 4      | octets of a hash block                  |
/// | 72     | 8      | number of data blocks                   |
/// | 80     | 2      | octets of the salt, at most 256         |
/// | 88     | 256    | salt                                    |
///
/// Numbers have the least significant octet first. It is not protected by anything: what it says
/// counts only when the tree has the root hash that was asked for.
public struct VeritySuperblock: Hashable, Sendable {
  /// Octets that ``init(parsing:)`` needs.
  public static let octetCount = 512
  /// Octets of every block; the only size that our images have.
  public static let blockOctets = 4_096

  /// Blocks of the root.
  public let dataBlocks: UInt64
  /// What every hash begins with.
  public let salt: [UInt8]

  /// Reads the first octets of a partition.
  public init(parsing bytes: [UInt8]) throws(WireError) {
    var reader = ByteReader(bytes)
    try Self.expect(Array("verity\0\0".utf8), &reader)
    try Self.expect([1, 0, 0, 0, 1, 0, 0, 0], &reader)
    _ = try reader.octets(16)
    try Self.expect(Array("sha256".utf8) + [UInt8](repeating: 0, count: 26), &reader)
    try Self.expect([0, 16, 0, 0, 0, 16, 0, 0], &reader)
    dataBlocks = try reader.uint64().byteSwapped
    // A tree for one block has no top of its own; sectors must fit into 64 bits.
    guard (2..<1 << 40).contains(dataBlocks) else {
      throw .invalid(offset: 72, value: dataBlocks)
    }
    let saltCount = Int(try reader.uint16().byteSwapped)
    guard saltCount <= 256 else { throw .invalid(offset: 80, value: UInt64(saltCount)) }
    _ = try reader.octets(6)
    salt = Array(try reader.octets(256).prefix(saltCount))
    _ = try reader.octets(Self.octetCount - reader.offset)
  }

  /// The root hash of a tree with this head and this top block, which follows the head's block.
  public func rootHash(topBlock: [UInt8]) -> RootHash { RootHash(salt: salt, topBlock: topBlock) }

  /// The parameters of the kernel's verity target: any octet that is not as signed is a panic.
  /// - Parameter data: device number of the root, `MAJOR:MINOR`; `tree` that of the tree.
  func parameters(data: String, tree: String, rootHash: RootHash) -> String {
    let salt = self.salt.isEmpty ? "-" : Hexadecimal.text(self.salt)
    let block = Self.blockOctets
    return "1 \(data) \(tree) \(block) \(block) \(dataBlocks) 1 sha256 \(rootHash) \(salt)"
      + " 1 panic_on_corruption"
  }

  private static func expect(_ octets: [UInt8], _ reader: inout ByteReader) throws(WireError) {
    for octet in octets {
      let offset = reader.offset
      let found = try reader.uint8()
      if found != octet { throw .invalid(offset: offset, value: UInt64(found)) }
    }
  }
}
