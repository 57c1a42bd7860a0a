import Glibc
import Wire

extension Scenario {
  /// What the standby knows of hosts.
  static let neighbours = [
    Scenario(
      name: "neighbours",
      summary: "a client that only listens goes on at once: the new active knows its Ethernet"
        + " address, and lives without an answer to ARP or neighbour discovery"
    ) { stage in
      let world = try stage.makeShapedWorld("neighbours") { $0.hasBothFamilies = true }
      world.furnishing = { _, host in try host.sysctl(Plan.speakingIPv6) }
      try world.bootPair()
      try Scenario.speakIPv6(world)
      let story = try NeighbourStory(stage, world)
      let (with, without) = try story.compare()
      stage.tell("known before: \(with)")
      stage.tell("unknown:      \(without)")
      try stage.expect(
        with.questions == 0, "the new active asked \(with.questions) times for hosts it was to know"
      )
      try stage.expect(without.questions > 0, "the comparison does not ask either")
      try story.loseQuestions()
      try story.moveHost()
    }
  ]
}

/// Server to client traffic alone, through failovers.
private final class NeighbourStory {
  private let stage: Stage
  private let world: World
  private let loads: [LoadHandle]

  /// What one failover cost the listeners.
  struct Outcome: CustomStringConvertible {
    /// Broadcast ARP requests and multicast solicitations for client and server.
    var questions: Int
    var lost: Int
    var gapMs: Double

    var description: String {
      "\(questions) questions for a host, \(lost) packets lost, silence \(gapMs.text(1)) ms"
    }
  }

  init(_ stage: Stage, _ world: World) throws {
    self.stage = stage
    self.world = world
    var loads: [LoadHandle] = []
    for family in AddressFamily.allCases {
      let option = ["family=\(family)"]
      let server = try LoadHandle(
        "push-server", in: world.server, world.workspace, option, name: "push-server \(family)")
      try server.ask(.ready)
      let client = try LoadHandle(
        "push", in: world.client, world.workspace, option, name: "push \(family)")
      loads += [server, client]
      try client.ask(.ready)
    }
    self.loads = loads
    stage.onEnd { loads.forEach { $0.stop() } }
    try count()
  }

  /// Power cuts with and without what the standby was told.
  func compare() throws -> (with: Outcome, without: Outcome) {
    let with = try failOver()
    let without = try failOver(prepare: { try self.forget(at: $0) }) { node in
      try self.world.gateway(node).host.signal(try self.sync(of: node), SIGCONT)
    }
    return (with, without)
  }

  /// Nobody answers a question for the client any more: the packets go all the same.
  func loseQuestions() throws {
    try waitForEntries()
    try world.fabric.lose(
      "ether daddr ff:ff:ff:ff:ff:ff arp operation request arp daddr ip \(Plan.client)")
    let outcome = try failOver()
    try world.fabric.loseNothing()
    stage.tell("questions for the client lost: \(outcome)")
    try stage.expect(outcome.gapMs < 1000, "without an answer to ARP the listener hears nothing")
  }

  /// A host with another card than the standby was told of, from one moment to the next: the kernel
  /// asks the old one for 8 seconds (`delay_first_probe_time`, three probes), then everybody.
  func moveHost() throws {
    // It says nothing of it, as it only listens.
    let outcome = try failOver(
      patience: 15,
      prepare: { _ in
        try self.world.client.ip(["link set eth0 address 02:00:00:00:0b:01"])
      })
    stage.tell("another card at the moment of the failover: \(outcome)")
    try stage.expect(outcome.gapMs < 12_000, "a host with another card is not found again")
  }

  /// The standby forgets what it was told, and cannot enter it again.
  private func forget(at node: Node) throws {
    let host = world.gateway(node).host
    try host.signal(try sync(of: node), SIGSTOP)
    try host.run(["ip", "-4", "neigh", "flush", "all"])
    try host.run(["ip", "-6", "neigh", "flush", "all"])
  }

  private func sync(of node: Node) throws -> Int {
    guard let pid = try world.product(node).rolePid("sync") else {
      throw LabError.failed("\(node.name) has no running sync")
    }
    return pid
  }

  /// Cuts the power of the active and brings it back; the closures get the node that takes over,
  /// before the cut and when the figures are taken.
  private func failOver(
    patience: Int = 5, prepare: (Node) throws -> Void = { _ in },
    afterwards: (Node) throws -> Void = { _ in }
  ) throws -> Outcome {
    let active = try world.waitForPair(active: nil, seconds: 60)
    try waitForEntries()
    try prepare(active.peer)
    let before = try questions()
    let clients = loads.filter { $0.name.hasPrefix("push ") }
    for load in clients { try load.ask(.mark) }
    try world.cutPower(active)
    for load in clients { try load.ask(.struck) }
    try world.wait("both listeners to hear", seconds: patience) {
      try clients.allSatisfy { try $0.ask(.report).alive == 1 }
    }
    try world.pause(milliseconds: 1500)
    let reports = try clients.map { try $0.ask(.report) }
    let outcome = Outcome(
      questions: try questions() - before, lost: reports.map(\.lost).max() ?? 0,
      gapMs: reports.map(\.gapMs).max() ?? .nan)
    try afterwards(active.peer)
    try world.restorePower(active)
    return outcome
  }

  /// Waits until the standby's kernel knows client and server of both families.
  private func waitForEntries() throws {
    let active = try world.waitForPair(active: nil, seconds: 60)
    let standby = world.gateway(active.peer).host
    try world.wait("the standby to know the hosts", seconds: 15) {
      let text = try standby.run(["ip", "neigh", "show"])
      let lines = text.split(separator: "\n").filter { $0.contains("lladdr") }
      return ["\(Plan.client)", Plan.client6].allSatisfy { address in
        lines.contains { $0.hasPrefix(address + " ") }
      }
    }
  }

  /// Counts on the switches who asks for the hosts.
  private func count() throws {
    try world.fabric.host.nft(
      """
      table bridge questions {
        counter asked { }
        chain forward { type filter hook forward priority -250; policy accept;
          ether daddr ff:ff:ff:ff:ff:ff arp operation request arp daddr ip \(Plan.client) \
      arp saddr ip { \(Plan.lanVirtual), \(Node.a.lanAddress), \(Node.b.lanAddress) } \
      counter name asked
          ip6 daddr ff02::1:ff00:10 icmpv6 type nd-neighbor-solicit counter name asked
        }
      }

      """)
  }

  private func questions() throws -> Int {
    let text = try world.fabric.host.run(["nft", "list", "counter", "bridge", "questions", "asked"])
    let words = text.split(whereSeparator: { " \n\t".contains($0) })
    guard let at = words.firstIndex(of: "packets"), at + 1 < words.count,
      let number = Int(words[at + 1])
    else { throw LabError.failed("nft shows no counter: \(text)") }
    return number
  }
}
