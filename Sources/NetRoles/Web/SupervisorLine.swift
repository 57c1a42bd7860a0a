import Linux
import Messages
import RoleChannel
import Wire

/// Requests of this role to the supervisor, with their answers by number.
final class SupervisorLine {
  private enum Limits {
    /// How long an answer may take.
    static let patience = Interval.seconds(10)
    /// Requests that may wait for their answers.
    static let waiting = 64
  }

  private struct Waiting {
    let deadline: Instant
    let completion: (ControlAnswer?) -> Void
  }

  private let send: (Report) -> Void
  private var waiting: [UInt32: Waiting] = [:]
  private var nextNumber: UInt32 = 1

  /// `send` takes reports for the supervisor.
  init(send: @escaping (Report) -> Void) { self.send = send }

  /// When ``expire(at:)`` is due.
  var deadline: Instant? { waiting.values.map(\.deadline).min() }

  /// Asks; `completion` gets the answer, nil when there is none in time.
  func ask(_ request: ControlRequest, _ completion: @escaping (ControlAnswer?) -> Void) {
    guard waiting.count < Limits.waiting else { return completion(nil) }
    let number = nextNumber
    nextNumber &+= 1
    waiting[number] = Waiting(
      deadline: MonotonicClock.now() + Limits.patience, completion: completion)
    send(.control(request: number, line: request.line))
  }

  /// Takes an answer; one that came too late is dropped.
  func answered(_ number: UInt32, _ line: [UInt8]) {
    guard let entry = waiting.removeValue(forKey: number) else { return }
    do {
      entry.completion(try ControlAnswer(line: line))
    } catch {
      // The supervisor is of the same build; what it writes and we cannot read is a bug of ours.
      send(.log(level: .error, text: "web: an answer cannot be read: \(error)"))
      entry.completion(nil)
    }
  }

  /// Gives up on what took too long.
  func expire(at now: Instant) {
    for (number, entry) in waiting where entry.deadline <= now {
      waiting.removeValue(forKey: number)
      entry.completion(nil)
    }
  }
}
