import Glibc
import Linux

/// A root and its tree on a disk: one of the two places for the software.
public struct VeritySlot: Hashable, Sendable {
  /// A partition.
  public struct Partition: Hashable, Sendable {
    /// `vda2`.
    public let device: String
    /// `254:2`.
    public let number: String
  }

  /// `a` or `b`.
  public let letter: String
  /// The disk of both partitions, such as `vda`.
  public let disk: String
  /// The squashfs.
  public let root: Partition
  /// Its verity tree.
  public let tree: Partition
  /// The head of the tree.
  public let superblock: VeritySuperblock

  /// The slot whose tree has this root hash; nil when there is none (yet).
  ///
  /// Only the top of the tree is looked at. The kernel compares everything below while it reads,
  /// and panics at the first octet that is not right: that must not happen because of a slot that
  /// was never meant to start.
  public static func find(_ hash: RootHash) -> VeritySlot? {
    let partitions = PartitionEntry.all()
    for tree in partitions {
      guard let letter = tree.letter(after: "verity-"),
        let root = partitions.first(where: { $0.disk == tree.disk && $0.name == "root-\(letter)" }),
        let superblock = superblock(of: tree.device, hash)
      else { continue }
      return VeritySlot(
        letter: letter, disk: tree.disk, root: Partition(device: root.device, number: root.number),
        tree: Partition(device: tree.device, number: tree.number), superblock: superblock)
    }
    return nil
  }

  /// The head of the tree on this partition, if the tree has that root hash.
  private static func superblock(of device: String, _ hash: RootHash) -> VeritySuperblock? {
    let block = VeritySuperblock.blockOctets
    // What cannot be read or is no tree is not the slot that is looked for.
    guard let partition = try? Descriptor.open("/dev/\(device)", O_RDONLY),
      let start = read(2 * block, from: partition),
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

/// A partition as the kernel lists it.
struct PartitionEntry: Hashable {
  let device: String
  let disk: String
  let number: String
  let name: String

  /// `a` of `verity-a`.
  func letter(after prefix: String) -> String? {
    guard name.hasPrefix(prefix), ["a", "b"].contains(name.dropFirst(prefix.count)) else {
      return nil
    }
    return String(name.dropFirst(prefix.count))
  }

  /// Every named partition.
  static func all() -> [PartitionEntry] {
    guard let directory = unsafe opendir("/sys/class/block") else { return [] }
    defer { unsafe closedir(directory) }
    var found: [PartitionEntry] = []
    while let entry = unsafe readdir(directory) {
      let device = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if let partition = read(device) { found.append(partition) }
    }
    return found.sorted { $0.device < $1.device }
  }

  private static func read(_ device: String) -> PartitionEntry? {
    let place = "/sys/class/block/\(device)"
    // A device that has gone meanwhile.
    guard let bytes = try? Files.read(place + "/uevent", limitBytes: 4_096) else { return nil }
    let fields = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    func field(_ key: String) -> String? {
      fields.first { $0.hasPrefix(key + "=") }.map { String($0.dropFirst(key.count + 1)) }
    }
    guard let name = field("PARTNAME"), let major = field("MAJOR"), let minor = field("MINOR"),
      let path = unsafe realpath(place, nil)
    else { return nil }
    defer { unsafe free(path) }
    // …/block/vda/vda2
    let parts = unsafe String(cString: path).split(separator: "/")
    guard parts.count >= 2 else { return nil }
    return PartitionEntry(
      device: device, disk: String(parts[parts.count - 2]), number: "\(major):\(minor)", name: name)
  }
}
