import CLinux
import Glibc
public import Linux

/// A device that reads a root through its verity tree.
public enum VerityDevice {
  /// Makes the device and returns its path.
  /// - Parameter slot: the partitions; ``VeritySlot/superblock`` belongs to `rootHash`.
  public static func open(
    _ slot: VeritySlot, rootHash: RootHash
  ) throws(SystemError) -> String {
    let control = try Descriptor.open("/dev/mapper/control", O_RDWR)
    var create = MapperRequest(name: "root")
    try send(&create, ztb_dm_create, "create", to: control)
    let parameters = slot.superblock.parameters(
      data: slot.root.number, tree: slot.tree.number, rootHash: rootHash)
    var load = MapperRequest(
      name: "root", target: "verity",
      sectors: slot.superblock.dataBlocks * UInt64(VeritySuperblock.blockOctets / 512),
      parameters: parameters)
    try send(&load, ztb_dm_table_load, "load \(parameters)", to: control)
    // Suspend without its flag means resume.
    var resume = MapperRequest(name: "root")
    try send(&resume, ztb_dm_suspend, "resume", to: control)
    return "/dev/dm-\(resume.minor)"
  }

  private static func send(
    _ request: inout MapperRequest, _ number: UInt, _ subject: String,
    to control: borrowing Descriptor
  ) throws(SystemError) {
    let descriptor = control.rawValue
    var bytes = request.bytes
    try system("ioctl", "device mapper: \(subject)") {
      unsafe ztb_ioctl_pointer(descriptor, number, &bytes)
    }
    request.bytes = bytes
  }
}
