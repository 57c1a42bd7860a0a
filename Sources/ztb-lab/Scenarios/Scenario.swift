import Linux
import Wire

/// One line of the acceptance list.
struct Scenario: Sendable {
  let name: String
  let summary: String
  let body: @Sendable (Stage) throws -> Void

  static let all: [Scenario] = [
    survival, blackouts, faults, agreement, house, tagged, drivers, carton, page, console,
    activation, closedProxy, order, loss, refusals, portal, portalPages, interoperability,
    dataPlane, addresses, robustness, health, containment, applying, canaries, bothNodes,
    explanation, lanService, helpers, hostIsolation, hostGroups, portForward, neighbours, fidelity,
    soak,
    million,
  ].flatMap { $0 }
}

/// Where a scenario plays: it builds worlds and tells what it sees.
final class Stage {
  let workspace: Workspace
  let kind: GatewayKind
  /// The lengths of the acceptance list instead of short forms.
  let isFull: Bool
  /// What a scenario draws its accidents from.
  let seed: UInt64
  /// How long a long scenario lasts, where somebody wants another length than its own.
  let minutes: Int?
  /// Where pictures and transcripts go, if anywhere.
  let pictures: Pictures
  private var world: World?
  private var fleet: Fleet?
  private var endings: [() -> Void] = []

  init(
    _ workspace: Workspace, _ kind: GatewayKind, isFull: Bool, pictures: Pictures,
    seed: UInt64 = .random(in: 1...999_999),
    minutes: Int? = nil
  ) {
    self.workspace = workspace
    self.kind = kind
    self.isFull = isFull
    self.seed = seed
    self.minutes = minutes
    self.pictures = pictures
  }

  /// A new world with both gateways up, A active and B ready.
  func makeWorld() throws -> World {
    let world = try World(workspace, gateways: kind)
    self.world = world
    try world.bootPair()
    return world
  }

  /// A new world without gateways.
  func makeEmptyWorld(_ kind: GatewayKind? = nil) throws -> World {
    let world = try World(workspace, gateways: kind ?? self.kind)
    self.world = world
    return world
  }

  /// A world whose nodes have a document of their own kind; not yet booted.
  func makeShapedWorld(
    _ name: String, _ change: @escaping @Sendable (inout ZtbDocument) -> Void
  ) throws -> World {
    guard case .ztb(let program, let interval) = kind else {
      throw LabError.missing("this scenario is about the product's document")
    }
    let document = { @Sendable (node: Node) in
      var document = ZtbDocument(node: node, advertIntervalMs: interval)
      change(&document)
      return document
    }
    let world = try makeEmptyWorld(.shaped(name, program: program, document: document))
    try document(.a).require(of: program, in: world.laptop)
    return world
  }

  /// A terminal whose transcript is kept with the pictures; `idle` lets time pass.
  func makeTerminal(_ name: String, idle: @escaping () throws -> Void) throws -> Terminal {
    let terminal = try Terminal(name, idle: idle)
    onEnd { [pictures] in
      do {
        try pictures.write("\(name).txt", Array(terminal.transcript.utf8))
      } catch { Output.error("\(error)") }
    }
    return terminal
  }

  /// Something to be done before the world is removed, however the scenario ends.
  func onEnd(_ ending: @escaping () -> Void) { endings.append(ending) }

  /// Loads that have all had their first answer.
  func makeFleet(_ world: World, _ selection: Fleet.Selection) throws -> Fleet {
    let fleet = try Fleet(world, selection)
    self.fleet = fleet
    try fleet.start()
    return fleet
  }

  /// A line of progress or a figure.
  func tell(_ text: String) { Output.line("     \(text)") }

  /// Prints what became of the loads.
  func tell(_ survival: Survival) {
    Output.table(survival.table.map { ["   "] + $0 })
  }

  /// Fails the scenario unless `condition` holds.
  func expect(_ condition: Bool, _ what: @autoclosure () throws -> String) throws {
    if !condition { throw LabError.failed(try what()) }
  }

  /// Fails unless everything lives, unchanged, without a reset.
  func expectWhole(_ survival: Survival) throws {
    let broken = survival.rows.filter { !$0.isWhole && $0.name != "probe" }.map {
      "\($0.name) \($0.kept)/\($0.report.total)"
    }
    try expect(broken.isEmpty, "lost: " + broken.joined(separator: ", "))
  }

  /// Removes the world.
  func end() {
    for ending in endings.reversed() { ending() }
    endings = []
    fleet?.stop()
    world?.tearDown()
    fleet = nil
    world = nil
  }

  func printLogs() {
    for name in Directory.names(workspace.path + "/log").sorted() {
      let text = workspace.logText(name)
      if !text.isEmpty { Output.line("--- \(name)\n\(text)") }
    }
  }
}

extension World {
  /// Boots A, then B; returns when A is active and B could take over.
  func bootPair() throws {
    try boot(.a)
    try boot(.b)
    try waitForPair(active: nil)
  }

  /// Waits until exactly one node is active and the other is ready.
  @discardableResult
  func waitForPair(active wanted: Node?, seconds: Int = 30) throws -> Node {
    var found: Node?
    try wait("one active node and one that is ready", seconds: seconds) {
      let actives = try self.actives()
      guard actives.count == 1, let active = actives.first,
        wanted ?? kind.preferred ?? active == active
      else {
        return false
      }
      found = active
      // The active learns of it last, and refuses to leave until then.
      return try gateway(active.peer).isReadyToTakeOver() && gateway(active).isReadyToTakeOver()
    }
    guard let found else { throw LabError.timeout("an active node") }
    return found
  }
}
