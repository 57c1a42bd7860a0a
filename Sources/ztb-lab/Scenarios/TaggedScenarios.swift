import Linux
import Wire

extension Scenario {
  /// What needs 802.1Q, which not every kernel has.
  static let tagged = [
    Scenario(
      name: "survive-vlan",
      summary: "LAN in a VLAN, sub-interface on the WAN: sessions live through a power cut"
    ) { stage in
      guard case .ztb(let program, let interval) = stage.kind else {
        throw LabError.missing("a peer is not configured with VLANs")
      }
      let world = try stage.makeEmptyWorld(
        .shaped("vlan", program: program) {
          ZtbDocument(node: $0, advertIntervalMs: interval, lanVLAN: Plan.vlan)
        })
      try tag(world)
      try world.bootPair()
      let active = try world.waitForPair(active: nil)
      try world.server.run(["ping", "-c", "2", "-W", "5", "\(Plan.subinterface(active))"])
      let fleet = try stage.makeFleet(world, .light)
      let survival = try powerCut(world, fleet)
      stage.tell(survival)
      try stage.expectWhole(survival)
      try world.restorePower(active)
      try world.waitForPair(active: active.peer, seconds: 60)
    }
  ]

  /// Puts the client's address behind the tag of the LAN, and the server into the tagged network
  /// beside the WAN.
  private static func tag(_ world: World) throws {
    let name = "eth0.\(Plan.vlan)"
    let (status, _) = try world.client.attempt(
      ["ip", "link", "add", "link", "eth0", "name", name, "type", "vlan", "id", "\(Plan.vlan)"])
    guard status == .exited(0) else {
      throw LabError.missing("this kernel has no 802.1Q")
    }
    try world.client.ip([
      "addr flush dev eth0", "addr add \(Plan.client)/24 dev \(name)", "link set \(name) up",
      "route add default via \(Plan.lanVirtual)",
    ])
    try world.server.ip([
      "link add link eth0 name \(name) type vlan id \(Plan.vlan)",
      "addr add \(Plan.taggedServer)/24 dev \(name)", "link set \(name) up",
    ])
  }
}
