import Glibc
import Linux
import Wire

/// Runs a program to its end and takes what it says, both bounded. Waits: not for the supervisor.
enum BoundedRun {
  /// What a program said, standard error too; with a last line when it was cut or did not run.
  static func output(
    of program: String, _ arguments: [String], limitOctets: Int, patience: Interval
  ) -> [UInt8] {
    do throws(SystemError) {
      var ends: [Int32] = [-1, -1]
      try system("pipe2") { unsafe pipe2(&ends, O_CLOEXEC) }
      let output = Descriptor(owning: ends[0])
      let child: ChildProcess
      do {
        let input = Descriptor(owning: ends[1])
        let null = try Descriptor.open("/dev/null", O_RDWR)
        var process = ProcessSpecification(
          program: program, arguments: [program] + arguments)
        process.descriptors = [null.rawValue, input.rawValue, input.rawValue]
        process.deathSignal = SIGKILL
        child = try process.spawn()
      }
      let (octets, isWhole) = try read(output, limitOctets, until: MonotonicClock.now() + patience)
      if !isWhole { child.signal(SIGKILL) }
      let status = child.wait(milliseconds: 1_000)
      return octets + note(status, isWhole)
    } catch { return Array("(\(error))\n".utf8) }
  }

  private static func read(
    _ output: borrowing Descriptor, _ limitOctets: Int, until end: Instant
  ) throws(SystemError) -> ([UInt8], isWhole: Bool) {
    var octets: [UInt8] = []
    while IPv4Connection.wait(output.rawValue, until: end) {
      guard let piece = try output.read(limit: 65_536) else { continue }
      if piece.isEmpty { return (octets, true) }
      octets += piece.prefix(limitOctets - octets.count)
      if octets.count == limitOctets { return (octets, false) }
    }
    return (octets, false)
  }

  private static func note(_ status: ExitStatus?, _ isWhole: Bool) -> [UInt8] {
    if !isWhole { return Array("\n(cut off)\n".utf8) }
    if status == .exited(127) { return Array("(not installed)\n".utf8) }
    return status == .exited(0) ? [] : Array("\n(\(status.map { "\($0)" } ?? "ended"))\n".utf8)
  }
}
