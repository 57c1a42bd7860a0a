import CLinux
import Glibc
import JSON
import Linux
import Wire

/// QEMU's control channel (QMP): commands to a virtual machine, a JSON object a line.
final class MachineMonitor {
  private let socket: Descriptor
  private var pending: [UInt8] = []
  /// Lets time pass while an answer is waited for.
  private let idle: () throws -> Void

  private static let patience = Interval.seconds(10)

  /// Connects to the socket of a machine and greets.
  init(path: String, idle: @escaping () throws -> Void) throws {
    self.idle = idle
    socket = try Sockets.local(path)
    _ = try next()
    _ = try execute("qmp_capabilities")
  }

  /// Runs a command; what it returns.
  @discardableResult
  func execute(_ command: String, _ arguments: [(String, JSONValue)] = []) throws -> JSON {
    var members: [JSONValue.Member] = [.init("execute", .string(command))]
    if !arguments.isEmpty {
      members.append(.init("arguments", .object(arguments.map { .init($0.0, $0.1) })))
    }
    var rest = (JSONValue.object(members).canonical + [UInt8(ascii: "\n")])[...]
    while !rest.isEmpty { rest = rest.dropFirst(try socket.write(rest) ?? 0) }
    while true {
      let answer = try next()
      // Events come in between; nobody waits for them.
      if answer.keys.contains("return") { return answer["return"] }
      if let reason = answer["error"]["desc"].text {
        throw LabError.failed("the machine refuses \(command): \(reason)")
      }
    }
  }

  private func next() throws -> JSON {
    let end = MonotonicClock.now() + MachineMonitor.patience
    while true {
      if let line = pending.firstIndex(of: UInt8(ascii: "\n")) {
        let text = String(decoding: pending[..<line], as: UTF8.self)
        pending.removeFirst(line + 1)
        return try JSON(parsing: text)
      }
      if let piece = try socket.read(limit: 65_536) {
        guard !piece.isEmpty else { throw LabError.failed("the machine has ended") }
        pending += piece
      } else {
        guard MonotonicClock.now() < end else { throw LabError.timeout("an answer of QEMU") }
        try idle()
      }
    }
  }
}
