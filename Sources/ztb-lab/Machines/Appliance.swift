import Glibc
import Linux

/// The image that a pair of virtual machines runs, and how they start it.
struct Appliance {
  /// How the kernel gets into memory.
  enum Start: Hashable {
    /// QEMU loads kernel and initramfs itself: quick, and nothing of the boot loader is tested.
    case direct
    /// UEFI firmware, boot loader, signed kernel, as on a box.
    case firmware
    /// The same with Secure Boot; the firmware takes the keys that the disk offers it once.
    case secureBoot
  }

  /// Directory that `Scripts/image` has filled.
  let directory: String
  /// Version of the image.
  let version: String
  var start = Start.direct
  /// The machines' ends of their serial lines.
  var consoles: [Node: String] = [:]

  /// What must be installed.
  static let programs = ["qemu-system-x86_64", "qemu-img", "ip", "bridge"]

  /// Debian's firmware.
  static let firmware = "/usr/share/OVMF/OVMF_CODE_4M.fd"
  static let firmwareVariables = "/usr/share/OVMF/OVMF_VARS_4M.fd"
  static let secureFirmware = "/usr/share/OVMF/OVMF_CODE_4M.secboot.fd"

  init(directory: String, version: String, start: Start = .direct) throws {
    try Programs.require(Appliance.programs)
    self.directory = directory
    self.version = version
    self.start = start
    guard Programs.isReadable(disk) else {
      throw LabError.missing("\(disk) is not built; see Scripts/test appliance")
    }
  }

  /// The same with serial lines.
  func with(consoles: [Node: String]) -> Appliance {
    var copy = self
    copy.consoles = consoles
    return copy
  }

  /// The disk as it leaves the factory.
  var disk: String { "\(directory)/ztb-\(version).raw" }

  /// A serial number as the firmware tells it.
  static func serial(_ node: Node) -> String { "ZTV-2600-000\(node.octet)" }
}
