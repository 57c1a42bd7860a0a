import Linux
import Messages

/// One request on the control socket and its answer, without ever waiting: for a program that has
/// a person at its keys meanwhile.
final class ControlExchange {
  private enum Limits {
    /// Longest answer; a status of a large pair fits many times over.
    static let answerOctets = 8 << 20
  }

  private let socket: Descriptor
  private let reactor: Reactor
  private let finished: (ControlAnswer) -> Void
  private var output: [UInt8]
  private var input: [UInt8] = []
  private var isOver = false

  /// Sends `request`; `finished` gets the answer once, or a refusal that says why there is none.
  init(
    _ request: ControlRequest, in directory: String, _ reactor: Reactor,
    finished: @escaping (ControlAnswer) -> Void
  ) throws {
    output = request.line + [10]
    socket = try ControlSocket.connect(in: directory)
    try socket.setNonBlocking()
    self.reactor = reactor
    self.finished = finished
    try reactor.add(socket.rawValue, [.readable, .writable]) { [unowned self] readiness in
      if readiness.contains(.writable) { flush() }
      if !readiness.isDisjoint(with: [.readable, .hangup]) { read() }
    }
  }

  deinit { reactor.remove(socket.rawValue) }

  private func flush() {
    do throws(SystemError) {
      while !output.isEmpty, let count = try socket.write(output) { output.removeFirst(count) }
      if output.isEmpty { try reactor.change(socket.rawValue, to: .readable) }
    } catch { finish(ControlAnswer(done: false, "\(error)")) }
  }

  private func read() {
    do throws(SystemError) {
      while let piece = try socket.read(limit: 65_536) {
        guard !piece.isEmpty, input.count + piece.count <= Limits.answerOctets else {
          return finish(ControlAnswer(done: false, "The supervisor gave no answer."))
        }
        input += piece
        if input.last == 10 { return decode() }
      }
    } catch { finish(ControlAnswer(done: false, "\(error)")) }
  }

  private func decode() {
    do {
      finish(try ControlAnswer(line: input))
    } catch {
      finish(ControlAnswer(done: false, "The supervisor is of another version; restart it."))
    }
  }

  private func finish(_ answer: ControlAnswer) {
    guard !isOver else { return }
    isOver = true
    reactor.remove(socket.rawValue)
    finished(answer)
  }
}
