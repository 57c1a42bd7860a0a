import CLinux
import Glibc
import Linux

/// A network namespace that lives as long as one test: the kernel is real, the machine untouched.
enum OwnNamespace {
  /// Whether this process may make one.
  static let isAllowed = geteuid() == 0
  /// Shown for each skipped test.
  static let reason = "needs root to make a network namespace of its own"

  /// Runs `body` in a new namespace on this thread, and comes back.
  static func run<Result>(_ body: () throws -> Result) throws -> Result {
    let home = try Descriptor.open("/proc/thread-self/ns/net", O_RDONLY)
    try system("unshare") { unshare(CLONE_NEWNET) }
    defer {
      let back = setns(home.rawValue, CLONE_NEWNET)
      precondition(back == 0, "the way back is open")
    }
    return try body()
  }

  /// Runs a program of the system and waits; throws unless it exits with 0.
  static func command(_ arguments: String...) throws {
    var program = ProcessSpecification(arguments: arguments)
    program.program = "/usr/sbin/" + arguments[0]
    guard try program.spawn().wait() == .exited(0) else {
      throw SystemError(call: arguments.joined(separator: " "), code: EIO, subject: "")
    }
  }

  /// Makes ports as one end of a cable each; the other end is `x` and the name.
  static func makePorts(_ names: String...) throws {
    for name in names {
      try command("ip", "link", "add", name, "type", "veth", "peer", "name", "x" + name)
      try command("ip", "link", "set", "x" + name, "up")
    }
  }
}
