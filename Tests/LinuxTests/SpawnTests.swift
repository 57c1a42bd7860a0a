import Glibc
import Linux
import Testing
import Wire

/// Whether the test may change uid and capabilities.
private let isRoot = getuid() == 0

/// Runs a shell command as a child and returns what it writes to its standard output.
private func output(
  of command: String, _ change: (inout ProcessSpecification) -> Void = { _ in }
) throws -> (text: String, status: Linux.ExitStatus?) {
  let pair = try PacketChannel.pair()
  var specification = ProcessSpecification(
    program: "/bin/sh", arguments: ["sh", "-c", "printf %s \"$(\(command))\""])
  specification.descriptors = [0, pair.second.rawValue, 2]
  change(&specification)
  let child = try specification.spawn()
  let status = child.wait(milliseconds: 10_000)
  let channel = try PacketChannel(owning: pair.first)
  guard case .message(let octets) = try channel.receive() else { return ("", status) }
  return (String(decoding: octets, as: UTF8.self), status)
}

@Test("a child's end is readable on its pidfd in the loop, with its status")
func pidfd() throws {
  let reactor = try Reactor()
  let child = try ProcessSpecification(program: "/bin/sh", arguments: ["sh", "-c", "exit 7"])
    .spawn()
  var status: Linux.ExitStatus?
  try reactor.add(child.descriptor) { _ in
    status = child.reap()
    reactor.remove(child.descriptor)
    reactor.stop()
  }
  try reactor.run()
  #expect(status == .exited(7))
}

@Test("a signalled child tells the signal; signalling a dead one does nothing")
func signalled() throws {
  let child = try ProcessSpecification(program: "/bin/sleep", arguments: ["sleep", "100"]).spawn()
  #expect(child.reap() == nil)
  child.signal(SIGKILL)
  #expect(child.wait(milliseconds: 10_000) == .signalled(SIGKILL))
  child.signal(SIGKILL)
}

@Test("a program that is not there ends with status 127")
func missingProgram() throws {
  let child = try ProcessSpecification(program: "/nonexistent", arguments: ["x"]).spawn()
  #expect(child.wait(milliseconds: 10_000) == .exited(127))
}

@Test("a child has the descriptors it was given and no other")
func childDescriptors() throws {
  // The directory that ls reads is the fourth.
  let result = try output(of: "ls /proc/self/fd | wc -l")
  #expect(result.text == "4")
}

@Test(
  "a child has only its user and its capabilities, and keeps them over exec", .enabled(if: isRoot))
func childPrivileges() throws {
  let result = try output(
    of: "grep -E '^(Uid|Groups|Cap(Prm|Eff|Bnd|Amb)|NoNewPrivs):' /proc/self/status"
  ) {
    $0.user = 7_101
    $0.capabilities = [.netAdmin, .netRaw]
    $0.noNewPrivileges = true
  }
  let both = "0000000000003000"
  for line in [
    "Uid:\t7101\t7101\t7101\t7101", "Groups:\t ", "CapPrm:\t\(both)", "CapEff:\t\(both)",
    "CapBnd:\t\(both)", "CapAmb:\t\(both)", "NoNewPrivs:\t1",
  ] {
    #expect(result.text.split(separator: "\n").contains { $0 == line }, "\(line)")
  }
}

@Test("a child without capabilities has none", .enabled(if: isRoot))
func childWithoutCapabilities() throws {
  let result = try output(of: "grep CapEff /proc/self/status") {
    $0.user = 7_101
    $0.capabilities = []
  }
  #expect(result.text == "CapEff:\t0000000000000000")
}

@Test("a real-time child runs under SCHED_FIFO with its priority", .enabled(if: isRoot))
func childScheduler() throws {
  let result = try output(of: "cut -d' ' -f40,41 /proc/self/stat") { $0.realTimePriority = 3 }
  #expect(result.text == "3 1")
}

@Test("blocked signals reach the loop, and are unblocked in children")
func signals() throws {
  let reactor = try Reactor()
  var received: [Int32] = []
  let source = try SignalSource(reactor, [SIGUSR2]) {
    received.append($0)
    reactor.stop()
  }
  _ = source
  let thread = pthread_self()
  pthread_kill(thread, SIGUSR2)
  try reactor.run()
  #expect(received == [SIGUSR2])
  #expect(try output(of: "grep SigBlk /proc/self/status").text == "SigBlk:\t0000000000000000")
}

@Test("a child stands back by the niceness that it was given")
func childNiceness() throws {
  // The nineteenth word of a process's stat, counted behind the name.
  let nice = "cut -d ' ' -f 19 /proc/self/stat"
  let ours = try output(of: nice)
  let given = try output(of: nice) { $0.niceness = 10 }
  #expect(given.text == "10")
  #expect(ours.text != given.text)
}
