import Crypto
import Linux
import Messages
import RoleChannel
import VRRP
import Wire

/// The `vrrp` role: sockets and timers around a ``SyncGroup``.
///
/// Each wake-up: read the clock, say `.woke`, hand in commands, carriers, adverts and heartbeats,
/// then `.drained`; perform what the group wants as it says it; arm the timer.
final class VRRPRole {
  let reactor: Reactor
  private(set) var channel: SupervisorChannel?
  private var timer: DeadlineTimer?
  private var commands: [Command?] = []
  private var isFinished = false
  var node: VRRPNode?

  /// Takes the role's descriptors over.
  init() throws(SystemError) {
    reactor = try Reactor()
    channel = try SupervisorChannel(reactor) { [unowned self] in commands.append($0) }
    timer = try DeadlineTimer(reactor) {}
    reactor.afterEvents = { [unowned self] in wakeUp() }
  }

  /// Runs until stopped.
  func run() throws -> Int32 {
    if let missing = RealTimeRole.lockMemory(withLibraries: false) {
      channel?.log(.notice, missing)
    }
    try reactor.run()
    return isFinished ? 0 : 1
  }

  private func wakeUp() {
    let now = MonotonicClock.now()
    node?.begin(at: now)
    let pending = commands
    commands = []
    for command in pending { receive(command, at: now) }
    guard let node else { return }
    node.drain(at: now)
    timer?.arm(at: node.deadline)
    if node.isFinished { finish() }
  }

  private func receive(_ command: Command?, at now: Instant) {
    switch command {
    case .configure(.vrrp(let configuration)): configure(configuration, at: now)
    case .vrrp(let command): node?.receive(command, at: now)
    case .stop: stop(supervisorIsGone: false, at: now)
    case nil: stop(supervisorIsGone: true, at: now)
    case .configure, .fence, .sync, .policy, .agent, .controlAnswer:
      channel?.log(.error, "got another role's message")
    }
  }

  private func configure(_ configuration: VRRPConfiguration, at now: Instant) {
    guard let channel else { return }
    if let node {
      let isTaken = node.reconfigure(configuration, at: now)
      return channel.send(isTaken ? .ready : .refused(reason: "vrrp must be restarted for that"))
    }
    do {
      let node = try VRRPNode(configuration, reactor, channel)
      self.node = node
      node.start(at: now)
      channel.send(.ready)
    } catch {
      channel.send(.refused(reason: "\(error)"))
    }
  }

  private func stop(supervisorIsGone: Bool, at now: Instant) {
    guard let node else { return finish() }
    node.stop(supervisorIsGone: supervisorIsGone, at: now)
  }

  private func finish() {
    isFinished = true
    reactor.stop()
  }
}
