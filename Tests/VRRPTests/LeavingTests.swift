import Testing
import VRRP
import Wire

@Suite struct LeavingTests {
  @Test("S10 shutdown: the addresses are gone before the one advert of priority 0 of each router")
  func shutdown() throws {
    let routers = AddressFamily.allCases.map { Receiver($0).router.configuration }
    var group = SyncGroup(
      SyncGroup.Configuration(
        node: NodeID(1), boot: BootID(high: 1, low: 2), peers: [NodeID(2)], routers: routers))
    _ = group.handle(.started, at: begin)
    _ = group.handle(.linkChanged(port: "ge2", isUp: true), at: begin)
    var now = begin + Limits.startHold
    _ = group.handle(.woke, at: now)
    _ = group.handle(.drained, at: now)
    try #require(group.role == .active)
    var actions = group.handle(.stopRequested, at: now)
    actions += group.handle(.barrierAnswered(failure: "nobody is there"), at: now)
    for _ in 0..<200 where !actions.contains(.finished) {
      now = now + .milliseconds(5)
      actions += group.handle(.woke, at: now) + group.handle(.drained, at: now)
    }
    let lowered = try #require(actions.firstIndex(of: .lowerInterfaces))
    for port in routers.indices {
      let farewell = SyncGroup.Action.sendAdvertisement(port: port, priority: 0)
      #expect(actions.filter { $0 == farewell }.count == 1)
      #expect(try #require(actions.firstIndex(of: farewell)) > lowered)
      #expect(!actions[lowered...].contains(.sendAdvertisement(port: port, priority: 100)))
    }
    #expect(actions.contains(.finished))
  }
}
