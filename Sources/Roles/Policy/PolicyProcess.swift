import CLinux
import Glibc
import Linux
import Messages
import RoleChannel
import Wire

/// The process of the `policy` role: NET_ADMIN and nothing else, given by whoever starts it.
///
/// When it dies the ruleset stays in the kernel and goes on judging. When it leaves, it first
/// stops forwarding.
enum PolicyProcess {
  /// Runs until the supervisor says stop or is gone; the exit status.
  static func run() -> Int32 {
    // A supervisor that is gone is seen in the result of a write.
    _ = signal(SIGPIPE, SIG_IGN)
    do {
      return try PolicyRole().run()
    } catch {
      let line = Array("policy: \(error)\n".utf8)
      // Without a channel there is nobody to tell but whoever reads standard error.
      return unsafe write(STDERR_FILENO, line, line.count) < 0 ? 2 : 1
    }
  }
}

/// Waits for commands and the clock, and hands them to the enforcer.
private final class PolicyRole {
  private let reactor: Reactor
  private let enforcer: PolicyEnforcer
  private let changes: NetlinkSocket
  private var channel: SupervisorChannel?
  private var timer: DeadlineTimer?
  private var reported: PolicyStatus?
  /// What the last look found and is told already.
  private var toldFailures: Set<PolicyEnforcer.Finding> = []
  private var exitStatus: Int32 = 0

  init() throws {
    reactor = try Reactor()
    enforcer = try PolicyEnforcer()
    // Only that something changed is of interest; what, the kernel is asked.
    changes = try NetlinkSocket(
      NetlinkSocket.netfilter, receiveBufferBytes: 1 << 18, slots: 16, slotBytes: 64)
    try changes.join(group: Int32(NFNLGRP_NFTABLES.rawValue))
    try reactor.add(changes.descriptor) { [unowned self] _ in noticeChange() }
    timer = try DeadlineTimer(reactor) { [unowned self] in check() }
    channel = try SupervisorChannel(reactor) { [unowned self] in received($0) }
    reactor.afterEvents = { [unowned self] in
      report()
      timer?.arm(at: [enforcer.deadline, enforcer.traceEnd].compactMap { $0 }.min())
    }
  }

  func run() throws(SystemError) -> Int32 {
    try reactor.run()
    return exitStatus
  }

  private func received(_ command: Command?) {
    switch command {
    case .configure(.policy(let configuration)): configure(configuration)
    case .policy(.promoted): enforcer.promoted()
    case .policy(.trace(let trace)): follow(trace)
    case .policy(.hosts(let hosts)): meet(hosts)
    case .stop, nil: leave()
    case .configure, .vrrp, .fence, .sync, .agent, .controlAnswer:
      // Only the supervisor writes here, and these are not for this role.
      channel?.log(.error, "policy: a command for another role")
    }
  }

  private func configure(_ configuration: PolicyConfiguration) {
    let begun = MonotonicClock.now()
    do throws(PolicyRefusal) {
      try enforcer.configure(configuration, at: begun)
      let status = enforcer.status
      let took = MonotonicClock.now() - begun
      let load = enforcer.lastLoad
      channel?.log(
        .notice,
        "policy loaded version=\(status.version) epoch=\(status.epoch) took=\(took)"
          + " way=\(load.way) transaction=\(load.took)")
      report()
      channel?.send(.ready)
    } catch {
      report()
      channel?.send(.refused(reason: error.description))
    }
  }

  private func noticeChange() {
    enforcer.suspect(at: MonotonicClock.now())
    // Dropped or cut short, it is news all the same.
    while let count = try? changes.receive({ _ in }), count > 0 {}
  }

  private func follow(_ trace: PacketTrace) {
    do throws(NftablesError) {
      try enforcer.follow(trace, at: MonotonicClock.now())
    } catch { channel?.log(.error, "policy: no packets are followed: \(error)") }
  }

  private func meet(_ hosts: [LANHost]) {
    do {
      try enforcer.meet(hosts)
    } catch {
      channel?.log(.error, "policy: what has changed among the hosts: \(error)")
      enforcer.suspect(at: MonotonicClock.now())
    }
  }

  private func check() {
    let now = MonotonicClock.now()
    do throws(NftablesError) {
      try enforcer.endTrace(at: now)
    } catch {
      // It goes with this process at the latest.
      channel?.log(.error, "policy: packets are still followed: \(error)")
    }
    let findings = [enforcer.followSchedules(at: now), enforcer.check(at: now)].compactMap { $0 }
    for finding in findings where !toldFailures.contains(finding) { tell(finding) }
    // What goes on failing is found by every look.
    toldFailures = Set(findings.filter { if case .failed = $0 { true } else { false } })
  }

  private func tell(_ finding: PolicyEnforcer.Finding) {
    switch finding {
    case .followed(let text): channel?.log(.notice, "policy: \(text)")
    case .repaired(let text):
      channel?.send(.event(EventReport(kind: "policy.repaired", text: text, cause: "tampering")))
    case .failed(let text):
      channel?.send(.event(EventReport(kind: "policy.failed", text: text, cause: "")))
    }
  }

  /// Tells the supervisor what is in force, when that has changed.
  private func report() {
    guard enforcer.status != reported else { return }
    reported = enforcer.status
    channel?.send(.policy(.status(enforcer.status)))
  }

  private func leave() {
    do {
      try Sysctl.forwarding(false).apply()
    } catch {
      channel?.log(.error, "policy: \(error)")
      exitStatus = 1
    }
    reactor.stop()
  }
}
