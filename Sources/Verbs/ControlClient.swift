import Glibc
import JSON
import Linux
import Messages
import Wire

/// Asks the supervisor one thing.
struct ControlClient {
  /// Where its control socket is.
  let runDirectory: String

  /// Sends a request and waits for its answer; a refusal throws what the supervisor says.
  ///
  /// `patience` bounds the wait for the answer.
  func ask(
    _ request: ControlRequest, patience: Interval = .seconds(30)
  ) throws -> ControlAnswer {
    let answer = try answer(to: request, patience: patience)
    guard answer.done else { throw Refusal.failed(answer.text) }
    return answer
  }

  /// The same, but a refusal is an answer too, for verbs that have more to show than its words.
  func answer(to request: ControlRequest, patience: Interval) throws -> ControlAnswer {
    let line: [UInt8]
    do throws(SystemError) {
      line = try exchange(request.line + [10], patience)
    } catch {
      throw Refusal.failed(words(error))
    }
    return try ControlAnswer(line: line)
  }

  /// The status document.
  func status() throws -> StatusDocument {
    guard let status = try ask(ControlRequest(.status)).status else {
      throw Refusal.failed("the supervisor gave no status; is it of another version?")
    }
    return status
  }

  private func exchange(_ request: [UInt8], _ patience: Interval) throws(SystemError) -> [UInt8] {
    let socket = try ControlSocket.connect(in: runDirectory)
    var rest = request[...]
    while !rest.isEmpty, let count = try socket.write(rest) { rest = rest.dropFirst(count) }
    let end = MonotonicClock.now() + patience
    var answer: [UInt8] = []
    while answer.last != 10 {
      var entry = pollfd(fd: socket.rawValue, events: Int16(POLLIN), revents: 0)
      let left = Int32(clamping: (end - MonotonicClock.now()).nanoseconds / 1_000_000)
      let count = try system("poll", "control.sock") { unsafe poll(&entry, 1, max(0, left)) }
      guard count > 0 else { throw SystemError(call: "read", code: ETIMEDOUT, subject: "answer") }
      guard let piece = try socket.read(limit: 65_536), !piece.isEmpty else {
        throw SystemError(call: "read", code: ECONNRESET, subject: "control.sock")
      }
      answer += piece
      guard answer.count <= ControlAnswer.lineLimitBytes else {
        throw SystemError(call: "read", code: EMSGSIZE, subject: "answer")
      }
    }
    return answer
  }

  private func words(_ error: SystemError) -> String {
    switch error.code {
    case ENOENT, ECONNREFUSED:
      "no supervisor answers in \(runDirectory); start it, or name its directory with --run-dir"
    case EACCES, EPERM, ECONNRESET:
      "\(error); it serves user 0 only, and 16 clients at a time"
    default: "\(error)"
    }
  }
}

/// Prints a value as JSON, keys sorted, one document.
func printJSON(_ value: some Encodable) throws { print(try jsonText(value)) }

/// What is printed: a contract with whoever reads `--json`.
func jsonText(_ value: some Encodable) throws -> String {
  String(decoding: try JSONValue(encoding: value).indented, as: UTF8.self)
}
