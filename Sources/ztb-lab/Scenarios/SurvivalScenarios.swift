import Linux
import Wire

extension Scenario {
  /// Sessions live through the loss of the active node.
  static let survival = [
    Scenario(
      name: "survive-power",
      summary: "every kind of session lives through a power cut of the active"
    ) { stage in
      let world = try stage.makeWorld()
      let fleet = try stage.makeFleet(world, Fleet.Selection())
      let survival = try powerCut(world, fleet)
      stage.tell(survival)
      try stage.expectWhole(survival)
    }
  ]

  /// Cuts the power of the active under a running fleet.
  static func powerCut(_ world: World, _ fleet: Fleet) throws -> Survival {
    try world.pause(milliseconds: 1000)
    guard let active = try world.actives().first else { throw LabError.failed("no active node") }
    try fleet.strike { try world.cutPower(active) }
    return try fleet.settle(seconds: 20)
  }
}
