/// The policy as cells: for each pair of source class and destination class, which protocols and
/// ports have which verdict. A zone without its groups is a class, each group is one.
///
/// Within a cell nothing overlaps, deny has won over allow, and neighbours with the same verdict
/// and rule are one. That is what the kernel's maps need: they refuse or misjudge overlaps.
struct PolicyMatrix {
  /// A verdict and the rule that gave it.
  struct Decision: Hashable {
    let tier: Tier
    let ruleID: String
    /// Where the kernel goes on.
    let chain: String
  }

  /// A pair of class numbers.
  struct Pair: Hashable, Comparable {
    let source: UInt32
    let destination: UInt32

    static func < (a: Pair, b: Pair) -> Bool {
      (a.source, a.destination) < (b.source, b.destination)
    }
  }

  /// Ports of one protocol with one verdict.
  struct Segment: Hashable {
    var ports: ClosedRange<UInt16>
    let decision: Decision
  }

  /// One cell.
  struct Cell {
    /// Every protocol that is not listed.
    var any: Decision?
    /// Protocols as a whole, where ports are not listed.
    var whole: [TransportProtocol: Decision] = [:]
    /// Ports, sorted, without overlap.
    var ports: [TransportProtocol: [Segment]] = [:]
  }

  /// First class number of zones; below are the groups' ids.
  static let firstZoneClass: UInt32 = 4001

  /// Class number of each zone and group, by name.
  let classes: [String: UInt32]
  /// The cells that are not empty.
  private(set) var cells: [Pair: Cell] = [:]

  /// Expands a policy without problems.
  init(_ policy: PolicyDocument) {
    var classes: [String: UInt32] = [:]
    for (index, name) in policy.zones.map(\.name).sorted().enumerated() {
      classes[name] = PolicyMatrix.firstZoneClass + UInt32(index)
    }
    for group in policy.groups { classes[group.name] = UInt32(group.id) }
    self.classes = classes
    let services = PolicyMatrix.coverages(policy)
    // Deny first: what is decided is not decided again.
    for tier in [Tier.deny, .allow] {
      for rule in policy.rules.filter({ $0.tier == tier }).sorted(by: { $0.id < $1.id }) {
        let decision = Decision(tier: tier, ruleID: rule.id, chain: rule.kernelName)
        let sources = PolicyMatrix.members(of: rule.from, policy).compactMap { classes[$0] }
        let destinations = PolicyMatrix.members(of: rule.to, policy).compactMap { classes[$0] }
        for source in sources {
          for destination in destinations {
            let pair = Pair(source: source, destination: destination)
            cells[pair, default: Cell()].decide(decision, services[rule.service])
          }
        }
      }
    }
  }

  /// The rules that decide anything.
  var decidingRules: Set<String> {
    cells.values.reduce(into: []) { found, cell in
      for decision in cell.decisions { found.insert(decision.ruleID) }
    }
  }

  /// The rules that decided in the cells that `rule` is about, sorted.
  func deciders(of rule: Rule, in policy: PolicyDocument) -> [String] {
    let sources = PolicyMatrix.members(of: rule.from, policy).compactMap { classes[$0] }
    let destinations = PolicyMatrix.members(of: rule.to, policy).compactMap { classes[$0] }
    let coverage = PolicyMatrix.coverages(policy)[rule.service]
    var found: Set<String> = []
    for source in sources {
      for destination in destinations {
        guard let cell = cells[Pair(source: source, destination: destination)] else { continue }
        for decision in cell.decisions(on: coverage) { found.insert(decision.ruleID) }
      }
    }
    return found.sorted()
  }

  /// Elements for single ports.
  var exactCount: Int { segmentCount { $0.ports.count == 1 } }

  /// Elements for port ranges.
  var rangeCount: Int { segmentCount { $0.ports.count > 1 } }

  private func segmentCount(_ matches: (Segment) -> Bool) -> Int {
    cells.values.reduce(0) { sum, cell in
      sum + cell.ports.values.reduce(0) { $0 + $1.count(where: matches) }
    }
  }

  /// An upper bound on the elements that an expansion makes, found without making them.
  static func workload(_ policy: PolicyDocument) -> Int {
    let services = coverages(policy)
    return policy.rules.reduce(0) { sum, rule in
      let pairs = members(of: rule.from, policy).count * members(of: rule.to, policy).count
      return sum + pairs * (services[rule.service]?.count ?? 1)
    }
  }

  private static func coverages(_ policy: PolicyDocument) -> [String: Coverage] {
    Dictionary(
      policy.services.map { ($0.name, Coverage($0.entries)) },
      uniquingKeysWith: { first, _ in first })
  }

  /// The classes behind names, by name: a zone stands for itself and its groups.
  private static func members(of names: [String], _ policy: PolicyDocument) -> Set<String> {
    let everything = names.contains(PolicyDocument.any)
    var members = Set(everything ? policy.zones.map(\.name) : names)
    for group in policy.groups where everything || names.contains(group.zone) {
      members.insert(group.name)
    }
    return members
  }
}

/// What a service covers, without repetition.
struct Coverage {
  /// Protocols as a whole.
  private(set) var whole: Set<TransportProtocol> = []
  /// Ports of the others, sorted, neighbours joined.
  private(set) var ports: [TransportProtocol: [ClosedRange<UInt16>]] = [:]

  /// How many elements it takes in a cell.
  var count: Int { whole.count + ports.values.reduce(0) { $0 + $1.count } }

  init(_ entries: [Service.Entry]) {
    for entry in entries where entry.ports.isEmpty { whole.insert(entry.transport) }
    for entry in entries where !whole.contains(entry.transport) {
      ports[entry.transport, default: []] += entry.ports
    }
    for (transport, ranges) in ports {
      var joined: [ClosedRange<UInt16>] = []
      for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
        if let last = joined.last, Int(range.lowerBound) <= Int(last.upperBound) + 1 {
          joined[joined.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
        } else {
          joined.append(range)
        }
      }
      ports[transport] = joined
    }
  }
}

extension PolicyMatrix.Cell {
  /// Adds a rule; `coverage` nil is every service. What an earlier rule decided stays.
  mutating func decide(_ decision: PolicyMatrix.Decision, _ coverage: Coverage?) {
    // Who decided about everything has left nothing.
    guard any == nil else { return }
    guard let coverage else {
      any = decision
      return
    }
    for transport in coverage.whole where whole[transport] == nil { whole[transport] = decision }
    for (transport, ranges) in coverage.ports where whole[transport] == nil {
      ports[transport] = PolicyMatrix.Segment.adding(ranges, decision, to: ports[transport] ?? [])
    }
  }

  /// Every decision, once or more.
  var decisions: [PolicyMatrix.Decision] {
    (any.map { [$0] } ?? []) + whole.values + ports.values.flatMap { $0.map(\.decision) }
  }

  /// The decisions about what a service covers; nil is every service.
  func decisions(on coverage: Coverage?) -> [PolicyMatrix.Decision] {
    guard let coverage else { return any.map { [$0] } ?? [] }
    let parts = coverage.ports.flatMap { transport, ranges in
      ranges.flatMap { decisions(on: $0, of: transport) }
    }
    return coverage.whole.compactMap { whole[$0] ?? any } + parts
  }

  private func decisions(
    on range: ClosedRange<UInt16>, of transport: TransportProtocol
  ) -> [PolicyMatrix.Decision] {
    let segments = (ports[transport] ?? []).filter { $0.ports.overlaps(range) }
    let covered = segments.reduce(0) { $0 + $1.ports.clamped(to: range).count }
    let rest = covered < range.count ? whole[transport] ?? any : nil
    return segments.map(\.decision) + (rest.map { [$0] } ?? [])
  }

  /// The verdict for a packet; nil when no rule has one.
  func decision(_ transport: TransportProtocol?, port: UInt16) -> PolicyMatrix.Decision? {
    guard let transport else { return any }
    if let segment = ports[transport]?.first(where: { $0.ports.contains(port) }) {
      return segment.decision
    }
    return whole[transport] ?? any
  }
}

extension PolicyMatrix.Segment {
  /// `segments` and the parts of `ranges` between them; both are sorted and without overlap.
  static func adding(
    _ ranges: [ClosedRange<UInt16>], _ decision: PolicyMatrix.Decision,
    to segments: [PolicyMatrix.Segment]
  ) -> [PolicyMatrix.Segment] {
    var result: [PolicyMatrix.Segment] = []
    var present = segments[...]
    for range in ranges {
      var next = Int(range.lowerBound)
      while let segment = present.first, segment.ports.lowerBound <= range.upperBound {
        let low = Int(segment.ports.lowerBound)
        if low > next { append(UInt16(next)...UInt16(low - 1), decision, to: &result) }
        // One that reaches beyond this range may also meet the next.
        if segment.ports.upperBound > range.upperBound {
          next = Int(segment.ports.upperBound) + 1
          break
        }
        append(segment.ports, segment.decision, to: &result)
        next = max(next, Int(segment.ports.upperBound) + 1)
        present = present.dropFirst()
      }
      if next <= Int(range.upperBound) {
        append(UInt16(next)...range.upperBound, decision, to: &result)
      }
    }
    for segment in present { append(segment.ports, segment.decision, to: &result) }
    return result
  }

  /// Appends ports, as part of the last segment when they continue it.
  private static func append(
    _ ports: ClosedRange<UInt16>, _ decision: PolicyMatrix.Decision,
    to result: inout [PolicyMatrix.Segment]
  ) {
    if let last = result.last, last.decision == decision,
      Int(last.ports.upperBound) + 1 == Int(ports.lowerBound)
    {
      result[result.count - 1].ports = last.ports.lowerBound...ports.upperBound
    } else {
      result.append(PolicyMatrix.Segment(ports: ports, decision: decision))
    }
  }
}
