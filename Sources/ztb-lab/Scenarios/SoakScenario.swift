import Glibc
import Linux
import Wire

extension Scenario {
  /// Everything at once, for long.
  static let soak = [
    Scenario(
      name: "soak",
      summary: "2 000 sessions a second come and go under kills, cut HA cables and failovers drawn"
        + " from a seed: afterwards both tables are equal (30 min with --full, else 40 s)"
    ) { stage in
      try SoakStory(stage).tell(
        seconds: stage.minutes.map { $0 * 60 } ?? (stage.isFull ? 1800 : 40))
    }
  ]
}

/// A long life of the pair, drawn from a seed.
private final class SoakStory {
  private let stage: Stage
  private let world: World
  private let fleet: Fleet
  private var churn: [LoadHandle] = []
  private var numbers: SeededNumbers
  /// Memory of each role at each quiet moment, in kilobytes, by `gwA sync`.
  private var memory: [String: [Int]] = [:]
  /// Sessions in the larger table at these moments.
  private var tables: [Int] = []

  /// Sessions that must live through everything.
  private static let lasting = 200
  private static let tcpRate = 1200
  private static let udpRate = 800
  /// Ports of the server for sessions that come and go, so that the client has ports enough.
  private static let firstPort = 7101
  private static let ports = 8
  /// How much more memory a role may use in the last third of the time than in the first, in
  /// kilobytes, and beside it for each thousand sessions by which the table has grown.
  private static let growthKB = 8 * 1024
  private static let growthKBPerThousand = 512

  /// What happens to the pair.
  private enum Injury: CaseIterable {
    case killed, cable, blocked, power, switchover
  }

  init(_ stage: Stage) throws {
    self.stage = stage
    numbers = SeededNumbers(seed: stage.seed)
    stage.tell("seed \(stage.seed); the same again: --seed \(stage.seed)")
    world = try stage.makeEmptyWorld()
    // Entries end while it lasts, not two minutes later.
    world.furnishing = { _, host in
      try host.sysctl([
        "net/netfilter/nf_conntrack_tcp_timeout_time_wait": "8",
        "net/netfilter/nf_conntrack_udp_timeout": "8",
        "net/netfilter/nf_conntrack_udp_timeout_stream": "8",
      ])
    }
    try world.bootPair()
    try world.client.sysctl(["net/ipv4/ip_local_port_range": "1024 65000"])
    fleet = try stage.makeFleet(
      world,
      Fleet.Selection(
        sessions: SoakStory.lasting, bulk: false, datagrams: 0, echoes: 0, programs: false,
        probe: false))
    stage.onEnd { [weak self] in self?.churn.forEach { $0.stop() } }
    for port in SoakStory.firstPort..<SoakStory.firstPort + SoakStory.ports {
      try start("session-server", in: world.server, ["port=\(port)"])
    }
    try start(
      "churn", in: world.client,
      ["rate=\(SoakStory.tcpRate)", "port=\(SoakStory.firstPort)", "ports=\(SoakStory.ports)"])
    try start("churn", in: world.client, ["rate=\(SoakStory.udpRate)", "transport=udp"])
  }

  private func start(_ kind: String, in host: Host, _ options: [String]) throws {
    let load = try LoadHandle(
      kind, in: host, world.workspace, options,
      name: ([kind] + options.prefix(1)).joined(separator: " "))
    churn.append(load)
    try load.ask(.ready)
  }

  /// Lives for so long.
  func tell(seconds: Int) throws {
    let end = MonotonicClock.now() + .seconds(seconds)
    // What grows with the table has grown.
    try world.pause(milliseconds: 8000)
    try remember()
    var count = 0
    while MonotonicClock.now() < end {
      count += 1
      try injure(count)
      try world.pause(milliseconds: Int.random(in: 500...2500, using: &numbers))
      try remember()
    }
    try finish(count)
  }

  private func injure(_ number: Int) throws {
    let active = try world.waitForPair(active: nil, seconds: 60)
    guard let injury = Injury.allCases.randomElement(using: &numbers),
      let role = ["vrrp", "fence", "sync", "policy", "supervisor"].randomElement(using: &numbers)
    else { return }
    let node = Bool.random(using: &numbers) ? active : active.peer
    if injury == .killed, role != "supervisor" {
      try world.wait("\(role) of \(node.name) to run", seconds: 30) {
        try world.product(node).rolePid(role) != nil
      }
    }
    let length = Int.random(in: 100...5000, using: &numbers)
    let port = Port.ha.switchPort(node)
    var words = "\(injury) \(node.name)"
    let survival = try world.under(fleet, pause: length) {
      switch injury {
      case .killed:
        words = "killed \(role) of \(node.name)"
        try world.kill(role, of: node)
      case .cable:
        words = "HA cable of \(node.name) out for \(length) ms"
        try world.fabric.plug(port, in: false)
      case .blocked:
        words = "HA passes nothing for \(length) ms"
        try world.fabric.block([port], true)
      case .power:
        words = "power of \(active.name) (active) cut for \(length) ms"
        try world.cutPower(active)
      case .switchover: try world.switchOver(active)
      }
    }
    switch injury {
    case .cable: try world.fabric.plug(port, in: true)
    case .blocked: try world.fabric.block([port], false)
    case .power: try world.restorePower(active)
    case .killed, .switchover: break
    }
    let isWhole = survival.isWhole
    stage.tell("\(number). \(words): \(isWhole ? "all live" : survival.summary)")
    try stage.expectWhole(survival)
    try world.waitForPair(active: nil, seconds: 60)
  }

  private func remember() throws {
    tables.append(try Node.allCases.map { try world.gateway($0).heldSessions() }.max() ?? 0)
    for node in Node.allCases {
      let gateway = try world.product(node)
      for role in try gateway.status()["roles"].array {
        guard let name = role["name"].text, let pid = role["pid"].int else { continue }
        let size = try gateway.host.inside { ProcessTable.status(Int32(pid), "VmRSS") }
        if let size { memory["\(node.name) \(name)", default: []].append(size) }
      }
    }
  }

  private func finish(_ count: Int) throws {
    var begun = 0
    var failed = 0
    for load in churn where load.name.hasPrefix("churn") {
      let report = try load.ask(.finish)
      begun += report.total
      failed += report.lost
    }
    let active = try world.waitForPair(active: nil, seconds: 60)
    stage.tell("\(count) injuries; \(begun) short sessions, \(failed) of them broken by outages")
    try compareTables(active)
    let survival = try world.under(fleet, pause: 500) {}
    stage.tell("long-lived: \(survival.summary)")
    try stage.expectWhole(survival)
    try judgeMemory()
  }

  /// What stood unchanged in the active's kernel before and after must be in the standby's, and
  /// what is in the standby's must have been in the active's.
  private func compareTables(_ active: Node) throws {
    try world.pause(milliseconds: 300)
    let before = try sessions(active)
    try world.pause(milliseconds: 300)
    let standby = try sessions(active.peer)
    try world.pause(milliseconds: 300)
    let after = try sessions(active)
    var missing: [String] = []
    var different: [String] = []
    var compared = 0
    for (key, entry) in after where before[key] == entry && SoakStory.isDue(entry) {
      compared += 1
      guard let copy = standby[key] else {
        missing.append(key)
        continue
      }
      if copy != entry { different.append("\(key): \(entry) / \(copy)") }
    }
    let stale = standby.keys.filter { before[$0] == nil }
    stage.tell(
      "tables: \(compared) on both, \(missing.count) missing on the standby, \(different.count) "
        + "different, \(stale.count) stale")
    let examples = (missing.prefix(3) + different.prefix(3) + stale.prefix(3))
      .joined(separator: "\n       ")
    try stage.expect(
      missing.isEmpty && different.isEmpty && stale.isEmpty, "tables differ: \(examples)")
    try stage.expect(compared >= SoakStory.lasting, "only \(compared) sessions could be compared")
  }

  /// What is to be equal of the forwarded sessions of a node: not numbers of this kernel alone,
  /// times, and flags that say what this kernel has seen.
  private func sessions(_ node: Node) throws -> [String: KernelSessions.Entry] {
    let server = Plan.server.octets
    return try KernelSessions(world.gateway(node).host).entries
      .filter { $0.value["1.1.2"] == server }
      .mapValues { entry in
        var kept = entry.filter { key, _ in
          key.hasPrefix("2.") || ["4.1.1", "4.1.2", "4.1.3", "8", "22"].contains(key)
        }
        kept["3"] = entry["3"].map { SoakStory.status($0) }
        return kept
      }
  }

  /// EXPECTED, SEEN_REPLY, ASSURED, CONFIRMED, SRC_NAT, DST_NAT, SEQ_ADJUST; in network order.
  private static func status(_ octets: [UInt8]) -> [UInt8] { [(octets.last ?? 0) & 0x7f] }

  /// A session that nobody has answered is not the standby's business.
  private static func isDue(_ entry: KernelSessions.Entry) -> Bool {
    (entry["3"]?.last ?? 0) & 0x02 != 0
  }

  private func judgeMemory() throws {
    var grown: [String] = []
    let (small, large) = SoakStory.thirds(tables)
    let allowed =
      SoakStory.growthKB + max(0, large - small) * SoakStory.growthKBPerThousand / 1000
    stage.tell(
      "memory in kB and sessions, most in the first third of the time and in the last (at most "
        + "\(allowed) kB more):")
    stage.tell("\("sessions".padded(24)) \(small) \(large)")
    for (name, sizes) in memory.sorted(by: { $0.key < $1.key }) {
      let (first, last) = SoakStory.thirds(sizes)
      stage.tell("\(name.padded(24)) \(first) \(last)")
      if last > first + allowed { grown.append(name) }
    }
    try stage.expect(grown.isEmpty, "memory grows: \(grown.joined(separator: ", "))")
  }

  private static func thirds(_ values: [Int]) -> (first: Int, last: Int) {
    let third = max(1, values.count / 3)
    return (values.prefix(third).max() ?? 0, values.suffix(third).max() ?? 0)
  }
}
