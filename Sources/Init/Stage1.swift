import Boot
import CLinux
import Glibc
import Linux
import Wire

/// The first thing process 1 does: it finds the root that the signed command line names, lets the
/// kernel guard every octet of it, loads the drivers of the hardware that is there, and goes there.
///
/// When it cannot, process 1 ends, the kernel panics and restarts the machine; the boot counter
/// leads to the other slot.
enum Stage1 {
  private enum Limits {
    /// Until the disk is there; one on USB takes some seconds.
    static let diskPatienceMilliseconds = 20_000
    static let stepMilliseconds = 20
    /// How often new devices are looked for: a bus, a controller, a hub and what hangs there.
    static let driverRounds = 4
  }

  private static let newRoot = "/sysroot"

  /// Whether the root is reached; if not, why is in the kernel's log.
  static func run() -> Bool {
    do {
      try mountKernelFiles()
      let log = try KernelLog(as: "stage1")
      do {
        try start(log)
        return true
      } catch {
        log.write(.error, "\(error)")
      }
    } catch {
      // Before there is a kernel log there is only the console.
      print("stage1: \(error)")
    }
    return false
  }

  private static func mountKernelFiles() throws(SystemError) {
    let flags = MS_NOSUID | MS_NODEV | MS_NOEXEC
    try Mounting.ensure("proc", at: "/proc", flags: flags)
    try Mounting.ensure("sysfs", at: "/sys", flags: flags)
    try Mounting.ensure("devtmpfs", at: "/dev", flags: MS_NOSUID)
    try Mounting.ensure("tmpfs", at: "/run", flags: MS_NOSUID | MS_NODEV)
  }

  private static func start(_ log: borrowing KernelLog) throws {
    let commandLine = String(decoding: try Files.read("/proc/cmdline"), as: UTF8.self)
    guard let hash = RootHash(commandLine: commandLine) else { throw Stage1Error.noHash }
    let processor = text(of: "/proc/cpuinfo")
    for module in KernelModule.list(text(of: "/modules.list")) where module.isFor(processor) {
      do throws(SystemError) { try module.load() } catch { refused(error, log) }
    }
    let slot = try waitForSlot(hash, log)
    let device = try VerityDevice.open(slot, rootHash: hash)
    try Mounting.mount(device, at: newRoot, type: "squashfs", flags: MS_RDONLY | MS_NODEV)
    var drivers = Drivers(
      list: text(of: newRoot + "/usr/lib/ztb/drivers.list"), root: newRoot)
    var rounds = 0
    while rounds < Limits.driverRounds, drivers.load(report: { refused($0, log) }) { rounds += 1 }
    try leaveWord(slot, hash)
    try enterRoot()
  }

  /// No list, no modules: the disk then says that it is not there.
  private static func text(of path: String) -> String {
    String(decoding: (try? Files.read(path)) ?? [], as: UTF8.self)
  }

  /// Without its hardware a module refuses. What is missed then says so by itself.
  private static func refused(_ error: SystemError, _ log: borrowing KernelLog) {
    log.write(.info, "\(error)")
  }

  private static func waitForSlot(
    _ hash: RootHash, _ log: borrowing KernelLog
  ) throws(Stage1Error) -> VeritySlot {
    var drivers = Drivers(list: text(of: "/drivers.list"))
    let end = MonotonicClock.now() + .milliseconds(Limits.diskPatienceMilliseconds)
    while MonotonicClock.now() < end {
      // One after the other: with a virtio disk no other controller is needed.
      if let slot = VeritySlot.find(hash) { return slot }
      if drivers.loadFirst(report: { refused($0, log) }) { continue }
      usleep(UInt32(Limits.stepMilliseconds) * 1_000)
    }
    throw .noSlot(hash)
  }

  private static func leaveWord(_ slot: VeritySlot, _ hash: RootHash) throws(SystemError) {
    try system("mkdir", "/run/ztb") { unsafe mkdir("/run/ztb", 0o755) }
    try Files.replace(
      "/run/ztb/boot",
      with: Array("slot=\(slot.letter)\ndisk=\(slot.root.disk)\nhash=\(hash)\n".utf8), mode: 0o644)
  }

  private static func enterRoot() throws(SystemError) {
    removeInitramfs()
    for place in ["/dev", "/run", "/proc", "/sys"] {
      try Mounting.move(place, to: newRoot + place)
    }
    try system("chdir", newRoot) { unsafe chdir(newRoot) }
    try Mounting.move(".", to: "/")
    try system("chroot") { unsafe chroot(".") }
    try system("chdir", "/") { unsafe chdir("/") }
  }

  /// Gives the memory of the initramfs back, but for this program, which runs.
  private static func removeInitramfs() {
    let modules = Directory.names("/modules").map { "/modules/\($0)" }
    for path in modules + ["/modules.list", "/drivers.list", "/init"] {
      unsafe unlink(path)
    }
  }
}

/// Why there is no root.
enum Stage1Error: Error, CustomStringConvertible {
  case noHash
  case noSlot(RootHash)

  var description: String {
    switch self {
    case .noHash: "the kernel command line has no ztb.roothash= of 64 hexadecimal digits"
    case .noSlot(let hash): "no disk has a root with the hash \(hash); restarting"
    }
  }
}
