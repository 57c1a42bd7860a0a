import Glibc
import Linux
import Wire

/// A helper process whose words are read while the supervisor goes on. It ends with this object.
final class CapturedProcess {
  private let child: ChildProcess
  private let output: Descriptor
  private let reactor: Reactor

  /// Starts it.
  ///
  /// - Parameters:
  ///   - input: what it reads.
  ///   - received: gets each piece of what it writes.
  ///   - ended: is told once, when it has closed its output.
  init(
    _ specification: ProcessSpecification, input: borrowing Descriptor, _ reactor: Reactor,
    received: @escaping ([UInt8]) -> Void, ended: @escaping () -> Void
  ) throws(SystemError) {
    var ends: [Int32] = [-1, -1]
    try system("pipe2") { unsafe pipe2(&ends, O_CLOEXEC) }
    output = Descriptor(owning: ends[0])
    let writing = Descriptor(owning: ends[1])
    var process = specification
    process.descriptors = [input.rawValue, writing.rawValue, writing.rawValue]
    process.newSession = true
    process.deathSignal = SIGKILL
    self.reactor = reactor
    child = try process.spawn()
    try output.setNonBlocking()
    try reactor.add(output.rawValue) { [unowned self] _ in
      guard isFinished(received) else { return }
      reactor.remove(output.rawValue)
      _ = child.wait(milliseconds: 100)
      ended()
    }
  }

  deinit {
    reactor.remove(output.rawValue)
    child.signal(SIGKILL)
    _ = child.wait(milliseconds: 1_000)
  }

  private func isFinished(_ received: ([UInt8]) -> Void) -> Bool {
    do throws(SystemError) {
      while let piece = try output.read(limit: 4_096) {
        if piece.isEmpty { return true }
        received(piece)
      }
      return false
    } catch { return true }
  }
}
