import CLinux
import Glibc
import Linux
import Messages
import RoleChannel
import Wire

/// A running role as its supervisor sees it: process, channel, and the commands it has not read.
final class RoleProcess {
  /// Its process.
  let child: ChildProcess
  private let channel: PacketChannel
  private let reactor: Reactor
  private var queue: [[UInt8]] = []
  /// Configurations that it has not answered yet. It answers each, in order, that it can use it or not.
  private(set) var unanswered = 0

  /// Starts the role; its end of the channel becomes descriptor 3. `received` gets its reports,
  /// `ended` is called once when it has ended, after its last report.
  init(
    _ specification: ProcessSpecification, _ reactor: Reactor,
    received: @escaping (Report) -> Void, ended: @escaping (Linux.ExitStatus) -> Void
  ) throws(SystemError) {
    let pair = try PacketChannel.pair()
    var process = specification
    process.descriptors.insert(
      pair.second.rawValue, at: Int(SupervisorChannel.DescriptorNumber.channel))
    child = try process.spawn()
    channel = try PacketChannel(owning: pair.first)
    self.reactor = reactor
    try reactor.add(channel.rawValue) { [unowned self] readiness in
      if readiness.contains(.writable) { flush() }
      drain(received)
    }
    try reactor.add(child.descriptor) { [unowned self] _ in
      guard let status = child.reap() else { return }
      drain(received)
      reactor.remove(child.descriptor)
      reactor.remove(channel.rawValue)
      ended(status)
    }
  }

  deinit {
    reactor.remove(child.descriptor)
    reactor.remove(channel.rawValue)
  }

  /// Sends a command, or keeps it until the role reads. False when too many wait: it is hung.
  func send(_ command: Command) -> Bool {
    if case .configure = command { unanswered += 1 }
    queue.append(command.encoded)
    flush()
    return queue.count <= SupervisorLimits.queuedMessages
  }

  private func drain(_ received: (Report) -> Void) {
    while true {
      do {
        switch try channel.receive() {
        case .message(let octets):
          let report = try Report(decoding: octets)
          if report.answersConfiguration { unanswered = max(0, unanswered - 1) }
          received(report)
        case .nothing: return
        case .closed: return reactor.remove(channel.rawValue)
        }
      } catch {
        // A role is not trusted to speak our language: it ends, its pidfd tells the rest.
        received(.log(level: .error, text: "channel unreadable: \(error)"))
        reactor.remove(channel.rawValue)
        return child.signal(SIGKILL)
      }
    }
  }

  private func flush() {
    var sent = 0
    do {
      while sent < queue.count, try channel.send(queue[sent]) { sent += 1 }
    } catch {
      // The role is gone; its pidfd tells.
      sent = queue.count
    }
    queue.removeFirst(sent)
    // Fails only when the channel is not watched any more, and then nothing will be sent.
    _ = try? reactor.change(
      channel.rawValue, to: queue.isEmpty ? .readable : [.readable, .writable])
  }
}

extension Report {
  /// Whether it says what became of a configuration.
  fileprivate var answersConfiguration: Bool {
    switch self {
    case .ready, .refused: true
    case .log, .event, .vrrp, .sync, .policy, .agent, .control, .neighbour, .paths, .probe: false
    }
  }
}
