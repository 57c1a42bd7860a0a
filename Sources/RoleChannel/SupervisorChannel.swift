import Glibc
public import Linux
public import Messages
import Wire

/// A role's side of its channel to the supervisor (descriptor 3).
///
/// Reports go out whole and in order; while the supervisor does not read they wait here, bounded,
/// so that a role is never stopped by its supervisor. End of file means that the supervisor is
/// gone, and the role is to leave in order.
public final class SupervisorChannel {
  /// Numbers that bound the channel.
  public enum Limits {
    /// Reports that may wait; beyond that status pictures are dropped, which the next replaces.
    public static let queuedReports = 1_000
  }

  /// Where the supervisor puts the descriptors of a role.
  public enum DescriptorNumber {
    /// The channel itself.
    public static let channel: Int32 = 3
    /// The lock of the run directory, held open.
    public static let lock: Int32 = 4
    /// `vrrp` and `fence`: where the beats go. `web`: the listening socket. `console`: nothing.
    public static let extra: Int32 = 5
  }

  private let channel: PacketChannel
  private let reactor: Reactor
  private var queue: [Report] = []

  /// Takes descriptor 3 over; `received` gets each command, nil once at the end of file.
  public init(_ reactor: Reactor, received: @escaping (Command?) -> Void) throws(SystemError) {
    channel = try PacketChannel(owning: Descriptor(owning: DescriptorNumber.channel))
    self.reactor = reactor
    try reactor.add(channel.rawValue) { [unowned self] readiness in
      if readiness.contains(.writable) { flush() }
      drain(received)
    }
  }

  /// Sends a report, or keeps it for later when the supervisor is slow.
  public func send(_ report: Report) {
    queue.append(report)
    flush()
  }

  /// Sends a log line.
  public func log(_ level: LogLevel, _ text: String) { send(.log(level: level, text: text)) }

  private func drain(_ received: (Command?) -> Void) {
    while true {
      do {
        switch try channel.receive() {
        case .message(let octets): received(try Command(decoding: octets))
        case .nothing: return
        case .closed: return finish(received)
        }
      } catch {
        // Only the supervisor writes here; what it writes and we cannot read is a bug.
        log(.error, "channel: \(error)")
        return finish(received)
      }
    }
  }

  private func finish(_ received: (Command?) -> Void) {
    reactor.remove(channel.rawValue)
    received(nil)
  }

  private func flush() {
    var sent = 0
    do {
      while sent < queue.count, try channel.send(queue[sent].encoded) { sent += 1 }
    } catch {
      // The other end is gone: the read side sees the end of file and ends the role.
      sent = queue.count
    }
    queue.removeFirst(sent)
    if queue.count > Limits.queuedReports {
      queue.removeFirst(queue.count - Limits.queuedReports)
    }
    // Fails only after the end of file, when nothing is to be sent any more.
    _ = try? reactor.change(
      channel.rawValue, to: queue.isEmpty ? .readable : [.readable, .writable])
  }
}
