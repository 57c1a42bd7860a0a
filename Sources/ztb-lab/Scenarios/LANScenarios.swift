import Linux
import Wire

extension Scenario {
  /// Addresses and names for the hosts of the LAN.
  static let lanService = [
    Scenario(
      name: "lan-dhcp",
      summary: "hosts get addresses and names from the pair and keep them through a power cut; the "
        + "new active gives a new host another one"
    ) { stage in
      try Programs.require(["dnsmasq", "udhcpc"])
      let world = try stage.makeShapedWorld("lan-dhcp") { document in
        document.lanDHCP = """
          {"mode": "server", "from": "10.1.0.150", "to": "10.1.0.169", "leaseSeconds": 600,
           "domain": "branch.example", "reservations": [
             {"mac": "\(LANStory.printerMAC)", "address": "10.1.0.20", "name": "printer"}]}
          """
        document.nameServers = [Plan.server]
      }
      try world.server.start(
        [
          "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--pid-file=",
          "--log-facility=-", "--user=root", "--no-resolv", "--no-hosts",
          "--address=/www.example/\(Plan.portal)",
        ], log: "resolver")
      try world.bootPair()
      try LANStory(stage, world).tell()
    }
  ]
}

/// The story: two hosts and a printer, a power cut, a renewal, a restart, a new host.
private struct LANStory {
  static let printerMAC = "02:00:00:00:0a:20"
  let stage: Stage
  let world: World

  init(_ stage: Stage, _ world: World) {
    self.stage = stage
    self.world = world
  }

  func tell() throws {
    let first = try world.waitForPair(active: nil)
    let hosts = try ["pc1", "pc2"].map { try LANHost($0, world) }
    let printer = try LANHost("printer", world, mac: LANStory.printerMAC)
    let before = try hosts.map { try $0.start() }
    for lease in before { try expectOurs(lease) }
    let reserved = try printer.start()
    try stage.expect(reserved.address == "10.1.0.20", "the printer has \(reserved.address)")
    try stage.expect(before[0].address != before[1].address, "two hosts with one address")
    stage.tell("pc1 \(before[0].address), pc2 \(before[1].address), printer \(reserved.address)")
    try expectNames(hosts[0])
    try stage.expect(try renewed(hosts[0]) == before[0].address, "a renewal changed the address")
    try expectNothingElse(hosts[0])
    try waitForCopy(first)

    try world.cutPower(first)
    try world.wait("\(first.peer.name) to be active", seconds: 10) {
      try world.product(first.peer).status()["state"].text == "active"
    }
    try stage.expect(try renewed(hosts[0]) == before[0].address, "pc1 has another address")
    stage.tell("after the power cut pc1 renews \(before[0].address)")
    // Its client starts anew and asks without knowing anything.
    hosts[1].cut()
    try stage.expect(try hosts[1].start().address == before[1].address, "pc2 has another address")
    let new = try LANHost("pc3", world).start()
    try expectOurs(new)
    try stage.expect(
      !(before.map(\.address) + [reserved.address]).contains(new.address),
      "pc3 was given \(new.address), which another host has")
    stage.tell("pc2 starts again with \(before[1].address); pc3 is new and has \(new.address)")
    try expectNames(hosts[0])

    try world.restorePower(first)
    try waitForCopy(first.peer)
    try world.switchOver(first.peer)
    _ = try world.waitForPair(active: first)
    try stage.expect(try renewed(hosts[0]) == before[0].address, "pc1 has another address")
    try waitForCopy(first)
    stage.tell("the node that came back has every lease, and pc1 keeps its address there, too")
  }

  private func renewed(_ host: LANHost) throws -> String {
    let lease = try host.renew()
    try expectOurs(lease)
    return lease.address
  }

  /// Hosts see one server, whichever node it is.
  private func expectOurs(_ lease: LANHost.Lease) throws {
    let virtual = "\(Plan.lanVirtual)"
    try stage.expect(
      lease.server == virtual && lease.router == virtual && lease.dns == virtual,
      "not the virtual address: \(lease)")
  }

  /// The gateway resolves what the provider knows, and its reserved names.
  private func expectNames(_ host: LANHost) throws {
    for (name, address) in [
      ("www.example", "\(Plan.portal)"), ("printer.branch.example", "10.1.0.20"),
    ] {
      let query = ["busybox", "nslookup", name, "\(Plan.lanVirtual)"]
      let (_, output) = try host.host.attempt(query)
      try stage.expect(output.contains(address), "\(name): \(output)")
    }
  }

  /// What the document does not ask for stays closed.
  private func expectNothingElse(_ host: LANHost) throws {
    let own = [Node.a, .b].map { "\($0.lanAddress)" }
    for address in own {
      let (_, output) = try host.host.attempt(
        ["timeout", "2", "busybox", "nslookup", "www.example", address])
      try stage.expect(!output.contains("\(Plan.portal)"), "\(address) answers: \(output)")
    }
  }

  /// Waits until both nodes have the same leases, and know how many the other has.
  private func waitForCopy(_ active: Node) throws {
    let nodes = try [active, active.peer].map { try world.product($0) }
    var seen = ""
    try world.wait("both nodes to have the same leases", seconds: 15) {
      let counts = try nodes.map { try $0.status()["leases"] }
      seen = counts.map { "\($0["inUse"].int ?? -1)/\($0["peer"].int ?? -1)" }.joined(
        separator: " ")
      let numbers = counts.flatMap { [$0["inUse"].int, $0["peer"].int] }
      guard numbers.allSatisfy({ $0 == numbers[0] && $0 ?? 0 >= 3 }) else { return false }
      // A renewal is on its way for a moment.
      let lists = try nodes.map { try $0.ztb("leases") }
      return lists[0] == lists[1]
    }
    stage.tell("leases here and at the peer: \(seen)")
  }
}
