import Netlink
import SessionSync
import Simulation
import Testing
import Wire

@Suite("What is synchronised, by kind")
struct SessionInventoryTests {
  @Test("both nodes count the same within seconds, and know the other's count")
  func bothSides() {
    var flows =
      (0..<5).map { Sample.tcp($0) } + (10..<13).map { Sample.datagrams($0, seconds: 600) }
    flows[0].mark = 7
    flows[1].labels = FlowLabels(high: 1, low: 2)
    var pair = SessionPair.settled(flows: flows)
    // Not answered yet: nobody's business but the active's.
    pair.nodes[0].kernel.carry(Sample.tcp(99, .synSent), at: pair.now)
    pair.run(.seconds(7))
    for index in 0..<2 {
      let status = pair.status(index)
      #expect(status.inventory[.tcp4] == 5 && status.inventory[.udp4] == 3)
      #expect(status.inventory[.translated] == 8 && status.inventory[.marked] == 1)
      #expect(status.inventory[.labelled] == 1)
      #expect(status.peerInventory == pair.status(1 - index).inventory)
    }
    pair.cut()
    #expect(pair.status(0).peerInventory == nil)
  }

  @Test("labels follow when they change, and do not undo the rest")
  func labels() {
    var flow = Sample.tcp(1)
    var pair = SessionPair.settled(flows: [flow])
    flow.labels = FlowLabels(high: 1, low: 2)
    pair.nodes[0].kernel.carry(flow, parts: [.labels], at: pair.now)
    pair.run(.seconds(1))
    #expect(pair.nodes[1].kernel.entries[flow.tuple]?.flow.labels == flow.labels)
    flow.labels = FlowLabels()
    pair.nodes[0].kernel.carry(flow, parts: [.labels], at: pair.now)
    pair.run(.seconds(1))
    #expect(pair.nodes[1].kernel.entries[flow.tuple]?.flow.labels.isEmpty == true)
    #expect(pair.tablesAgree(active: 0) && pair.nodes[1].kernel.refusals == 0)
  }
}
