public import Wire

/// Starts, watches, restarts and stops the services of an appliance; decides only, does nothing.
///
/// The order of the table is the order of leaving, reversed: the last line leaves first, and the
/// next one is asked only when it has gone. Starting follows ``Service/requires`` and
/// ``Service/after`` and is otherwise parallel.
public struct ServiceTable: Sendable {
  /// What happened.
  public enum Event: Hashable, Sendable {
    /// The appliance starts: every service is wanted.
    case started
    /// The appliance stops: every service leaves in order.
    case stopped
    /// These services are to leave in order and start again.
    case restartRequested([String])
    /// The program of ``Action/spawn(_:)`` runs as process `pid`.
    case spawned(String, pid: Int32)
    /// The program of ``Action/spawn(_:)`` could not be started.
    case spawnFailed(String, reason: String)
    /// The service reported that it can do its work.
    case becameReady(String)
    /// The service gave a sign of life.
    case beat(String)
    /// Process `pid` of the service ended.
    case exited(String, pid: Int32, Exit)
    /// ``ServiceTable/deadline`` passed.
    case deadlineReached
  }

  /// What is to be done.
  public enum Action: Hashable, Sendable {
    /// Start the program and answer with `spawned` or `spawnFailed`.
    case spawn(String)
    /// Ask the program, in its own language, to leave in order.
    case ask(String)
    /// Send SIGTERM.
    case terminate(String)
    /// Send SIGKILL.
    case kill(String)
    /// Record that a service changed its state.
    case record(String, from: ServiceState, to: ServiceState, cause: String)
    /// Every service has left after ``Event/stopped``.
    case finish
  }

  /// A service with what is known about it.
  public struct Entry: Hashable, Sendable {
    /// Its line of the table.
    public let service: Service
    /// Where it stands.
    public internal(set) var state = ServiceState.stopped
    /// Its process, while there is one.
    public internal(set) var pid: Int32?
    /// How often it was started again after a death.
    public internal(set) var restarts = 0
    /// Deaths in a row, each before the service was stable.
    var failures = 0
    /// When the present state has lasted too long, or is over.
    var deadline: Instant?
    /// When it was last spawned.
    var startedAt = Instant.zero

    var hasProcess: Bool {
      switch state {
      case .starting, .running, .leaving, .terminating, .killing: true
      case .stopped, .waiting, .backingOff: false
      }
    }
  }

  /// Every service, in the order of the table.
  public private(set) var entries: [Entry]
  /// Names of the services that still have to leave.
  private var leaving: Set<String> = []
  private var isStopping = false

  /// Makes a table in which nothing runs; names must differ and dependencies must be in it.
  public init(_ services: [Service]) {
    let names = Set(services.map(\.name))
    precondition(names.count == services.count, "two services have the same name")
    precondition(
      services.allSatisfy { names.isSuperset(of: $0.requires + $0.after) },
      "a service depends on one that is not in the table")
    entries = services.map { Entry(service: $0) }
  }

  /// The entry called `name`, if there is one.
  public subscript(name: String) -> Entry? { entries.first { $0.service.name == name } }

  /// When ``Event/deadlineReached`` is due.
  public var deadline: Instant? { entries.compactMap(\.deadline).min() }

  /// Takes one event and says what to do about it.
  public mutating func handle(_ event: Event, at now: Instant) -> [Action] {
    var actions: [Action] = []
    switch event {
    case .started: start(&actions)
    case .stopped: stop(&actions)
    case .restartRequested(let names): leaving.formUnion(names.filter { self[$0] != nil })
    case .spawned(let name, let pid): with(name) { $0.pid = pid }
    case .spawnFailed(let name, let reason): died(name, cause: reason, at: now, &actions)
    case .becameReady(let name): ready(name, at: now, &actions)
    case .beat(let name): beat(name, at: now)
    case .exited(let name, let pid, let exit):
      guard self[name]?.pid == pid else { return [] }
      died(name, cause: "\(exit)", at: now, &actions)
    case .deadlineReached: expire(at: now, &actions)
    }
    advance(at: now, &actions)
    return actions
  }
}

// MARK: Events

extension ServiceTable {
  private mutating func start(_ actions: inout [Action]) {
    isStopping = false
    for index in entries.indices where entries[index].state == .stopped {
      move(index, to: .waiting, "start", &actions)
    }
  }

  private mutating func stop(_ actions: inout [Action]) {
    isStopping = true
    leaving = Set(entries.map(\.service.name))
  }

  private mutating func ready(_ name: String, at now: Instant, _ actions: inout [Action]) {
    guard let index = index(name), entries[index].state == .starting else { return }
    move(index, to: .running, "ready", &actions)
    entries[index].deadline = entries[index].service.beatWithin.map { now + $0 }
  }

  private mutating func beat(_ name: String, at now: Instant) {
    guard let index = index(name), entries[index].state == .running else { return }
    entries[index].deadline = entries[index].service.beatWithin.map { now + $0 }
  }

  private mutating func died(
    _ name: String, cause: String, at now: Instant, _ actions: inout [Action]
  ) {
    guard let index = index(name), entries[index].hasProcess else { return }
    entries[index].pid = nil
    if leaving.contains(name) {
      leaving.remove(name)
      return move(index, to: isStopping ? .stopped : .waiting, cause, &actions)
    }
    let lasted = now - entries[index].startedAt
    entries[index].failures = lasted < Limits.stableAfter ? entries[index].failures + 1 : 1
    entries[index].restarts += 1
    let delay = Limits.delay(afterFailures: entries[index].failures)
    move(index, to: .backingOff, cause, &actions)
    entries[index].deadline = now + delay
    if delay == .zero { expire(index, at: now, &actions) }
  }

  private mutating func expire(at now: Instant, _ actions: inout [Action]) {
    for index in entries.indices {
      guard let deadline = entries[index].deadline, deadline <= now else { continue }
      expire(index, at: now, &actions)
    }
  }

  private mutating func expire(_ index: Int, at now: Instant, _ actions: inout [Action]) {
    let service = entries[index].service
    switch entries[index].state {
    case .stopped, .waiting, .killing: entries[index].deadline = nil
    case .backingOff: move(index, to: .waiting, "delay over", &actions)
    case .starting:
      move(index, to: .killing, "not ready within \(service.readyWithin)", &actions)
      actions.append(.kill(service.name))
    case .running:
      let silence = service.beatWithin ?? .zero
      move(index, to: .killing, "no sign of life for \(silence)", &actions)
      actions.append(.kill(service.name))
    case .leaving:
      move(index, to: .terminating, "did not leave within \(service.leaveWithin)", &actions)
      entries[index].deadline = now + Limits.terminateWithin
      actions.append(.terminate(service.name))
    case .terminating:
      move(index, to: .killing, "ignored SIGTERM for \(Limits.terminateWithin)", &actions)
      actions.append(.kill(service.name))
    }
  }
}

// MARK: Progress

extension ServiceTable {
  /// Goes on with leaving and, when nobody has to leave, with starting.
  private mutating func advance(at now: Instant, _ actions: inout [Action]) {
    if !leaving.isEmpty {
      leave(at: now, &actions)
      guard leaving.isEmpty else { return }
    }
    if isStopping {
      // Told once: afterwards no service has a process and no event changes that.
      isStopping = false
      return actions.append(.finish)
    }
    for index in entries.indices where canStart(index) {
      let service = entries[index].service
      move(index, to: .starting, "dependencies ready", &actions)
      entries[index].startedAt = now
      entries[index].deadline = now + service.readyWithin
      actions.append(.spawn(service.name))
    }
  }

  /// Asks the last leaving service of the table to go, unless one is already on its way.
  private mutating func leave(at now: Instant, _ actions: inout [Action]) {
    for index in entries.indices.reversed() where leaving.contains(entries[index].service.name) {
      let service = entries[index].service
      switch entries[index].state {
      case .leaving, .terminating, .killing: return
      case .stopped, .waiting, .backingOff:
        leaving.remove(service.name)
        move(index, to: isStopping ? .stopped : .waiting, "asked to leave", &actions)
      case .starting, .running:
        move(index, to: .leaving, "asked to leave", &actions)
        entries[index].deadline = now + service.leaveWithin
        return actions.append(.ask(service.name))
      }
    }
  }

  private func canStart(_ index: Int) -> Bool {
    guard entries[index].state == .waiting else { return false }
    let service = entries[index].service
    let required = service.requires.allSatisfy { self[$0]?.state == .running }
    return required
      && service.after.allSatisfy { name in
        guard let entry = self[name] else { return true }
        return entry.state == .running || entry.failures > 0
      }
  }

  private mutating func move(
    _ index: Int, to state: ServiceState, _ cause: String, _ actions: inout [Action]
  ) {
    let old = entries[index].state
    entries[index].deadline = nil
    guard old != state else { return }
    entries[index].state = state
    actions.append(.record(entries[index].service.name, from: old, to: state, cause: cause))
  }

  private func index(_ name: String) -> Int? {
    entries.firstIndex { $0.service.name == name }
  }

  private mutating func with(_ name: String, _ change: (inout Entry) -> Void) {
    if let index = index(name) { change(&entries[index]) }
  }
}
