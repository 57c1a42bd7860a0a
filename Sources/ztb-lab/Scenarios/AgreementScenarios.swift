import Glibc
import Linux
import Wire

extension Scenario {
  /// After any interruption of the synchronisation both tables hold the same.
  static let agreement = [
    Scenario(
      name: "ha-link-cut",
      summary: "ge4 unplugged for 4 s while sessions come and go: the tables agree again"
    ) { stage in
      try agree(stage) { world, active in
        let port = Port.ha.switchPort(active)
        try world.fabric.plug(port, in: false)
        try world.pause(milliseconds: 4000)
        try world.fabric.plug(port, in: true)
      }
    },
    Scenario(
      name: "standby-restart",
      summary: "the standby loses power and comes back while sessions come and go"
    ) { stage in
      try agree(stage) { world, active in
        try world.cutPower(active.peer)
        try world.pause(milliseconds: 2000)
        try world.restorePower(active.peer)
      }
    },
    Scenario(
      name: "sync-restart",
      summary: "the active's sync is killed while sessions come and go"
    ) { stage in
      try agree(stage) { world, active in
        try world.kill("sync", of: active)
        try world.pause(milliseconds: 2000)
      }
    },
  ]

  /// Lets `event` happen under sessions that stay and sessions that come and go; then compares.
  private static func agree(
    _ stage: Stage, _ event: (World, Node) throws -> Void
  ) throws {
    let world = try stage.makeWorld()
    let fleet = try stage.makeFleet(world, Fleet.Selection.light)
    let active = try world.waitForPair(active: nil)
    let churn = try LoadHandle("churn", in: world.client, world.workspace, ["rate=100"])
    defer { churn.stop() }
    try churn.ask(.ready)
    try world.pause(milliseconds: 1000)
    let survival = try world.under(fleet, pause: 2000) { try event(world, active) }
    let churned = try churn.ask(.finish)
    stage.tell(
      "\(survival.summary); \(churned.alive) sessions came and went, \(churned.lost) failed")
    try stage.expectWhole(survival)
    try world.waitForPair(active: active, seconds: 60)
    let began = MonotonicClock.now()
    var difference = TableDifference()
    try world.wait("the kernels' tables to agree", seconds: 30) {
      difference = try world.compareTables()
      return difference.isEmpty || MonotonicClock.now() - began > .seconds(25)
    }
    stage.tell(
      "\(difference.common) sessions in both tables, \(difference.onlyActive.count) only on the "
        + "active, \(difference.onlyStandby.count) only on the standby")
    try stage.expect(difference.isEmpty, difference.description)
    for node in Node.allCases {
      guard let gateway = world.gateway(node) as? ZtbGateway else { continue }
      try world.wait("\(node.name): sync status to say that the digests agree", seconds: 20) {
        let sync = try gateway.status()["sync"]
        return sync["digestsAgree"].bool == true && sync["comparedMsAgo"].number != nil
          && sync["digest"].text == sync["peerDigest"].text && sync["digest"].text != "0"
      }
      let sync = try gateway.status()["sync"]
      stage.tell(
        "\(node.name): \(sync["sessions"].int ?? -1) sessions, peer \(sync["peerSessions"].int ?? -1)"
          + ", digest \(sync["digest"].text ?? "-") and \(sync["peerDigest"].text ?? "-")")
    }
  }
}

/// What one kernel tracks and the other does not.
struct TableDifference: CustomStringConvertible {
  var common = 0
  var onlyActive: [String] = []
  var onlyStandby: [String] = []

  var isEmpty: Bool { onlyActive.isEmpty && onlyStandby.isEmpty }

  var description: String {
    "only on the active: \(onlyActive.prefix(3)), only on the standby: \(onlyStandby.prefix(3))"
  }
}

extension World {
  /// Compares the sessions of both kernels by protocol and addresses in both directions.
  func compareTables() throws -> TableDifference {
    guard let active = try actives().first else { throw LabError.failed("no active node") }
    let first = try sessionTuples(active)
    let second = try sessionTuples(active.peer)
    return TableDifference(
      common: first.intersection(second).count,
      onlyActive: first.subtracting(second).sorted(),
      onlyStandby: second.subtracting(first).sorted())
  }

  /// Sessions of the LAN's clients as `tcp src=… dst=… sport=… dport=… src=… dst=…`.
  private func sessionTuples(_ node: Node) throws -> Set<String> {
    _ = try Programs.path("conntrack")
    let table = try gateway(node).host.run([
      "sh", "-c", "conntrack -L -s \(Plan.client) 2>/dev/null",
    ])
    var result: Set<String> = []
    for line in table.split(separator: "\n") {
      let words = line.split(separator: " ")
      guard let name = words.first, ["tcp", "udp", "icmp"].contains(name) else { continue }
      let tuple = words.filter { word in
        ["src=", "dst=", "sport=", "dport=", "id="].contains { word.hasPrefix($0) }
      }
      result.insert(([name] + tuple).joined(separator: " "))
    }
    return result
  }
}
