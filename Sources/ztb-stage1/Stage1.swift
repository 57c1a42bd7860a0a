import Boot
import Glibc
import Linux

/// The first program: finds the root that the signed command line names, lets the kernel guard
/// every octet of it, and goes there.
///
/// It ends only by becoming the root's first process. When it cannot, the kernel panics because its
/// first process is gone, and restarts the machine; the boot counter leads to the other slot.
enum Stage1 {
  private enum Limits {
    /// Until the disk is there; one on USB takes some seconds.
    static let diskPatienceMilliseconds = 20_000
    static let stepMilliseconds = 20
  }

  private static let newRoot = "/sysroot"

  /// Returns when nothing can be started.
  static func run() -> Int32 {
    do {
      try mountKernelFiles()
    } catch {
      print("stage1: \(error)")
      return 1
    }
    do {
      let log = try KernelLog(as: "stage1")
      do {
        try start(log)
      } catch {
        log.write(.error, "\(error)")
      }
    } catch {
      print("stage1: \(error)")
    }
    return 1
  }

  private static func mountKernelFiles() throws(SystemError) {
    try FirstProgram.mount("proc", "/proc", "proc")
    try FirstProgram.mount("sysfs", "/sys", "sysfs")
    try FirstProgram.mount("devtmpfs", "/dev", "devtmpfs", flags: UInt(MS_NOSUID))
    try FirstProgram.mount("tmpfs", "/run", "tmpfs", flags: UInt(MS_NOSUID | MS_NODEV))
  }

  private static func start(_ log: borrowing KernelLog) throws {
    let commandLine = String(decoding: try Files.read("/proc/cmdline"), as: UTF8.self)
    guard let hash = RootHash(commandLine: commandLine) else { throw Stage1Error.noHash }
    loadModules(log)
    let slot = try waitForSlot(hash)
    let device = try VerityDevice.open(slot, rootHash: hash)
    try FirstProgram.mount(
      device, newRoot, "squashfs", flags: UInt(MS_RDONLY | MS_NODEV))
    try leaveWord(slot, hash)
    try enterRoot()
  }

  private static func loadModules(_ log: borrowing KernelLog) {
    // No list, no modules: the disk then says that it is not there.
    let list = (try? Files.read("/modules.list")) ?? []
    for line in String(decoding: list, as: UTF8.self).split(separator: "\n") {
      let words = line.split(separator: " ", maxSplits: 1)
      do {
        try FirstProgram.load(String(words[0]), options: words.count > 1 ? String(words[1]) : "")
      } catch {
        // Without its hardware a module refuses; what is missed then says so below.
        log.write(.info, "\(error)")
      }
    }
  }

  private static func waitForSlot(_ hash: RootHash) throws(Stage1Error) -> VeritySlot {
    for _ in 0..<Limits.diskPatienceMilliseconds / Limits.stepMilliseconds {
      if let slot = VeritySlot.find(hash) { return slot }
      usleep(UInt32(Limits.stepMilliseconds) * 1_000)
    }
    throw .noSlot(hash)
  }

  private static func leaveWord(_ slot: VeritySlot, _ hash: RootHash) throws(SystemError) {
    try system("mkdir", "/run/ztb") { unsafe mkdir("/run/ztb", 0o755) }
    try Files.replace(
      "/run/ztb/boot",
      with: Array("slot=\(slot.letter)\ndisk=\(slot.disk)\nhash=\(hash)\n".utf8), mode: 0o644)
  }

  /// Returns only by throwing.
  private static func enterRoot() throws(SystemError) {
    for place in ["/dev", "/run"] {
      try system("mount", place) {
        unsafe mount(place, newRoot + place, nil, UInt(MS_MOVE), nil)
      }
    }
    for place in ["/proc", "/sys"] { try system("umount", place) { unsafe umount2(place, 0) } }
    try system("chdir", newRoot) { unsafe chdir(newRoot) }
    try system("mount", "/") { unsafe mount(".", "/", nil, UInt(MS_MOVE), nil) }
    try system("chroot") { unsafe chroot(".") }
    try system("chdir", "/") { unsafe chdir("/") }
    let program = unsafe strdup("init")
    var arguments = unsafe [program, nil]
    try system("exec", "/sbin/init") { unsafe execv("/sbin/init", &arguments) }
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
