import CLinux
import Glibc
import Linux
import Messages
import Wire

/// A running role as its supervisor sees it: process, channel, and the commands it has not read.
final class RoleProcess {
  /// The role.
  let name: RoleName
  /// Its process.
  let child: ChildProcess
  private let channel: PacketChannel
  private let reactor: Reactor
  private var queue: [[UInt8]] = []

  /// Starts the role. `received` gets its reports, `ended` is called once when it has ended, after
  /// its last report.
  init(
    _ specification: RoleSpecification, _ reactor: Reactor, lock: Int32, beat: Int32?,
    received: @escaping (Report) -> Void, ended: @escaping (Linux.ExitStatus) -> Void
  ) throws(SystemError) {
    let pair = try PacketChannel.pair()
    let null = try Descriptor.open("/dev/null", O_RDWR)
    name = specification.name
    var process = ProcessSpecification(arguments: ["ztbd", "role", name.rawValue])
    process.descriptors = [null.rawValue, STDERR_FILENO, STDERR_FILENO, pair.second.rawValue, lock]
    if let beat { process.descriptors.append(beat) }
    process.user = specification.user
    process.capabilities = specification.capabilities
    process.realTimePriority = specification.realTimePriority
    process.mayLockMemory = specification.realTimePriority != nil
    process.noNewPrivileges = true
    // Ctrl-C in a terminal is for the supervisor alone, which then has the roles leave in order.
    process.newSession = true
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
    queue.append(command.encoded)
    flush()
    return queue.count <= SupervisorLimits.queuedMessages
  }

  private func drain(_ received: (Report) -> Void) {
    while true {
      do {
        switch try channel.receive() {
        case .message(let octets): received(try Report(decoding: octets))
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
