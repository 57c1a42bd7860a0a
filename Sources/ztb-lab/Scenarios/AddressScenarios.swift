import Linux
import Wire

extension Scenario {
  /// Virtual addresses of IPv6, and what a node accepts at virtual addresses.
  static let addresses = [
    Scenario(
      name: "data-ipv6",
      summary: "D02, D03: neighbour advertisements of a new active; silence of the standby"
    ) { stage in
      let world = try stage.makeShapedWorld("ipv6") { $0.hasBothFamilies = true }
      world.furnishing = { _, host in try host.sysctl(Plan.speakingIPv6) }
      let wire = try Capture(world.fabric)
      world.companions.append(wire)
      try world.bootPair()
      let list = Checklist(stage)
      try list.check("D02 unsolicited neighbour advertisements") {
        try announcesNeighbours(stage, world, wire)
      }
      try list.check("D03 a standby answers no solicitation") {
        let referee = Referee(world: world, wire: wire, dialect: .ipv6)
        let active = try world.waitForPair(active: nil)
        let seen = try referee.watch(active, milliseconds: 1000)
        try stage.expect(seen.rivalAnswers == 0 && seen.unanswered == 0, seen.description)
        return seen.description
      }
      try list.finish()
    },
    Scenario(
      name: "data-snooping",
      summary: "switches that follow IGMP and MLD pass the adverts of both families, nothing moves "
        + "(60 s with --full, else 20 s)"
    ) { stage in
      let world = try stage.makeShapedWorld("snooping") { $0.hasBothFamilies = true }
      world.furnishing = { _, host in try host.sysctl(Plan.speakingIPv6) }
      for port in Referee.ports { try world.fabric.followGroups(port) }
      try world.bootPair()
      try waitForMembers(world)
      let watch = try StillWatch(stage, world)
      let standby = try world.product(try world.waitForPair(active: nil).peer)
      let before = try advertsTaken(standby)
      let seconds = stage.isFull ? 60 : 20
      stage.tell(try watch.expectNoChange("groups are followed", seconds: seconds))
      let after = try advertsTaken(standby)
      try stage.expect(before.count == 4, "the standby has the routers \(before.keys.sorted())")
      for (router, count) in before.sorted(by: { $0.key < $1.key }) {
        let taken = (after[router] ?? 0) - count
        stage.tell("\(router): the standby took \(taken) adverts")
        // Every kind of the lab sends several a second.
        try stage.expect(taken >= seconds, "\(router): \(taken) adverts in \(seconds) s")
      }
      try findsVirtualAddress(stage, world)
      try expectQuiet(stage, watch)
    },
    Scenario(
      name: "data-accept-mode",
      summary: "D08: without accept mode a ping is dropped, ARP is answered, packets are forwarded"
    ) { stage in
      let world = try stage.makeShapedWorld("deaf") { $0.acceptMode = false }
      try world.bootPair()
      let client = world.client
      let (status, _) = try client.attempt(["ping", "-c", "2", "-W", "1", "\(Plan.lanVirtual)"])
      try stage.expect(status != .exited(0), "the virtual address answers a ping")
      let entry = try client.run(["ip", "neigh", "show", "\(Plan.lanVirtual)"])
      try stage.expect(entry.contains("\(Dialect.version3.virtualMAC)"), "ARP: \(entry)")
      try client.run(["ping", "-c", "2", "-W", "2", "\(Plan.server)"])
      stage.tell("D08: no answer to a ping, ARP answered (\(entry)), the server is reached")
    },
  ]

  /// RFC 9568 8.2.2: router, override, not solicited, the virtual MAC as option and as source.
  private static func announcesNeighbours(
    _ stage: Stage, _ world: World, _ wire: Capture
  ) throws -> String {
    let old = try world.waitForPair(active: nil)
    try wire.clear()
    try world.switchOver(old)
    try world.pause(milliseconds: 1500)
    let mac = Dialect.ipv6.virtualMAC
    var counts: [String] = []
    for port in Referee.ports {
      for address in Dialect.ipv6.virtualAddresses(port) {
        let target = Solicitation.octets(address)
        let frames = wire.frames.filter {
          $0.node == old.peer && $0.port == port && $0.neighbour?.target == target
            && $0.destination == MACAddress(0x3333_0000_0001)
        }
        for frame in frames {
          let neighbour = frame.neighbour
          try stage.expect(
            frame.source == mac && neighbour?.targetMAC == mac && neighbour?.isRouter == true
              && neighbour?.isSolicited == false && neighbour?.overrides == true,
            "\(address): wrong in \(frame.octets)")
        }
        try stage.expect(!frames.isEmpty, "\(address) is not announced on \(port)")
        counts.append("\(address) \(frames.count) times")
      }
    }
    return counts.joined(separator: ", ")
  }

  /// Waits until the switches know that both nodes want the adverts of IPv6. Those of IPv4 go to
  /// everybody (RFC 4541 2.1.2).
  private static func waitForMembers(_ world: World) throws {
    for port in Referee.ports {
      let bridge = port.bridge(.a)
      try world.wait("\(bridge) to know who wants ff02::12", seconds: 20) {
        let groups = try world.fabric.host.run(["bridge", "mdb", "show", "dev", bridge])
        return Node.allCases.allSatisfy {
          groups.contains("port \(port.switchPort($0)) grp ff02::12 ")
        }
      }
    }
  }

  /// A neighbour that knows nothing asks the group of a virtual address, and is heard.
  private static func findsVirtualAddress(_ stage: Stage, _ world: World) throws {
    let address = Plan.lanVirtual6
    try world.client.sysctl(["net/ipv6/conf/eth0/disable_ipv6": "0"])
    try world.client.ip(["addr add \(Plan.client6)/64 dev eth0 nodad"])
    let (_, text) = try world.client.attempt(["ping", "-6", "-c", "1", "-W", "3", address])
    let entry = try world.client.run(["ip", "-6", "neigh", "show", address])
    try stage.expect(
      entry.contains("\(Dialect.ipv6.virtualMAC)"),
      "the client does not find \(address): \(entry) \(text)")
    stage.tell("\(address) is found by solicitation")
  }

  /// How many adverts a node took so far, by port and family.
  private static func advertsTaken(_ gateway: ZtbGateway) throws -> [String: Int] {
    let routers = try gateway.status()["ha"]["vrrp"].array
    return Dictionary(
      routers.map { router in
        let name = [router["port"], router["family"]].compactMap(\.text).joined(separator: " ")
        return (name, router["advertsReceived"].int ?? 0)
      }, uniquingKeysWith: +)
  }

  /// No node misses adverts, and the groups were reported with physical MACs only.
  private static func expectQuiet(_ stage: Stage, _ watch: StillWatch) throws {
    for node in Node.allCases {
      let alarms = try watch.world.product(node).status()["alarms"].array.compactMap(\.text)
      try stage.expect(
        !alarms.contains { $0.hasPrefix("adverts of the active peer do not arrive") },
        "\(node.name): \(alarms.joined(separator: "; "))")
    }
    let reports = watch.wire.frames.filter { $0.node != nil && $0.isGroupReport }
    try stage.expect(!reports.isEmpty, "no node reported a group")
    try stage.expect(
      reports.allSatisfy { !$0.isFromVirtualMAC }, "a group report has the virtual MAC")
    stage.tell("no alarm about adverts; \(reports.count) group reports, all with physical MACs")
  }
}
