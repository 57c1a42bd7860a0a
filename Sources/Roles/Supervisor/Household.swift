import CLinux
import Glibc
import Linux
import Messages
import Supervision
import Wire

/// The processes around the gateway that people and the portal talk to, and the DHCP programs.
///
/// They go on while the roles that forward leave for another configuration: whoever sits at the
/// console or at the activation page sees the change happen. Each has a service table of its own,
/// as they come and go one by one.
final class Household {
  /// What a member is started with; another recipe means another process.
  struct Recipe: Hashable {
    /// The process, but for its descriptors.
    var process: ProcessSpecification
    /// Whether it speaks on descriptor 3, holds our lock on 4, and says itself when it is ready.
    var isRole: Bool
    /// The terminal that becomes 0 and 1; nil: `/dev/null` and our standard error. Opened anew for
    /// each process: the end of the one before may have hung it up.
    var terminal: String?
    /// A person's own program on the terminal: it has all of it, does not hold our lock, and is not
    /// started again when it ends.
    var isSession = false
    /// What becomes descriptor 5 of a role.
    var extra: Int32?
  }

  /// What the supervisor is told.
  struct Callbacks {
    /// A member is about to start.
    var prepare: (Name) -> Void = { _ in }
    /// A role of the household reports something.
    var received: (Report, Name) -> Void
    /// A member runs anew and has to be told its configuration.
    var started: (Name) -> Void
    /// A member changed its state.
    var recorded: (Name, ServiceState, ServiceState, String) -> Void
    /// A session has ended; its place is free.
    var sessionEnded: (Name) -> Void = { _ in }
    /// Every member has left after ``stop()``.
    var finished: () -> Void
  }

  private final class Member {
    var table: ServiceTable
    var recipe: Recipe
    var isLeaving = false
    /// What it becomes when it has left.
    var successor: Recipe?
    var role: RoleProcess?
    var helper: HelperProcess?

    init(_ name: Name, _ recipe: Recipe) {
      table = ServiceTable([Service(name.rawValue, leaveWithin: .seconds(2))])
      self.recipe = recipe
    }

    var child: ChildProcess? { role?.child ?? helper?.child }
  }

  private let reactor: Reactor
  private let run: RunDirectory
  private let null: Descriptor
  private let callbacks: Callbacks
  private var members: [Name: Member] = [:]
  private var isStopping = false

  /// An empty household.
  init(_ reactor: Reactor, run: RunDirectory, _ callbacks: Callbacks) throws(SystemError) {
    self.reactor = reactor
    self.run = run
    self.callbacks = callbacks
    null = try Descriptor.open("/dev/null", O_RDWR)
  }

  /// Wants a member as the recipe says, or (nil) not at all. One with another recipe leaves first.
  func set(_ name: Name, _ recipe: Recipe?) {
    guard !isStopping else { return }
    guard let member = members[name] else {
      if let recipe { start(name, recipe) }
      return
    }
    guard member.isLeaving || member.recipe != recipe else { return }
    member.successor = recipe
    leave(name, member)
  }

  /// Has a member leave and come again, as what it reads at its start has changed.
  func renew(_ name: Name) {
    guard let member = members[name], !member.isLeaving else { return }
    member.successor = member.recipe
    leave(name, member)
  }

  /// Whether a member is wanted.
  func has(_ name: Name) -> Bool { members[name] != nil }

  /// The servers of LANs that are wanted, or on their way out.
  var lanServices: [Name] { members.keys.filter(\.isOfLAN) }

  /// Sends a command to a role; nothing happens when it does not run.
  func send(_ command: Command, to name: Name) {
    guard let role = members[name]?.role, !role.send(command) else { return }
    role.child.signal(SIGKILL)
  }

  /// What is known of each process.
  var entries: [ServiceTable.Entry] {
    members.sorted { $0.key < $1.key }.map(\.value.table.entries[0])
  }

  /// When ``expire(at:)`` is due.
  var deadline: Instant? { members.values.compactMap(\.table.deadline).min() }

  /// Acts on what is due.
  func expire(at now: Instant) {
    for (name, member) in members {
      if let deadline = member.table.deadline, deadline <= now { step(name, .deadlineReached) }
    }
  }

  /// A role said that it can do its work.
  func becameReady(_ name: Name) { step(name, .becameReady(name.rawValue)) }

  /// Has everyone leave.
  func stop() {
    isStopping = true
    guard !members.isEmpty else { return callbacks.finished() }
    for (name, member) in members {
      member.successor = nil
      leave(name, member)
    }
  }

  // MARK: One member

  private func start(_ name: Name, _ recipe: Recipe) {
    members[name] = Member(name, recipe)
    step(name, .started)
  }

  private func leave(_ name: Name, _ member: Member) {
    guard !member.isLeaving else { return }
    member.isLeaving = true
    step(name, .stopped)
  }

  private func step(_ name: Name, _ event: ServiceTable.Event) {
    guard let member = members[name] else { return }
    for action in member.table.handle(event, at: MonotonicClock.now()) {
      perform(action, name, member)
    }
  }

  private func perform(_ action: ServiceTable.Action, _ name: Name, _ member: Member) {
    switch action {
    case .spawn: spawn(name, member)
    case .ask:
      if let role = member.role { _ = role.send(.stop) } else { member.child?.signal(SIGTERM) }
    case .terminate: member.child?.signal(SIGTERM)
    case .kill: member.child?.signal(SIGKILL)
    case .record(_, let old, let new, let cause): callbacks.recorded(name, old, new, cause)
    case .finish:
      members[name] = nil
      if let successor = member.successor, !isStopping { start(name, successor) }
      if isStopping && members.isEmpty { callbacks.finished() }
    }
  }

  private func spawn(_ name: Name, _ member: Member) {
    callbacks.prepare(name)
    do {
      let terminal = try member.recipe.terminal.map { try Terminal($0) }
      if member.recipe.isSession { try terminal?.makeOrdinary() }
      let process = specification(member.recipe, terminal: terminal?.descriptor.rawValue)
      if member.recipe.isRole {
        member.role = try RoleProcess(
          process, reactor, received: { [unowned self] in callbacks.received($0, name) },
          ended: { [unowned self] in ended(name, $0) })
      } else {
        member.helper = try HelperProcess(process, reactor) { [unowned self] in ended(name, $0) }
      }
    } catch {
      return step(name, .spawnFailed(name.rawValue, reason: "\(error)"))
    }
    guard let pid = member.child?.pid else { return }
    run.remember(name.rawValue, pid: pid)
    step(name, .spawned(name.rawValue, pid: pid))
    if member.recipe.isRole { callbacks.started(name) } else { becameReady(name) }
  }

  private func specification(_ recipe: Recipe, terminal: Int32?) -> ProcessSpecification {
    var process = recipe.process
    if recipe.isSession, let terminal {
      process.descriptors = [terminal, terminal, terminal]
      process.newSession = true
      process.ownsTerminal = true
      return process
    }
    process.descriptors = [terminal ?? null.rawValue, terminal ?? STDERR_FILENO, STDERR_FILENO]
    // A program that is not ours could leave a child with it, and we would not start again.
    if recipe.isRole { process.descriptors.append(run.lockDescriptor) }
    if let extra = recipe.extra { process.descriptors.append(extra) }
    return process
  }

  private func ended(_ name: Name, _ status: Linux.ExitStatus) {
    guard let member = members[name], let pid = member.child?.pid else { return }
    run.remember(name.rawValue, pid: nil)
    member.role = nil
    member.helper = nil
    let isOver = member.recipe.isSession && member.successor == nil
    if isOver && !member.isLeaving {
      member.isLeaving = true
      step(name, .stopped)
    }
    step(name, .exited(name.rawValue, pid: pid, Exit(status)))
    if isOver && !isStopping { callbacks.sessionEnded(name) }
  }
}

/// A terminal that is open for one process.
private final class Terminal {
  let descriptor: Descriptor

  init(_ path: String) throws(SystemError) {
    // Without a carrier an open that waits would wait for ever.
    descriptor = try Descriptor.open(path, O_RDWR | O_NOCTTY | O_NONBLOCK)
  }

  /// As a program expects it that was not written for this place.
  func makeOrdinary() throws(SystemError) {
    try TerminalMode(descriptor.rawValue)?.makeOrdinary()
    try descriptor.setBlocking()
  }
}

/// A program that is not ours: it is started, watched and ended by signals.
final class HelperProcess {
  /// Its process.
  let child: ChildProcess
  private let reactor: Reactor

  /// Starts it; `ended` is called once.
  init(
    _ specification: ProcessSpecification, _ reactor: Reactor,
    ended: @escaping (Linux.ExitStatus) -> Void
  ) throws(SystemError) {
    child = try specification.spawn()
    self.reactor = reactor
    try reactor.add(child.descriptor) { [unowned self] _ in
      guard let status = child.reap() else { return }
      reactor.remove(child.descriptor)
      ended(status)
    }
  }

  deinit { reactor.remove(child.descriptor) }
}

extension Exit {
  /// The same in the words of the service table.
  init(_ status: Linux.ExitStatus) {
    switch status {
    case .exited(let number): self = .status(number)
    case .signalled(let number): self = .signal(number)
    }
  }
}
