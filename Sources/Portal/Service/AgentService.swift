import Activation
import JSON
import SQLite

/// What an agent is told when it asks for its configuration.
struct AgentWork {
  var version: Int64
  /// Canonical JSON; nil: the agent has it already.
  var document: String?
  var commands: [QueuedCommand]
}

/// What an agent says about a document.
struct AppliedDocument: Hashable {
  var version: Int64
  /// `verified`, `applied` or `failed`.
  var outcome: String
  var reason: String
}

/// What came of a command.
struct CommandResult: Hashable {
  var id: Int64
  var done: Bool
  var text: String
}

/// An event as an agent sends it.
struct AgentEvent: Hashable {
  var number: Int64
  /// Seconds since 1970.
  var time: Int64
  var kind: String
  var text: String
  var cause: String
}

// MARK: Gateways in contact

extension PortalService {
  /// Numbers of commands.
  enum CommandLimits {
    /// A command whose answer may have been lost is told again after this, in seconds.
    static let againSeconds: Int64 = 30
    /// A command that nobody answers has failed after this, in seconds.
    static let overdueSeconds: Int64 = 600
  }

  /// The gateway that shows a certificate; nil when it was revoked or is of another time.
  func gateway(certificateDigest: [UInt8]) -> String? {
    fleet.gateway(certificateDigest: certificateDigest)
  }

  /// Notes that a gateway was heard of.
  func contact(_ id: String) throws(PortalError) {
    try advance(id, .contacted)
  }

  /// What there is to do for a gateway that has version `have`; nil: nothing now.
  func work(for id: String, have: Int64) throws(PortalError) -> AgentWork? {
    guard let member = fleet[id] else { return nil }
    let commands = member.hasCommands ? try takeCommands(id) : []
    let isNew = member.documentVersion != have && member.documentVersion > 0
    guard isNew || !commands.isEmpty else { return nil }
    return AgentWork(
      version: member.documentVersion,
      document: isNew ? try gateways.document(id) : nil, commands: commands)
  }

  /// The commands that are to be told now.
  private func takeCommands(_ id: String) throws(PortalError) -> [QueuedCommand] {
    let time = now()
    let due = try records.openCommands(of: id).filter { command in
      command.deliveredAt.map { time >= $0 + CommandLimits.againSeconds } ?? true
    }
    guard !due.isEmpty else { return [] }
    try database.write { () throws(PortalError) in
      for command in due { try records.setDelivered(command.id, at: time) }
    }
    return due
  }

  /// Takes a report of a gateway; transitions and results are on the disk when this returns.
  func report(
    _ id: String, status: JSONValue?, applied: AppliedDocument?, results: [CommandResult]
  ) throws(PortalError) {
    if let applied { try take(applied, of: id) }
    if let status { try take(status, of: id) }
    if applied == nil, status == nil { try contact(id) }
    if !results.isEmpty {
      try database.write { () throws(PortalError) in
        for result in results { try take(result, of: id) }
      }
    }
  }

  /// Takes events of a gateway; returns the highest number that is kept.
  func takeEvents(_ id: String, _ events: [AgentEvent]) throws(PortalError) -> Int64 {
    try contact(id)
    try fleet[id]?.events.take(events.count, at: now())
    let gateway = try gateways.find(id)
    return try database.write { () throws(PortalError) in
      var isNew = false
      for event in events {
        let added = try records.addEvent(
          site: gateway.siteID, gateway: id, enrollment: gateway.enrollments,
          number: event.number, time: event.time, kind: event.kind, text: event.text,
          cause: event.cause)
        isNew = isNew || added
      }
      if isNew { changed(.event(site: gateway.siteID)) }
      let row = try database.row(
        """
        SELECT max(number) FROM event
          WHERE gateway = ? AND enrollment = ? AND number IS NOT NULL
        """, .text(id), .integer(gateway.enrollments))
      return row?.integer(0) ?? 0
    }
  }

  /// Lets time pass for each gateway that has been silent, and for commands.
  func passTime(_ time: Int64) {
    for (id, member) in fleet.members {
      do {
        if let deadline = member.life.deadline, time >= deadline {
          try advance(id, .timePassed)
        }
        if member.hasCommands { try expireCommands(id, time) }
      } catch { Log.error("gateway \(id) \(error.message)") }
    }
  }
}

// MARK: Reports

extension PortalService {
  private func take(_ applied: AppliedDocument, of id: String) throws(PortalError) {
    var gateway = current(try gateways.find(id))
    let isKnown =
      gateway.appliedVersion == applied.version && gateway.appliedOutcome == applied.outcome
      && gateway.appliedReason == applied.reason
    gateway.appliedVersion = applied.version
    gateway.appliedOutcome = applied.outcome
    gateway.appliedReason = applied.reason
    let event: LifeCycle.Event =
      switch applied.outcome {
      case "failed": .configurationFailed(reason: applied.reason)
      default: .configurationVerified
      }
    let steps = gateway.life.handle(event, at: now())
    guard !isKnown || !steps.isEmpty else {
      fleet[id]?.life = gateway.life
      return
    }
    try database.write { () throws(PortalError) in
      if !isKnown {
        try self.event(
          site: gateway.siteID, gateway: id, "configuration",
          "Configuration \(applied.version) \(applied.outcome)", cause: applied.reason)
      }
      try gateways.update(gateway)
      try record(steps, gateway)
      database.whenKept { [weak self] in self?.remember(gateway) }
    }
  }

  private func take(_ status: JSONValue, of id: String) throws(PortalError) {
    guard var member = fleet[id] else { return }
    let isFresh = member.status == nil
    let before = member.status?["software"]
    member.status = status
    member.statusAt = now()
    fleet[id] = member
    guard let state = GatewayState(reported: status["state"]?.string ?? "") else {
      return try contact(id)
    }
    let sync = status["sync"]
    let isReady = sync == nil || sync == .null || sync?["ready"]?.bool == true
    try advance(
      id,
      .reported(
        .init(
          state: state, sessionsInStep: isReady, reason: Self.reason(status, state))),
      software: (status["software"]?["version"] ?? status["appliance"]?["version"])?.string?
        .line(64))
    let isNews = isFresh || member.status?["software"] != before
    if isNews { changed(.gateway(id, site: member.siteID)) }
    try observeUpdate(of: member.siteID)
  }

  /// Why a gateway is what it is, in its own words.
  private static func reason(_ status: JSONValue, _ state: GatewayState) -> String {
    if state == .fault, let alarm = status["alarms"]?.array?.first?.string {
      return alarm.line(AgentServer.Limits.textCount)
    }
    return (status["ha"]?["reason"]?.string ?? "").line(AgentServer.Limits.textCount)
  }

  private func take(_ result: CommandResult, of id: String) throws(PortalError) {
    let open = try records.openCommands(of: id)
    guard let command = open.first(where: { $0.id == result.id }) else { return }
    let gateway = try gateways.find(id)
    try records.finish(command.id, done: result.done, text: result.text, at: now())
    try event(
      site: gateway.siteID, gateway: id, "command",
      "\(command.text) \(result.done ? "done" : "failed")",
      cause: result.text.isEmpty ? "by \(command.user)" : result.text)
    let remains = open.count > 1
    database.whenKept { [weak self] in self?.fleet[id]?.hasCommands = remains }
    guard result.done else {
      return try updateHears(.refused(id, command.verb, result.text), of: gateway.siteID)
    }
    switch command.verb {
    case .factoryReset: try reset(gateway, cause: "factory reset; new code", by: .portal)
    case .restart: try advance(id, .restarting(cause: "restart by \(command.user)"))
    case .updateActivate:
      // An answer that was told twice may come behind the restart.
      let update = fleet[id]?.status?["software"]?["update"]
      guard update?["state"]?.string == "installed" else { break }
      try advance(id, .restarting(cause: "restart into another version"))
    case .switchover, .drill, .suspend, .resume, .update: break
    }
    try updateHears(.accepted(id, command.verb), of: gateway.siteID)
  }

  private func expireCommands(_ id: String, _ time: Int64) throws(PortalError) {
    let open = try records.openCommands(of: id)
    let overdue = open.filter { time >= $0.created + CommandLimits.overdueSeconds }
    guard !overdue.isEmpty else { return }
    let gateway = try gateways.find(id)
    try database.write { () throws(PortalError) in
      for command in overdue {
        try records.finish(command.id, done: false, text: "no answer", at: time)
        try event(
          site: gateway.siteID, gateway: id, "command", "\(command.text) failed",
          cause: "no answer within 10 minutes")
        try updateHears(
          .refused(id, command.verb, "no answer within 10 minutes"), of: gateway.siteID)
      }
      let remains = open.count > overdue.count
      database.whenKept { [weak self] in self?.fleet[id]?.hasCommands = remains }
    }
  }
}

// MARK: Life cycle

extension PortalService {
  /// Hands an event to a gateway's life cycle, and stores the steps that follow.
  func advance(
    _ id: String, _ event: LifeCycle.Event, software: String? = nil
  ) throws(PortalError) {
    guard var member = fleet[id] else { return }
    let before = member.life
    let steps = member.life.handle(event, at: now())
    let detail = self.detail(id, member)
    let isNoted = detail != member.detail || member.life.cause != before.cause
    var gateway = try gateways.find(id)
    let isOther = software.map { $0 != gateway.softwareVersion } ?? false
    guard !steps.isEmpty || isNoted || isOther else {
      fleet[id]?.life = member.life
      return
    }
    gateway.life = member.life
    gateway.detail = detail
    if let software { gateway.softwareVersion = software }
    try database.write { () throws(PortalError) in
      try gateways.update(gateway)
      try record(steps, gateway)
      changed(.gateway(id, site: gateway.siteID))
      database.whenKept { [weak self] in self?.remember(gateway) }
    }
  }

  /// Writes the steps of a gateway as events, inside a transaction.
  func record(_ steps: [LifeCycle.Transition], _ gateway: Gateway) throws(PortalError) {
    for step in steps {
      try records.addEvent(
        site: gateway.siteID, gateway: gateway.id, time: step.time, kind: "state",
        text: "\(step.from.rawValue) → \(step.to.rawValue)", cause: step.cause)
      Log.notice(
        "gateway name=\(gateway.name) from=\(step.from.rawValue) to=\(step.to.rawValue) "
          + "cause=\"\(step.cause)\"")
    }
    guard !steps.isEmpty else { return }
    changed(.event(site: gateway.siteID))
    changed(.gateway(gateway.id, site: gateway.siteID))
  }

  /// What people should know besides the state.
  private func detail(_ id: String, _ member: Fleet.Member) -> String {
    let status = member.status
    switch member.life.state {
    case .active:
      guard let peer = fleet.peer(of: id, site: member.siteID)?.member else { return "" }
      if peer.certificateDigest == nil { return "waiting for gateway \(peer.slot)" }
      let seen = status?["ha"]?["peer"]?["state"]?.string
      return seen == nil || seen == "unreachable" ? "gateway \(peer.slot) does not answer" : ""
    case .standby:
      guard let sync = status?["sync"], sync != .null, sync["ready"]?.bool != true else {
        return ""
      }
      let reason = (sync["reason"]?.string ?? "").line(AgentServer.Limits.textCount)
      return "sessions are not in step: \(reason)"
    case .postUpdate, .fault, .disconnected: return member.life.cause
    case .initializing, .restarting, .standalone, .suspended: return ""
    }
  }
}
