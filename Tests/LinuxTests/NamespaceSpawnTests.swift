import CLinux
import Glibc
import Linux
import Testing

/// A script whose output is wanted, and how it is to be run.
private func output(
  of script: String, _ change: (inout ProcessSpecification) -> Void
) throws -> (text: String, status: Linux.ExitStatus?) {
  let pair = try PacketChannel.pair()
  var specification = ProcessSpecification(
    program: "/bin/sh", arguments: ["sh", "-c", "printf %s \"$(\(script))\""])
  specification.descriptors = [0, pair.second.rawValue, 2]
  change(&specification)
  let child = try specification.spawn()
  let status = child.wait(milliseconds: 10_000)
  let channel = try PacketChannel(owning: pair.first)
  guard case .message(let octets) = try channel.receive() else { return ("", status) }
  return (String(decoding: octets, as: UTF8.self), status)
}

/// A network namespace that nobody lives in.
private func emptyNamespace() throws -> Descriptor {
  let home = try Descriptor.open("/proc/thread-self/ns/net", O_RDONLY)
  try system("unshare") { unshare(CLONE_NEWNET) }
  defer { precondition(setns(home.rawValue, CLONE_NEWNET) == 0, "the way back is open") }
  return try Descriptor.open("/proc/thread-self/ns/net", O_RDONLY)
}

/// A file below the temporary directory, removed afterwards.
private func withFile(_ text: String, _ body: (String) throws -> Void) throws {
  let path = "/tmp/ztb-resolver-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
  try Files.replace(path, with: Array(text.utf8), mode: 0o644)
  defer { unsafe unlink(path) }
  try body(path)
}

@Suite("a child in namespaces of its own", .enabled(if: geteuid() == 0, "needs root"))
struct NamespaceSpawnTests {
  /// What the running system has; a child with the replaced file must not change it.
  private static let systemResolver = "/etc/resolv.conf"

  @Test("it enters the network namespace it is given, and stays without privileges in it")
  func networkNamespace() throws {
    let namespace = try emptyNamespace()
    let inside = try output(of: "ls /proc/self/ns/net -l | sed 's/.*net://'; ls /sys/class") {
      $0.networkNamespace = namespace.rawValue
    }
    let outside = try output(of: "ls /proc/self/ns/net -l | sed 's/.*net://'; ls /sys/class") {
      _ in
    }
    #expect(inside.status == .exited(0) && inside.text != outside.text)
    let devices = try output(
      of: "sed -n '3,$s/:.*//p' /proc/net/dev; grep CapEff /proc/self/status"
    ) {
      $0.networkNamespace = namespace.rawValue
      $0.user = 7_101
      $0.capabilities = []
    }
    #expect(devices.text == "    lo\nCapEff:\t0000000000000000")
  }

  @Test("a descriptor that is no network namespace ends the child with status 120")
  func noNamespace() throws {
    let null = try Descriptor.open("/dev/null", O_RDONLY)
    let result = try output(of: "echo reached") { $0.networkNamespace = null.rawValue }
    #expect(result.text == "" && result.status == .exited(120))
  }

  @Test("it alone sees the resolver file, and later changes that are written in place")
  func resolverFile() throws {
    let before = try? Files.read(Self.systemResolver)
    try #require(before != nil, "this system has no resolv.conf")
    try withFile("nameserver 192.0.2.53\n") { path in
      let result = try output(
        of: "cat /etc/resolv.conf; echo changed > \(path); cat /etc/resolv.conf"
      ) { $0.resolverFile = path }
      #expect(result.text == "nameserver 192.0.2.53\nchanged")
      #expect(try Files.read(Self.systemResolver) == before)
      let unprivileged = try output(of: "id -u; cat /etc/resolv.conf") {
        $0.resolverFile = path
        $0.user = 7_101
        $0.capabilities = []
      }
      #expect(unprivileged.text == "7101\nchanged")
    }
    let mounts = String(decoding: try Files.read("/proc/self/mounts"), as: UTF8.self)
    #expect(!mounts.contains(" \(Self.systemResolver) "))
  }

  @Test("a resolver file that is not there ends the child with status 119")
  func noResolverFile() throws {
    let result = try output(of: "echo reached") { $0.resolverFile = "/nonexistent/resolv.conf" }
    #expect(result.text == "" && result.status == .exited(119))
  }
}
