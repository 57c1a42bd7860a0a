import Glibc
import Linux

/// A root and its tree on a disk: one of the two places for the software.
public struct VeritySlot: Hashable, Sendable {
  /// `a` or `b`.
  public let letter: String
  /// The squashfs.
  public let root: Partition
  /// Its verity tree, on the same disk.
  public let tree: Partition
  /// The head of the tree.
  public let superblock: VeritySuperblock

  /// The slot whose tree has this root hash; nil when there is none (yet).
  ///
  /// Only the top of the tree is looked at. The kernel compares everything below while it reads,
  /// and panics at the first octet that is not right: that must not happen because of a slot that
  /// was never meant to start.
  public static func find(_ hash: RootHash) -> VeritySlot? {
    for (letter, root, tree) in pairs(Partition.all()) {
      if let superblock = superblock(of: tree, hash) {
        return VeritySlot(letter: letter, root: root, tree: tree, superblock: superblock)
      }
    }
    return nil
  }

  /// Roots and trees that belong together.
  static func pairs(
    _ partitions: [Partition]
  ) -> [(letter: String, root: Partition, tree: Partition)] {
    partitions.flatMap { tree in
      ["a", "b"].compactMap { letter in
        guard tree.name == "verity-\(letter)" else { return nil }
        return partitions.first { $0.disk == tree.disk && $0.name == "root-\(letter)" }
          .map { (letter, $0, tree) }
      }
    }
  }

  /// The head of the tree on this partition, if the tree has that root hash.
  private static func superblock(of partition: Partition, _ hash: RootHash) -> VeritySuperblock? {
    let block = VeritySuperblock.blockOctets
    // What cannot be read or is no tree is not the slot that is looked for.
    guard let file = try? Descriptor.open("/dev/\(partition.device)", O_RDONLY),
      let start = read(2 * block, from: file),
      let superblock = try? VeritySuperblock(
        parsing: Array(start.prefix(VeritySuperblock.octetCount))),
      superblock.rootHash(topBlock: Array(start.dropFirst(block))) == hash
    else { return nil }
    return superblock
  }

  private static func read(_ count: Int, from file: borrowing Descriptor) -> [UInt8]? {
    var bytes: [UInt8] = []
    // A partition that cannot be read is no slot.
    while bytes.count < count, let piece = try? file.read(limit: count - bytes.count) {
      if piece.isEmpty { return nil }
      bytes += piece
    }
    return bytes.count == count ? bytes : nil
  }
}
