import Linux
import Netlink
import Wire

extension Scenario {
  /// What the standby's copy lacks.
  static let fidelity = [
    Scenario(
      name: "fidelity",
      summary: "sessions of every kind, compared attribute by attribute in both kernels: nothing is"
        + " lost but what the kernel takes from nobody"
    ) { stage in
      let world = try stage.makeWorld()
      for node in Node.allCases {
        // Labels are kept where a rule uses them.
        try world.gateway(node).host.nft(
          """
          table inet labels {
            chain watch { type filter hook forward priority 300; policy accept;
              ct label 7 accept
            }
          }

          """)
      }
      try FidelityStory(stage, world).tell()
    }
  ]
}

/// Compares the kernels' own words about sessions of every kind.
private final class FidelityStory {
  private let stage: Stage
  private let world: World

  /// Attributes that are meant to differ, or that ctnetlink takes from nobody, and why.
  private static let excepted = [
    "4.1.4": "lenient until traffic has passed here",
    "4.1.5": "lenient until traffic has passed here",
    "7": "a lease: no event tells of a refresh", "12": "each kernel's own number",
    "9": "counters: not settable", "10": "counters: not settable", "11": "use count",
    "20": "start time: not settable", "19": "security context: not settable",
  ]
  /// Names of attributes, by their kernel's numbers.
  private static let names = [
    "1": "original tuple", "2": "reply tuple", "3": "status", "4.1.1": "TCP state",
    "4.1.2": "TCP scale, original", "4.1.3": "TCP scale, reply", "4.1.4": "TCP flags, original",
    "4.1.5": "TCP flags, reply", "4.3.1": "SCTP state", "4.3.2": "SCTP tag, original",
    "4.3.3": "SCTP tag, reply", "5.1": "helper", "7": "timeout", "8": "mark", "11": "use",
    "12": "id", "14": "master", "15": "sequence, original", "16": "sequence, reply", "18": "zone",
    "22": "labels", "9": "counters, original", "10": "counters, reply", "20": "start time",
    "24": "synproxy",
  ]

  init(_ stage: Stage, _ world: World) {
    self.stage = stage
    self.world = world
  }

  func tell() throws {
    let active = try world.waitForPair(active: nil)
    let kinds = SessionKinds()
    try kinds.make(in: world.gateway(active).host)
    let wanted = try sessions(active)
    try stage.expect(
      wanted.count == kinds.kinds.count, "\(wanted.count) of \(kinds.kinds.count) were made")
    var copies: [String: KernelSessions.Entry] = [:]
    try world.wait("the standby to have all of them", seconds: 10) {
      copies = try sessions(active.peer)
      return copies.count >= wanted.count
    }
    try compare(wanted, copies)
    try world.kill("sync", of: active.peer)
    try world.waitForPair(active: nil, seconds: 30)
    stage.tell("after a full copy to a sync that was started again:")
    try compare(try sessions(active), try sessions(active.peer))
  }

  /// The sessions that were made here, by their keys.
  private func sessions(_ node: Node) throws -> [String: KernelSessions.Entry] {
    let clients = [IPv4Address(10, 1, 0, 140).octets, FidelityStory.client6]
    return try KernelSessions(world.gateway(node).host).entries.filter { _, entry in
      clients.contains(entry["1.1.1"] ?? entry["1.1.3"] ?? [])
    }
  }

  private static let client6 = IPv6Address(high: 0xfd00_0001 << 32, low: 0x140).octets

  /// One row an attribute: how many sessions have it on either side, and on how many it is equal.
  private func compare(
    _ wanted: [String: KernelSessions.Entry], _ copies: [String: KernelSessions.Entry]
  ) throws {
    var rows: [String: (active: Int, standby: Int, equal: Int)] = [:]
    var lost: [String] = []
    for (key, entry) in wanted {
      let copy = FidelityStory.grouped(copies[key] ?? [:])
      let entry = FidelityStory.grouped(entry)
      for name in Set(entry.keys).union(copy.keys) {
        var row = rows[name] ?? (0, 0, 0)
        if entry[name] != nil { row.active += 1 }
        if copy[name] != nil { row.standby += 1 }
        if entry[name] == copy[name] {
          row.equal += 1
        } else if FidelityStory.excepted[name] == nil {
          lost.append(
            "\(FidelityStory.names[name] ?? name) of \(key): \(text(entry[name])) / \(text(copy[name]))"
          )
        }
        rows[name] = row
      }
    }
    let table = rows.sorted { FidelityStory.order($0.key) < FidelityStory.order($1.key) }.map {
      name, row in
      [
        FidelityStory.names[name] ?? "attribute \(name)", "\(row.active)", "\(row.standby)",
        "\(row.equal)",
        row.equal == max(row.active, row.standby) ? "" : FidelityStory.excepted[name] ?? "LOST",
      ]
    }
    Output.table(
      [["    attribute", "active", "standby", "equal", ""]]
        + table.map { ["    \($0[0])"] + $0.dropFirst() })
    try stage.expect(lost.isEmpty, "lost: " + lost.joined(separator: "\n       "))
  }

  private func text(_ value: [[UInt8]]?) -> String {
    value.map { $0.map { KernelSessions.hex($0) }.joined(separator: " ") } ?? "absent"
  }

  /// Attributes with what belongs together in one: tuples whole, each part of what is left alone.
  private static func grouped(_ entry: KernelSessions.Entry) -> [String: [[UInt8]]] {
    var result: [String: [[UInt8]]] = [:]
    for (path, value) in entry.sorted(by: { $0.key < $1.key }) {
      let first = String(path.prefix { $0 != "." })
      let isWhole = ["1", "2", "9", "10", "14", "15", "16", "20", "24"].contains(first)
      result[isWhole ? first : path, default: []].append(value)
    }
    return result
  }

  private static func order(_ name: String) -> String {
    name.split(separator: ".").map { String($0).count < 2 ? "0\($0)" : String($0) }
      .joined(separator: ".")
  }
}
