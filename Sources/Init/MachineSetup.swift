import Boot
import CLinux
import Configuration
import Glibc
import Linux
import Wire

/// What process 1 makes of a kernel and a root, after ``Stage1``, before anything else runs.
///
/// A step that fails is told and the next one follows: a box with a menu on its console can be
/// helped, one without cannot.
struct MachineSetup {
  /// Files of the verified root.
  enum Place {
    static let version = "/usr/lib/ztb/version"
    static let modules = "/usr/lib/ztb/modules.list"
    static let processor = "/proc/cpuinfo"
    static let kernelSettings = "/usr/lib/ztb/sysctl.list"
    /// Left by the first stage.
    static let boot = "/run/ztb/boot"
    static let partitions = "/dev/ztb"
    /// The partitions that have a link there; a table of a disk may have any other name in it.
    static let partitionNames: Set = [
      "esp", "root-a", "verity-a", "root-b", "verity-b", "cfg", "data",
    ]
    static let portOverrides = "/cfg/ports"
  }

  private enum Limits {
    static let fileOctets = 1 << 20
    static let shortFileOctets = 4_096
  }

  /// The version of the software.
  private(set) var version = "0.0.0"
  /// The model.
  private(set) var profile = Profile.all[0]
  /// Terminals for the menu.
  private(set) var consoles: [String] = []
  private let say: (KernelLog.Level, String) -> Void

  /// Nothing is done yet; `say` takes lines for people.
  init(say: @escaping (KernelLog.Level, String) -> Void) { self.say = say }

  /// Does everything in order.
  mutating func run() {
    mountKernelFiles()
    version = text(of: Place.version).map { String($0.prefix { !$0.isWhitespace }) } ?? version
    say(.notice, "ZT Branch \(version) starting")
    applyKernelSettings()
    loadModules()
    chooseProfile()
    linkPartitions()
    mountDisks()
    namePorts()
    prepareConsoles()
  }

  // MARK: Steps

  private func mountKernelFiles() {
    let quiet = MS_NOSUID | MS_NODEV | MS_NOEXEC
    for directory in ["/dev/pts", "/dev/shm"] { unsafe mkdir(directory, 0o755) }
    mount("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "gid=5,mode=620,ptmxmode=666")
    mount("tmpfs", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV)
    mount("tmpfs", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "size=32m,mode=1777")
    mount("cgroup2", "/sys/fs/cgroup", "cgroup2", quiet)
  }

  private func applyKernelSettings() {
    for line in lines(of: Place.kernelSettings) {
      let words = line.split(separator: " ", maxSplits: 1).map(String.init)
      guard words.count == 2 else { continue }
      do throws(SystemError) {
        try Files.set(words[0], words[1])
      } catch { say(.info, "\(error)") }
    }
    let name = "ztbranch"
    _ = unsafe sethostname(name, name.utf8.count)
  }

  private func loadModules() {
    let processor = text(of: Place.processor) ?? ""
    let modules = KernelModule.list(text(of: Place.modules) ?? "").filter { $0.isFor(processor) }
    var refused = 0
    for module in modules {
      do throws(SystemError) { try module.load() } catch {
        refused += 1
        say(.info, "\(error)")
      }
    }
    say(.info, "\(modules.count - refused) modules loaded, \(refused) refused")
  }

  private mutating func chooseProfile() {
    let product = text(of: "/sys/class/dmi/id/product_name") ?? ""
    let name = product.filter { !$0.isWhitespace }.lowercased()
    guard let known = Profile(named: name) ?? Profile(named: "vm") else { return }
    profile = known
    if known.name != name {
      say(.notice, "no profile “\(name)”: this is taken for a \(known.name)")
    }
  }

  private func linkPartitions() {
    unsafe mkdir(Place.partitions, 0o755)
    let disk = lines(of: Place.boot).first { $0.hasPrefix("disk=") }?.dropFirst(5)
    for partition in Partition.all() where Place.partitionNames.contains(partition.name) {
      guard disk.map({ $0 == partition.disk }) ?? true else { continue }
      unsafe symlink("../\(partition.device)", "\(Place.partitions)/\(partition.name)")
    }
  }

  private func mountDisks() {
    for name in ["cfg", "data"] {
      let disk = Disk(device: "\(Place.partitions)/\(name)", name: name)
      do throws(SystemError) {
        if name == "data", try disk.format() { say(.notice, "/data was empty and is formatted") }
        try disk.mount()
      } catch {
        say(
          .error, "/\(name) is in memory only until the next start, its disk is damaged: \(error)")
        mount("tmpfs", "/\(name)", "tmpfs", Disk.flags, "size=64m")
      }
    }
    for directory in ["/cfg/ztb", "/data/log", "/data/lib", "/data/tmp"] {
      unsafe mkdir(directory, 0o755)
    }
  }

  private func namePorts() {
    do throws(SystemError) {
      for remark in try NetworkCards.name(for: profile, overrides: portOverrides()) {
        say(.notice, remark)
      }
    } catch { say(.error, "the ports keep the kernel's names: \(error)") }
  }

  /// The box's own map of its ports; empty, and an error, when there is one that cannot be used.
  private func portOverrides() -> [String: MACAddress] {
    guard isThere(Place.portOverrides) else { return [:] }
    do {
      let octets = try Files.read(Place.portOverrides, limitBytes: Limits.shortFileOctets)
      return try PortOverrides.parse(String(decoding: octets, as: UTF8.self), profile)
    } catch {
      say(.error, "\(error)")
      return [:]
    }
  }

  /// The menu belongs to a user without privileges, and so do its terminals.
  private mutating func prepareConsoles() {
    let words = (text(of: "/proc/cmdline") ?? "").split(whereSeparator: \.isWhitespace)
    let given = words.first { $0.hasPrefix("ztb.consoles=") }?.dropFirst(13)
    let names = (given ?? "ttyS0,tty1").split(separator: ",").map(String.init)
    consoles = names.filter { !$0.contains("/") }.map { "/dev/\($0)" }
      .filter(isThere)
    for console in consoles { _ = unsafe chown(console, 7_108, 7_108) }
  }

  // MARK: Helpers

  private func isThere(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

  private func mount(
    _ source: String, _ target: String, _ type: String, _ flags: Int, _ data: String? = nil
  ) {
    do throws(SystemError) {
      try system("mount", target) {
        unsafe Glibc.mount(source, target, type, UInt(flags), data)
      }
    } catch { say(.info, "\(error)") }
  }

  private func text(of path: String) -> String? {
    let isLong = [Place.modules, Place.processor].contains(path)
    let limit = isLong ? Limits.fileOctets : Limits.shortFileOctets
    // Each caller knows what a file that is not there means.
    guard let octets = try? Files.read(path, limitBytes: limit) else { return nil }
    return String(decoding: octets, as: UTF8.self)
  }

  private func lines(of path: String) -> [Substring] {
    (text(of: path) ?? "").split(separator: "\n")
  }
}
