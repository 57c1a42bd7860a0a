import Glibc
import Linux
import Wire

/// What a policy of many allowed pairs costs: a packet, a load, a change; beside other rulesets in routers
/// on the same two switches.
///
/// A packet's cost is the time that a sender on one processor needs to send it through the router to a
/// far end that counts and drops it: with both switches and the sender, so that the difference is that of
/// the rulesets alone. The shortest of several trials counts; all routers take their turns.
struct PolicyBenchmark {
  let stage: Stage
  let trials: Int

  /// A router with the ways to it.
  private struct Router {
    let kind: String
    let host: Host
    let (lan, wan): (IPv4Address, IPv4Address)
    /// Datagrams of a trial of first packets; a long list of rules takes its time for each.
    var firsts = 20_000
  }

  private static let known = 50_000
  /// Changes of one element each.
  private static let changes = 21
  /// Nobody counts what the far end answers to a few datagrams, so that connections are answered.
  private static let sink = """
    table inet sink {
      counter seen { }
      chain in {
        type filter hook prerouting priority raw; policy accept;
        udp dport \(PairList.port) counter name "seen" limit rate over 5/second drop
      }
    }

    """

  func run(_ sizes: [Int], _ figures: inout Figures) throws {
    for size in sizes {
      try measure(PairList(count: size), &figures)
      stage.end()
    }
  }

  private func measure(_ pairs: PairList, _ figures: inout Figures) throws {
    let world = try stage.makeEmptyWorld()
    let title = "\(pairs.count) pairs"
    try world.server.nft(Self.sink)
    let echo = try LoadHandle("datagram-server", in: world.server, world.workspace)
    stage.onEnd { echo.stop() }
    try echo.ask(.ready)
    var routers = [
      try makeRouter("no rules", 11, world), try makeRouter("conntrack alone", 12, world),
      try makeRouter("linear", 13, world), try makeRouter("VyOS-like", 14, world),
    ]
    try routers[1].host.nft(PairList.tracking)
    try load(pairs.linear, into: routers[2], title, "inet linear forward", &figures)
    try load(pairs.zoned, into: routers[3], title, "ip zoned NAME_lan-wan", &figures)
    for index in [2, 3] { routers[index].firsts = max(200, 20_000_000 / pairs.count) }
    routers.append(try ours(pairs, world, title, &figures))
    for (what, isFirst) in [("packet of a known connection", false), ("first packet", true)] {
      let costs = try packets(routers, world, isFirst: isFirst)
      for (router, cost) in zip(routers, costs) {
        let ratios = costs[..<2].map { (cost / $0).text(2) + "×" }.joined(separator: " / ")
        figures.note(
          "\(title): \(what), ns (× no rules / × conntrack alone)", router.kind,
          [cost, cost / costs[0], cost / costs[1]], "\(cost.text()) (\(ratios))")
      }
    }
  }

  // MARK: Packets

  /// Nanoseconds for a packet through each router: the shortest trial.
  private func packets(_ routers: [Router], _ world: World, isFirst: Bool) throws -> [Double] {
    var best = [Double](repeating: .infinity, count: routers.count)
    for _ in 0..<trials {
      for (index, router) in routers.enumerated() {
        best[index] = min(best[index], try trial(router, world, isFirst: isFirst))
      }
    }
    return best
  }

  private func trial(_ router: Router, _ world: World, isFirst: Bool) throws -> Double {
    try world.client.ip(["route replace \(Plan.server) via \(router.lan)"])
    try world.server.ip(["route replace \(Plan.client) via \(router.wan)"])
    let count = isFirst ? router.firsts : Self.known
    let flood = try LoadHandle(
      "flood", in: world.client, world.workspace,
      ["count=\(count)", "flows=\(isFirst ? count : 1)", "port=\(PairList.port)", "processor=0"])
    defer { flood.stop() }
    try flood.ask(.ready)
    try flood.ask(.mark, seconds: 120)
    // What is unanswered ends after a second: each trial begins with nothing.
    try world.pause(milliseconds: isFirst ? 1500 : 100)
    let before = try seen(world)
    let earlier = try flood.ask(.report).total
    let report = try flood.ask(.mark, seconds: 120)
    let arrived = try seen(world) - before
    try stage.expect(
      arrived == report.total - earlier,
      "\(router.kind): of \(report.total - earlier) packets \(arrived) arrived")
    return report.gapMs * 1_000_000 / Double(arrived)
  }

  private func seen(_ world: World) throws -> Int {
    let text = try world.server.run(["nft", "list", "counter", "inet", "sink", "seen"])
    let words = text.split(whereSeparator: \.isWhitespace)
    return words.firstIndex(of: "packets").flatMap { Int(words[$0 + 1]) } ?? 0
  }

  // MARK: Routers

  private func makeRouter(_ kind: String, _ octet: UInt8, _ world: World) throws -> Router {
    let (lan, wan) = (IPv4Address(10, 1, 0, octet), IPv4Address(203, 0, 113, octet))
    let host = try world.addGuest("r\(octet)", lan, .lan)
    try host.ip(["link set eth0 down", "link set eth0 name lan0", "link set lan0 up"])
    try world.attach(host, .wan, wan, interface: "wan0")
    try prepare(host)
    return Router(kind: kind, host: host, lan: lan, wan: wan)
  }

  private func prepare(_ host: Host) throws {
    try host.sysctl(["net/ipv4/ip_forward": "1"])
    try host.sysctl(["net/netfilter/nf_conntrack_udp_timeout": "1"])
  }

  /// Loads a ruleset by `nft`, and adds rules one by one.
  private func load(
    _ text: String, into router: Router, _ title: String, _ chain: String,
    _ figures: inout Figures
  ) throws {
    let path = try world(router, text)
    let begun = MonotonicClock.now()
    let child = try router.host.start(["nft", "-f", path], log: "nft")
    var peakKB = 0
    while child.wait(milliseconds: 5) == nil {
      peakKB = max(peakKB, ProcessTable.status(child.pid, "VmHWM") ?? 0)
    }
    let seconds = (MonotonicClock.now() - begun).milliseconds / 1000
    note(title, router.kind, seconds: seconds, peakMB: Double(peakKB) / 1024, &figures)
    let times = try (0..<Self.changes).map { index in
      let begun = MonotonicClock.now()
      try router.host.run(
        ["nft", "add", "rule"] + chain.split(separator: " ").map(String.init)
          + ["tcp", "dport", "\(5000 + index)", "accept"])
      return (MonotonicClock.now() - begun).milliseconds
    }
    figures.note(
      "\(title): one pair more, ms median", router.kind, times,
      "\(times.median.text(2)) (a process)")
  }

  private func world(_ router: Router, _ text: String) throws -> String {
    let path = "/run/rules"
    try router.host.write(path, text)
    return path
  }

  private func note(
    _ title: String, _ kind: String, seconds: Double, peakMB: Double, _ figures: inout Figures
  ) {
    figures.note(
      "\(title): load, s and peak MB of the process", kind, [seconds, peakMB],
      "\(seconds.text(2)) s, \(peakMB.text()) MB")
  }

  // MARK: Ours

  /// One node of the pair with the document; what its `policy` says about its loads.
  private func ours(
    _ pairs: PairList, _ world: World, _ title: String, _ figures: inout Figures
  ) throws -> Router {
    try world.boot(.a)
    try world.wait("the node", seconds: 30) { try world.actives() == [.a] }
    let gateway = try world.product(.a)
    try prepare(gateway.host)
    var version = 100
    func apply(extra: Int) throws -> [String: Double] {
      version += 1
      var document = ZtbDocument(node: .a, advertIntervalMs: 20)
      document.policyVersion = version
      (document.groups, document.services) = (pairs.groups, pairs.services(extra: extra))
      (document.lastRule, document.translates) = (pairs.ruleList, false)
      try gateway.host.write("/run/next.json", document.text)
      try gateway.ztb("config", "apply", "/run/next.json")
      return try lastLoad(version)
    }
    try gateway.host.nft("add table inet somebody\ndelete table inet somebody\n")
    let whole = try apply(extra: 4000)
    guard let pid = try gateway.rolePid("policy") else {
      throw LabError.failed("there is no process of the policy")
    }
    let peakKB = try gateway.host.inside { ProcessTable.status(Int32(pid), "VmHWM") ?? 0 }
    note(
      title, "ZT Branch", seconds: (whole["took"] ?? .nan) / 1000, peakMB: Double(peakKB) / 1024,
      &figures)
    let deltas = try (0..<Self.changes).map { try apply(extra: 5000 + $0) }
    let transactions = deltas.compactMap { $0["transaction"] }
    figures.note(
      "\(title): one pair more, ms median", "ZT Branch", transactions,
      "\(transactions.median.text(2)) (\(deltas.compactMap { $0["took"] }.median.text()) with the "
        + "document read and compiled)")
    return Router(
      kind: "ZT Branch", host: gateway.host, lan: Node.a.lanAddress, wan: Node.a.wanAddress)
  }

  /// What the log says about the load of a version: milliseconds by name.
  private func lastLoad(_ version: Int) throws -> [String: Double] {
    let log = stage.workspace.logText("ztbd-\(Node.a.name)")
    let line = log.split(separator: "\n").last { $0.contains("policy loaded version=\(version) ") }
    guard let line else { throw LabError.failed("the log knows no version \(version)") }
    let words = line.split(separator: " ").map { $0.split(separator: "=") }
    return words.reduce(into: [:]) { found, word in
      guard word.count == 2, word[1].hasSuffix("ms") else { return }
      found[String(word[0])] = Double(String(word[1].dropLast(2)))
    }
  }
}
