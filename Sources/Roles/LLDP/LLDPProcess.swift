import Glibc
import Linux
import Messages
import RoleChannel
import Wire

/// The process of the `lldp` role: NET_RAW and nothing else. It tells who is at the other end of
/// the link between the nodes, and tells the other end who we are.
enum LLDPProcess {
  /// Runs until the supervisor says stop or is gone; the exit status.
  static func run() -> Int32 {
    // A supervisor that is gone is seen in the result of a write.
    _ = signal(SIGPIPE, SIG_IGN)
    do {
      try LLDPRole().run()
      return 0
    } catch {
      let line = Array("lldp: \(error)\n".utf8)
      // Without a channel there is nobody to tell but whoever reads standard error.
      _ = unsafe write(STDERR_FILENO, line, line.count)
      return 1
    }
  }
}

private final class LLDPRole {
  private let reactor: Reactor
  private var channel: SupervisorChannel?
  private var timer: DeadlineTimer?
  private var link: LLDP?

  init() throws {
    reactor = try Reactor()
    timer = try DeadlineTimer(reactor) { [unowned self] in
      if link?.handle(at: MonotonicClock.now()) == true { tell() }
    }
    channel = try SupervisorChannel(reactor) { [unowned self] in received($0) }
    reactor.afterEvents = { [unowned self] in timer?.arm(at: link?.deadline) }
  }

  func run() throws(SystemError) { try reactor.run() }

  private func received(_ command: Command?) {
    switch command {
    case .configure(.neighbour(let configuration)): configure(configuration)
    case .stop, nil:
      link?.leave()
      reactor.stop()
    case .configure, .vrrp, .fence, .sync, .policy, .agent, .controlAnswer:
      channel?.log(.error, "a command for another role")
    }
  }

  private func configure(_ configuration: NeighbourConfiguration) {
    if let old = link { reactor.remove(old.descriptor) }
    link = nil
    do {
      let link = try LLDP(
        port: configuration.port, systemName: configuration.systemName,
        description: configuration.description, at: MonotonicClock.now())
      self.link = link
      try reactor.add(link.descriptor) { [unowned self] _ in read() }
      channel?.send(.ready)
    } catch { channel?.send(.refused(reason: "\(error)")) }
  }

  private func read() {
    do {
      if try link?.read(at: MonotonicClock.now()) == true { tell() }
    } catch { channel?.log(.error, "\(error)") }
  }

  private func tell() {
    let neighbour = link?.neighbour.map { frame in
      "\(frame.systemName.isEmpty ? "\(frame.chassis)" : frame.systemName), port \(frame.port)"
    }
    // Of our own kind the chassis is the address of the port.
    let mac = link?.neighbour.flatMap { MACAddress("\($0.chassis)") }
    channel?.send(.neighbour(text: neighbour ?? "", mac: mac))
  }
}
