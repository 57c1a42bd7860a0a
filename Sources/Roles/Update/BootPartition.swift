import Boot
import CLinux
import Glibc
import Linux

/// The EFI system partition, reachable as long as this or its ``entries`` live: it is mounted for that
/// time only.
final class BootPartition {
  private static let mountPoint = "/esp"

  /// Where its files are.
  let path: String
  private let isMounted: Bool

  /// - Parameter slots: directory with `esp`: a block device, or a directory in its place.
  init(slots: String) throws(SystemError) {
    let source = slots + "/esp"
    var status = stat()
    try system("stat", source) { unsafe stat(source, &status) }
    guard status.st_mode & S_IFMT != S_IFDIR else {
      path = source
      isMounted = false
      return
    }
    try Mounting.mount(
      source, at: Self.mountPoint, type: "vfat",
      flags: Int(MS_NOSUID) | Int(MS_NODEV) | Int(MS_NOEXEC))
    path = Self.mountPoint
    isMounted = true
  }

  /// Unmounts what a supervisor left that was killed while it had the partition: a second mount is
  /// refused. For a start, before anybody has one.
  static func dropLeftover() { _ = unsafe umount2(mountPoint, Int32(MNT_DETACH)) }

  /// The entries of the boot loader.
  var entries: BootEntries { BootEntries(partition: path, mounted: self) }

  deinit {
    // Everything was synchronised before; one that is in use leaves with its last user.
    if isMounted { _ = unsafe umount2(path, Int32(MNT_DETACH)) }
  }
}
