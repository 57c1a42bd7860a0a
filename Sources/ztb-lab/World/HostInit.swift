import CLinux
import Glibc
import Linux

/// Process 1 of a host: makes its mounts and then only reaps.
enum HostInit {
  /// Runs until it is killed. Descriptor 3 is told when the machine is ready.
  static func run(_ name: String) throws {
    // Orphans vanish by themselves; a process 1 that does not reap would fill the table.
    signal(SIGCHLD, SIG_IGN)
    unsafe name.withCString { _ = unsafe sethostname($0, name.utf8.count) }
    try mount("none", "/", "none", UInt(MS_REC | MS_PRIVATE))
    try mount("proc", "/proc", "proc", UInt(MS_NOSUID | MS_NODEV | MS_NOEXEC))
    try mount("sysfs", "/sys", "sysfs", UInt(MS_NOSUID | MS_NODEV | MS_NOEXEC))
    try mount("tmpfs", "/run", "tmpfs", UInt(MS_NOSUID | MS_NODEV))
    for directory in ["/run/lock", "/run/sshd", "/run/empty", "/run/data"] {
      try system("mkdir", directory) { unsafe mkdir(directory, 0o755) }
    }
    let channel = try PacketChannel(owning: Descriptor(owning: 3))
    _ = try channel.send(Array("ready".utf8))
    while true { pause() }
  }

  private static func mount(
    _ source: String, _ target: String, _ type: String, _ flags: UInt
  ) throws {
    try system("mount", target) { unsafe Glibc.mount(source, target, type, flags, nil) }
  }
}
