import Boot
import Configuration
import Crypto
import Glibc
import Linux
import Messages
import SQLite
import Store
import Supervision
import Wire

/// The process that starts, watches, configures and stops the roles of one gateway.
///
/// It owns the configuration document, the store, the control socket and the log. It parses no
/// packet; what roles tell each other passes through it (a star). Decisions about processes are
/// the ``ServiceTable``'s; this class performs them.
final class Supervisor {
  let reactor: Reactor
  let log: LogWriter
  let store: Store
  let run: RunDirectory
  let network: NodeNetwork
  var server: ControlServer?

  /// How it was started.
  let options: SupervisorOptions
  /// The configuration in force.
  var plan: Plan
  /// Who people and the portal talk to, and the DHCP programs.
  var household: Household?
  /// Where the management port is served; nil: the port is missing.
  var management: ManagementNamespace?
  /// Who serves DHCP there.
  var managementWatch: ManagementWatch?
  /// When each emergency shell ends, if nobody ended it before.
  var shellEnds: [Household.Name: Instant] = [:]
  /// What DHCP gave the WAN; nil: nothing yet, or it is static.
  var lease: WANLease?
  /// When the lease ends, and when a lease that the server took back is given up.
  var leaseEndsAt: Instant?
  var leaseGivenUpAt: Instant?
  /// A lease that came too soon after the last change, and when it ends.
  var heldLease: (lease: WANLease, end: Instant)?
  /// Until when a change of the lease is held.
  var leaseHoldsUntil = Instant.zero
  /// The leases of hosts on LANs; nil: there is no place for them.
  var leases: LeaseKeeper?
  /// How many leases the other node has; nil: it does not say.
  var peerLeases: Int?
  /// The activation under way, or the last that failed.
  var attempt: ActivationAttempt?
  /// Who we are to the portal; nil before activation, and unmanaged.
  var identity: PortalIdentity?
  /// What is known of the surroundings of the pair.
  var watch = NodeWatch()
  /// A drill on its way.
  var drill: DrillRun?
  /// How the channels have been.
  var history = ChannelHistory()
  /// Whether the portal answers, and why not.
  var contact = PortalContact()
  /// Whether the operator took this node out of the pair.
  var isSuspended = false
  /// Last words to the machine: nil, or what it is to do once everything has left.
  var farewell: Farewell?
  /// When the house opens at the latest; nil: it is open.
  var houseDueAt: Instant?
  /// The way to process 1 of the appliance, and when it is to hear from us again.
  var machine: PacketChannel?
  var nextWordAt: Instant?
  /// The helper process of a diagnosis, by client.
  var diagnoses: [ControlClient: DiagnosisRun] = [:]
  /// The update of the software, and the trial of a new one.
  var software = SoftwareState()
  /// A change of configuration on its way.
  var change: ConfigurationChange?
  /// A policy on its way to both nodes.
  var both = BothNodes()
  /// What was in force before the last return to an earlier configuration.
  var takenBack: Plan?
  /// Why the node cannot do its work, apart from the roles' own reasons.
  var networkFaults: [String] = []
  var networkRetryAt: Instant?
  /// Who tells of changes of the network, and when what they took away is put back.
  var networkWatch: NetworkWatch?
  var networkRepairAt: Instant?
  var networkRepairedAt = Instant.zero
  /// What is lost at the next start, because a disk of the appliance is damaged.
  var diskFaults: [String] = []

  var table = ServiceTable([])
  var processes: [RoleName: RoleProcess] = [:]
  var knowledge = Knowledge()
  /// Clients that wait for `vrrp` to answer, by request.
  var waiting: [UInt32: WaitingClient] = [:]
  var nextRequest: UInt32 = 1
  /// The random name of each running process of a role: a new process counts from zero again, and
  /// may do so only under a new name.
  var bootIDs: [RoleName: [UInt8]] = [:]

  private let beat: DescriptorPair
  private let null: Descriptor
  private var timer: DeadlineTimer?
  private var armed: Instant?
  private var signals: SignalSource?
  private(set) var isStopping = false
  /// Who has left of the two: the roles, and the household.
  private var rolesHaveLeft = false
  private var householdHasLeft = false
  /// Whether the roles leave for another configuration.
  var isReplacing = false
  private var isAnnounced = false
  private var isForwarding: Bool?
  private var state = "initializing"
  private var stateSince = WallClock.timestamp()

  /// A client of the control socket that waits for a role.
  struct WaitingClient {
    let client: ControlClient
    let deadline: Instant
  }

  /// Takes over what was prepared; nothing runs yet.
  init(
    _ options: SupervisorOptions, _ plan: Plan, log: LogWriter, store: consuming Store,
    run: RunDirectory
  ) throws {
    network = try NodeNetwork()
    null = try Descriptor.open("/dev/null", O_RDWR)
    self.options = options
    self.plan = plan
    self.log = log
    self.store = store
    self.run = run
    reactor = try Reactor()
    beat = try PacketChannel.pair()
  }

  /// Runs the gateway until SIGTERM or SIGINT; afterwards nothing of it is left.
  func supervise() throws(SystemError) {
    timer = try DeadlineTimer(reactor) { [unowned self] in expire() }
    signals = try SignalSource(reactor, [SIGTERM, SIGINT]) { [unowned self] in stop(signal: $0) }
    server = try ControlServer(reactor, directory: options.runDirectory) { [unowned self] in
      handle(line: $1, from: $0)
    }
    reactor.afterEvents = { [unowned self] in settle() }
    try watchNetwork()
    try openMachine()
    complain(network.lowerLeftovers())
    note("supervise.started", "supervisor started", plan.isFactory ? "not activated" : "")
    examineDisks()
    remember()
    beginSoftware()
    openLeases()
    try foundHouse()
    install()
    settle()
    try reactor.run()
  }

  // MARK: Events

  private func stop(signal: Int32) { stop(because: signal == SIGINT ? "SIGINT" : "SIGTERM") }

  /// Has everything leave in order; ``leave()`` is the end.
  func stop(because cause: String) {
    guard !isStopping else { return }
    isStopping = true
    run.forgetSelf()
    note("supervise.stopping", "supervisor stops", cause)
    step(.stopped)
    household?.stop()
  }

  /// Every member of the household has left.
  func householdLeft() {
    householdHasLeft = true
    if rolesHaveLeft { leave() }
  }

  private func rolesLeft() {
    guard !rolesHaveLeft else { return }
    rolesHaveLeft = true
    if householdHasLeft { leave() }
  }

  private func expire() {
    let now = MonotonicClock.now()
    if let armed, now - armed > SupervisorLimits.lateWakeUp {
      // We were not run ourselves (a frozen machine): silence proves nothing about the roles.
      log.write(.notice, "supervise", "late wake-up by \(now - armed)")
      for entry in table.entries where entry.state == .running { step(.beat(entry.service.name)) }
    }
    armed = nil
    if let deadline = table.deadline, deadline <= now { step(.deadlineReached) }
    speakToMachine(at: now)
    if let due = houseDueAt, due <= now { openHouse() }
    household?.expire(at: now)
    server?.expire(at: now)
    expireManagement(at: now)
    expireLease(at: now)
    expireLeases(at: now)
    expireShells(at: now)
    expireAttempt(at: now)
    expireDiagnoses(at: now)
    expireUpdate(at: now)
    expireWaiting(at: now)
    expireDrill(at: now)
    lookAtHealth(at: now)
    expireChange(at: now)
    expirePaired(at: now)
    retryNetwork(at: now)
    repairNetwork(at: now)
  }

  /// After each wake-up: announce, note a new state, arm the timer.
  private func settle() {
    noteState()
    observeChannels()
    observeTrial()
    followActivation()
    tellPortal()
    lookForCanaries()
    if !isAnnounced && !isStopping && allRun {
      isAnnounced = true
      becameReady()
    }
    armed = [
      table.deadline, houseDueAt, household?.deadline, server?.deadline, networkRetryAt,
      networkRepairAt,
      change?.deadline, pairedDeadline,
      managementWatch?.deadline, leaseDeadline, leases?.deadline, attempt?.deadline,
      contact.nextStatusAt,
      shellEnds.values.min(), updateDeadline, nextWordAt, watch.lookDue,
      drill?.due,
      diagnoses.values.map(\.deadline).min(),
      waiting.values.map(\.deadline).min(),
    ].compactMap { $0 }.min()
    timer?.arm(at: armed)
  }

  var allRun: Bool { table.entries.allSatisfy { $0.state == .running } }

  // MARK: Services

  /// Hands an event to the table and performs what it answers.
  func step(_ event: ServiceTable.Event) {
    let actions = table.handle(event, at: MonotonicClock.now())
    for action in actions { perform(action) }
  }

  private func perform(_ action: ServiceTable.Action) {
    switch action {
    case .spawn(let name): RoleName(rawValue: name).map(spawn)
    case .ask(let name): send(.stop, to: RoleName(rawValue: name))
    case .terminate(let name): process(name)?.child.signal(SIGTERM)
    case .kill(let name): process(name)?.child.signal(SIGKILL)
    case .record(let name, let old, let new, let cause): record(name, old, new, cause)
    case .finish: isStopping ? rolesLeft() : install()
    }
  }

  private func process(_ name: String) -> RoleProcess? {
    RoleName(rawValue: name).flatMap { processes[$0] }
  }

  private func spawn(_ name: RoleName) {
    guard let specification = plan.roles.first(where: { $0.name == name }) else { return }
    let beatEnd: Int32? =
      switch name {
      case .vrrp: beat.first.rawValue
      case .fence: beat.second.rawValue
      case .sync, .policy: nil
      }
    do {
      bootIDs[name] = try randomOctets(16)
      let process = try RoleProcess(
        specification.process(null: null.rawValue, lock: run.lockDescriptor, beat: beatEnd),
        reactor, received: { [unowned self] in received($0, from: name) },
        ended: { [unowned self] in ended(name, $0) })
      processes[name] = process
      run.remember(name.rawValue, pid: process.child.pid)
      step(.spawned(name.rawValue, pid: process.child.pid))
      introduce(name, pid: process.child.pid)
    } catch {
      step(.spawnFailed(name.rawValue, reason: "\(error)"))
    }
  }

  private func ended(_ name: RoleName, _ status: Linux.ExitStatus) {
    guard let process = processes.removeValue(forKey: name) else { return }
    run.remember(name.rawValue, pid: nil)
    forget(name, hasLeft: status == .exited(0))
    step(.exited(name.rawValue, pid: process.child.pid, Exit(status)))
  }

  func record(_ name: String, _ old: ServiceState, _ new: ServiceState, _ cause: String) {
    log.write(.info, name, "\(old.rawValue) -> \(new.rawValue) cause=\(cause)")
    let died = new == .backingOff || new == .killing
    if died { note("role.died", "\(name): \(old.rawValue) -> \(new.rawValue)", cause) }
  }

  /// Sends a command; a role that has not read for long is killed as hung.
  func send(_ command: Command, to name: RoleName?) {
    guard let name, let process = processes[name] else { return }
    guard !process.send(command) else { return }
    log.write(.error, name.rawValue, "does not read its commands; killed")
    process.child.signal(SIGKILL)
  }

  // MARK: Network

  /// Sets the network of the plan up and starts its roles; every role has left.
  private func install() {
    isReplacing = false
    setForwarding(false)
    knowledge = Knowledge()
    watch.health.reset()
    watch.lookDue = MonotonicClock.now()
    renewNetwork(plan)
    serveLANs()
    table = ServiceTable(plan.roles.map(\.service))
    step(.started)
  }

  /// Opens or closes the gateway. Open only while a policy is in the kernel.
  func setForwarding(_ isOn: Bool) {
    guard isOn != isForwarding else { return }
    do throws(SystemError) {
      try network.setForwarding(isOn)
      isForwarding = isOn
      log.write(.notice, "supervise", "forwarding=\(isOn)")
    } catch {
      // One family may have changed: the next call says it again.
      isForwarding = nil
      log.write(.error, "supervise", "\(error)")
    }
  }

  /// The policy has left and closed the gateway itself.
  func forwardingIsClosed() { isForwarding = nil }

  private func leave() {
    managementWatch = nil
    management?.close()
    closeLeases()
    complain(network.remove())
    isForwarding = false
    note("supervise.stopped", "supervisor stopped", "every role has left")
    server?.finish()
    server = nil
    run.clear()
    reactor.stop()
  }

  // MARK: State and events

  /// The state in the portal's words, and since when.
  var currentState: (word: String, since: String) { (state, stateSince) }

  private func noteState() {
    let word = stateWord
    guard word != state else { return }
    note("state", "\(state) -> \(word)", plan.isPair ? knowledge.reason : "")
    state = word
    stateSince = WallClock.timestamp()
  }

  private var stateWord: String {
    if isStopping || farewell != nil { return "restarting" }
    if plan.isFactory { return isEnrolled ? "initializing" : "disconnected" }
    // The portal's document is checked and on its way into force, for the first time or at a start.
    let comingUp = identity == nil ? "initializing" : "post-update"
    if isReplacing { return isEnrolling ? "post-update" : "restarting" }
    if isSuspended && plan.isPair { return "suspended" }
    guard plan.isPair else {
      guard plan.leaseFaults.isEmpty else { return "fault" }
      return knowledge.policy?.loaded == true ? "standalone" : comingUp
    }
    switch knowledge.role {
    case .initialize: return comingUp
    case .standby: return "standby"
    case .active: return "active"
    case .fault: return "fault"
    }
  }

  /// Stores an event and logs it; its number, 0 when it could not be stored.
  @discardableResult
  func note(_ kind: String, _ text: String, _ cause: String) -> Int64 {
    let suffix = cause.isEmpty ? "" : " cause=\(cause)"
    log.write(.notice, "event", "kind=\(kind) \(text)\(suffix)")
    do throws(StoreError) {
      return try store.append(time: WallClock.milliseconds(), kind: kind, text: text, cause: cause)
    } catch {
      log.write(.error, "supervise", "\(error)")
      return 0
    }
  }
}
