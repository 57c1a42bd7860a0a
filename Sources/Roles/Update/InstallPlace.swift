import Glibc
import Linux
import Update

/// Where a version is installed to.
struct InstallPlace {
  /// Directory with `root-a`, `verity-a`, `root-b`, `verity-b`.
  var slots: String
  /// Where the EFI system partition is mounted.
  var partition: String
  /// The slot that is written: the one that does not run.
  var slot: String
  /// The version that runs.
  var running: SoftwareVersion
  /// The profile of the appliance.
  var profile: String

  /// The device of a part of the root.
  func device(_ part: BundleManifest.PartName) -> String { "\(slots)/\(part.rawValue)-\(slot)" }

  /// What there is room for; on the partition also in the place of what is removed first.
  func target() throws(UpdateFailure) -> UpdateTarget {
    var room: [BundleManifest.PartName: UInt64] = [:]
    for part in [BundleManifest.PartName.root, .verity] {
      room[part] = try installing { () throws(SystemError) in try Self.size(device(part)) }
    }
    let entries = BootEntries(partition: partition)
    var free = statvfs()
    _ = try installing { () throws(SystemError) in
      try system("statvfs", partition) { unsafe statvfs(partition, &free) }
    }
    room[.uki] = UInt64(free.f_bavail) * UInt64(free.f_frsize)
    for entry in entries.all where entry.version != running {
      room[.uki, default: 0] += try installing { () throws(SystemError) in
        try Self.size(entries.path(entry))
      }
    }
    return UpdateTarget(version: running, profile: profile, room: room)
  }

  /// Octets of a file or of a block device.
  static func size(_ path: String) throws(SystemError) -> UInt64 {
    let file = try Descriptor.open(path, O_RDONLY)
    return UInt64(try system("lseek", path) { lseek(file.rawValue, 0, SEEK_END) })
  }
}
