import Linux
import Wire

extension Scenario {
  /// Groups by what the gateway knows of its hosts.
  static let hostGroups = [
    Scenario(
      name: "host-groups",
      summary:
        "a rule about a maker's cards holds for who has one, by whatever address; live sessions of an "
        + "address that comes into the group end, others go on, also after a power cut"
    ) { stage in
      try HostGroups(stage).tell()
    }
  ]
}

/// Televisions, by the maker of their cards, may open no sessions; whatever else is on the LAN may.
private final class HostGroups: HostScene {
  private static let television = "02:00:01:00:00:05"
  private static let computer = "02:00:02:00:00:06"
  private static let changeling = (before: "02:00:02:00:00:07", after: "02:00:01:00:00:07")

  init(_ stage: Stage) throws {
    try Programs.require(["dnsmasq", "udhcpc", "busybox"])
    let world = try stage.makeShapedWorld("host-groups") { document in
      document.lanDHCP = """
        {"mode": "server", "from": "10.1.0.150", "to": "10.1.0.169", "leaseSeconds": 600}
        """
      document.groups = #""tvs": {"id": 1, "zone": "lan", "match": [{"oui": "02:00:01"}]}"#
      document.services = #""work": [{"proto": "tcp", "ports": ["\#(Service.sessions)"]}]"#
      document.rules = """
        {"id": "no-tv", "tier": "deny", "from": ["tvs"], "to": ["wan"], "service": "work"},
        """
    }
    super.init(stage, world)
    try world.bootPair()
  }

  func tell() throws {
    let active = try world.waitForPair(active: nil)
    try serve(world.server)
    let television = try LANHost("television", world, mac: Self.television)
    let computer = try LANHost("computer", world, mac: Self.computer)
    let changeling = try LANHost("changeling", world, mac: Self.changeling.before)
    let watched = try address(try television.start())
    let own = try address(try computer.start())
    let changed = try address(try changeling.start(identifier: "07"))
    try waitForMembers([watched])
    try expectHeld(television.host, watched)
    try expectExplained(active, watched, rule: "no-tv")
    let work = try begin(from: computer.host, to: Plan.server)
    let doomed = try begin(from: changeling.host, to: Plan.server)
    try expectAlive(work, "computer")
    try expectAlive(doomed, "changeling")

    // Another card under the same address, which the server lends to whom it knows by an identifier.
    changeling.cut()
    try changeling.host.ip(["link set eth0 address \(Self.changeling.after)"])
    try work.ask(.mark)
    try doomed.ask(.mark)
    let again = try address(try changeling.start(identifier: "07"))
    try stage.expect(again == changed, "the changeling has \(again), not \(changed)")
    // Whoever speaks to it learns of its card, so that nothing but the rule is in the way.
    try changeling.host.run(["busybox", "arping", "-U", "-c", "2", "-I", "eth0", "\(changed)"])
    try waitForMembers([watched, changed])
    try expectAlive(work, "computer, while another host changed")
    try expectDead(doomed)
    try expectHeld(changeling.host, changed)

    try work.ask(.mark)
    try takeOver(active)
    try expectAlive(work, "computer after the power cut")
    for (host, address) in [(television, watched), (changeling, changed)] {
      try expectHeld(host.host, address)
    }
    try expectReaches(computer.host, own)
    try expectExplained(active.peer, changed, rule: "no-tv")
  }

  private func address(_ lease: LANHost.Lease) throws -> IPv4Address {
    guard let address = IPv4Address(lease.address) else {
      throw LabError.failed("\(lease.address) is no address")
    }
    return address
  }

  /// The rule holds, and it alone.
  private func expectHeld(_ host: Host, _ address: IPv4Address) throws {
    try expectSilent(from: host, to: Plan.server)
    try expectReaches(host, address)
    stage.tell("\(host.name), \(address): no session, and echoes are answered")
  }

  /// What was asked within a second after the change may have been answered.
  private func expectDead(_ work: LoadHandle) throws {
    try work.ask(.mark)
    try world.pause(milliseconds: 1_000)
    try work.ask(.struck)
    try world.pause(milliseconds: 1_500)
    let report = try work.ask(.report)
    stage.tell("changeling: \(report.alive) of \(report.total) sessions alive")
    try stage.expect(report.alive == 0, "sessions of a host that came into the group go on")
  }

  private func expectExplained(_ node: Node, _ source: IPv4Address, rule: String) throws {
    let text = try world.product(node).ztb(
      "policy", "explain", "--from", "\(source)", "--to", "\(Plan.server)", "--service",
      "tcp/\(Service.sessions)", "--json")
    try stage.expect(try JSON(parsing: text)["rule"].text == rule, "it is explained as \(text)")
  }

  /// Waits until each node says who is in the group.
  private func waitForMembers(_ addresses: [IPv4Address]) throws {
    let wanted = addresses.sorted().map(\.description)
    try world.wait("both nodes to have \(wanted) in the group", seconds: 10) {
      try Node.allCases.allSatisfy { node in
        let text = try world.product(node).ztb("policy", "show", "--json")
        return try JSON(parsing: text)["groups"].array.first?["hosts"].array.map(\.text) == wanted
      }
    }
  }
}
