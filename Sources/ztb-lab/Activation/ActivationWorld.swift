import Linux
import Wire

/// A world in which nothing is activated yet: two boxes out of the carton with a serial line each,
/// a provider, a portal, and an installer's laptop. The boxes are processes of the lab, or virtual
/// machines.
final class ActivationWorld {
  let world: World
  let internet: Internet
  let laptop: Laptop
  let carton: Carton
  private let terminals: [Node: Terminal]
  private let stage: Stage
  private var served: Portal?

  /// Programs that every activation needs.
  static let programs = Internet.programs + Laptop.programs

  /// Builds everything but the portal; no box has power yet.
  init(_ stage: Stage, profile: String = "zt400", appliance: Appliance? = nil) throws {
    guard case .ztb(let program, _) = stage.kind else {
      throw LabError.missing("only the product can be activated")
    }
    try Programs.require(ActivationWorld.programs)
    self.stage = stage
    // The consoles need the world, which needs to know their paths before it boots a box.
    let patience = Patience()
    var terminals: [Node: Terminal] = [:]
    for node in Node.allCases {
      terminals[node] = try stage.makeTerminal(node.name) { try patience.pass() }
    }
    self.terminals = terminals
    let consoles = terminals.mapValues(\.path)
    carton = Carton(program: program, profile: profile, consoles: consoles)
    world = try stage.makeEmptyWorld(
      appliance.map { .appliance($0.with(consoles: consoles)) } ?? .carton(carton))
    patience.world = world
    for terminal in terminals.values { world.companions.append(terminal) }
    internet = try Internet(world)
    laptop = try Laptop(world, stage.pictures)
    stage.onEnd { [laptop] in laptop.close() }
  }

  /// The portal; it serves from the first use on.
  func portal() throws -> Portal {
    if let served { return served }
    let portal = try Portal(world, program: try Portal.program(beside: carton.program))
    served = portal
    return portal
  }

  /// Gives a box power and waits until somebody can work with it.
  func boot(_ node: Node) throws {
    try world.boot(node)
    try box(node).waitUntilUp()
  }

  /// The box of a node that was booted.
  func box(_ node: Node) -> Box { Box(gateway(node), world) }

  /// The software of a node that was booted.
  func gateway(_ node: Node) -> ZtbGateway {
    guard let gateway = world.gateway(node) as? ZtbGateway else {
      preconditionFailure("an activation world has the product's gateways")
    }
    return gateway
  }

  /// The person at the console of a node.
  func installer(_ node: Node) -> Installer { Installer(terminal(node)) }

  /// The serial line of a node.
  func terminal(_ node: Node) -> Terminal {
    guard let terminal = terminals[node] else { preconditionFailure("every node has a terminal") }
    return terminal
  }

  /// Takes the power of a node away and gives it back.
  func cycle(_ node: Node) throws {
    try world.cutPower(node)
    try world.restorePower(node)
    try box(node).waitUntilUp()
  }
}

/// Lets time pass in a world that is made later.
final class Patience {
  weak var world: World?

  func pass() throws { try world?.pause(milliseconds: 10) }
}
