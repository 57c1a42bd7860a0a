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
    guard let gateway = world.gateway(old) as? ZtbGateway else { return "" }
    try gateway.ztb("ha", "switchover")
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
}
