import Configuration
import Linux
import Messages
import Wire

/// The management port: who serves DHCP there, us or somebody else.
///
/// Our server starts when the port has carrier and nobody has answered for a second. It stops when
/// somebody answers: two servers on one network hand out addresses that do not work.
final class ManagementWatch {
  /// What is to be done about our own server.
  enum Decision: Hashable {
    /// Start it, or let it run.
    case serve
    /// Be silent: another server, at this address, answers.
    case yield(IPv4Address)
  }

  private enum Limits {
    static let lookEvery = Interval.milliseconds(300)
    /// Questions before our own server starts.
    static let questionsBefore = 4
    /// Questions after a plug-in in all; servers that look for a free address first are slow.
    static let questions = 12
  }

  private let probe: DHCPProbe
  private let hasCarrier: () -> Bool
  private var wasUp = false
  private var asked = 0
  /// When ``look(at:)`` is due.
  private(set) var deadline: Instant
  /// What holds now; nil: not known yet.
  private(set) var decision: Decision?

  /// Watches a port from `now` on.
  init(_ probe: DHCPProbe, hasCarrier: @escaping () -> Bool, from now: Instant) {
    self.probe = probe
    self.hasCarrier = hasCarrier
    deadline = now
  }

  /// Looks at the carrier, asks and listens; true when the decision has changed.
  func look(at now: Instant) throws(SystemError) -> Bool {
    deadline = now + Limits.lookEvery
    let isUp = hasCarrier()
    if isUp && !wasUp {
      asked = 0
      // Another cable, another network: whoever was there is asked anew.
      if case .yield = decision { decision = nil }
    }
    wasUp = isUp
    let before = decision
    if let other = try probe.answer() { decision = .yield(other) }
    if isUp && asked < Limits.questions {
      asked += 1
      try probe.ask()
      if asked > Limits.questionsBefore && decision == nil { decision = .serve }
    }
    return decision != before
  }
}

extension Supervisor {
  /// Makes the management namespace.
  func openManagement() {
    let port = plan.given.gateway.profile.managementPort
    do {
      let space = try ManagementNamespace(port: port)
      management = space
      managementWatch = ManagementWatch(
        try space.makeProbe(), hasCarrier: { [unowned self] in hasCarrier(port) },
        from: MonotonicClock.now())
    } catch { note("management", "the management port is not served", "\(error)") }
  }

  /// Starts the page in the management namespace.
  func openPage() {
    guard let management else { return }
    var web = netRole(.web, user: 7_106)
    web?.process.networkNamespace = management.descriptor
    web?.extra = management.listener
    household?.set(.web, web)
  }

  /// Starts and stops our DHCP server on the management port.
  func expireManagement(at now: Instant) {
    guard let watch = managementWatch, let management, watch.deadline <= now else { return }
    do throws(SystemError) {
      guard try watch.look(at: now), let decision = watch.decision else { return }
      switch decision {
      case .serve:
        household?.set(
          .managementDHCP,
          helper(.managementDHCP) { () throws(ProgramAbsent) in
            try HelperPrograms.addressServer(on: management.port, in: management.descriptor)
          })
      case .yield(let other):
        household?.set(.managementDHCP, nil)
        note(
          "management.dhcp", "\(management.port) serves no DHCP", "\(other) answers there already")
      }
    } catch { log.write(.error, "supervise", "management port: \(error)") }
  }
}
