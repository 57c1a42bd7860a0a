import Boot
import CLinux
import Glibc
import Linux

/// A partition that can be written, with its ext4.
struct Disk {
  /// Nothing on it is a program, a device, or worth a write at each read.
  static let flags = MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME

  /// Path of the partition.
  let device: String
  /// `cfg` or `data`; the place below the root.
  let name: String

  /// Mounts it at its place; the journal repairs what a power cut left.
  func mount() throws(SystemError) {
    try Mounting.mount(device, at: "/\(name)", type: "ext4", flags: Disk.flags)
  }

  /// Makes a file system where there is none; whether that was so. One that is there stays, however
  /// damaged: what is on it may be wanted.
  func format() throws(SystemError) -> Bool {
    guard try !Disk.holdsExt4(start()) else { return false }
    let program = "/usr/sbin/mke2fs"
    let process = ProcessSpecification(
      program: program,
      arguments: ["mke2fs", "-q", "-F", "-t", "ext4", "-m", "0", "-L", name, device])
    guard try process.spawn().wait() == .exited(0) else {
      throw SystemError(call: program, code: EIO, subject: device)
    }
    return true
  }

  /// Whether the first octets of a partition are those of ext2, ext3 or ext4: the magic number
  /// 0xef53, least significant octet first, 56 octets into the superblock at 1024.
  static func holdsExt4(_ start: [UInt8]) -> Bool {
    start.count > 1_081 && start[1_080] == 0x53 && start[1_081] == 0xef
  }

  private func start() throws(SystemError) -> [UInt8] {
    try Descriptor.open(device, O_RDONLY).read(limit: 2_048) ?? []
  }
}
