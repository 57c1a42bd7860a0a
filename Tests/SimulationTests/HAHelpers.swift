import Simulation
import Testing
import VRRP
import Wire

/// A settled pair: node 0 active, node 1 standby.
func pair(
  seed: UInt64 = 1, milliseconds: Int = 20, preempts: Bool = false,
  _ change: (inout HASimulation.Settings) -> Void = { _ in }
) -> HASimulation {
  var settings = HASimulation.Settings()
  settings.interval = .milliseconds(milliseconds)
  settings.preempts = preempts
  change(&settings)
  var simulation = HASimulation(seed: seed, settings: settings)
  simulation.run(for: .seconds(1))
  #expect(simulation.actives == [0], "\(simulation.log)")
  return simulation
}

func isActive(_ node: Int) -> (HASimulation) -> Bool {
  { $0.actives == [node] }
}

func expect(
  _ simulation: HASimulation, active node: Int, _ location: SourceLocation = #_sourceLocation
) {
  #expect(simulation.violation == nil, "\(simulation.log)", sourceLocation: location)
  #expect(simulation.actives == [node], "\(simulation.log)", sourceLocation: location)
}
