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
    let services = Dictionary(
      policy.services.map { ($0.name, $0.entries) }, uniquingKeysWith: { first, _ in first })
    // Deny first: what is decided is not decided again.
    for tier in [Tier.deny, .allow] {
      for rule in policy.rules.filter({ $0.tier == tier }).sorted(by: { $0.id < $1.id }) {
        let decision = Decision(tier: tier, ruleID: rule.id)
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

  /// Elements for single ports.
  var exactCount: Int { segmentCount { $0.ports.count == 1 } }

  /// Elements for port ranges.
  var rangeCount: Int { segmentCount { $0.ports.count > 1 } }

  private func segmentCount(_ matches: (Segment) -> Bool) -> Int {
    cells.values.reduce(0) { sum, cell in
      sum + cell.ports.values.reduce(0) { $0 + $1.count(where: matches) }
    }
  }

  /// How many cells the rules touch, each counted for itself: the work of an expansion.
  static func pairCount(_ policy: PolicyDocument) -> Int {
    policy.rules.reduce(0) { sum, rule in
      sum + members(of: rule.from, policy).count * members(of: rule.to, policy).count
    }
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

extension PolicyMatrix.Cell {
  /// Adds a rule; `entries` nil is every service. What an earlier rule decided stays.
  mutating func decide(_ decision: PolicyMatrix.Decision, _ entries: [Service.Entry]?) {
    guard let entries else {
      // A deny of everything leaves nothing for later; an allow of everything fills the rest.
      if any == nil { any = decision }
      return
    }
    guard any?.tier != .deny else { return }
    for entry in entries {
      if entry.ports.isEmpty {
        if whole[entry.transport] == nil { whole[entry.transport] = decision }
      } else if whole[entry.transport]?.tier != .deny {
        for range in entry.ports { insert(range, decision, entry.transport) }
      }
    }
  }

  /// The verdict for a packet; nil when no rule has one.
  func decision(_ transport: TransportProtocol?, port: UInt16) -> PolicyMatrix.Decision? {
    guard let transport else { return any }
    if let segment = ports[transport]?.first(where: { $0.ports.contains(port) }) {
      return segment.decision
    }
    return whole[transport] ?? any
  }

  /// Adds the part of `range` that is not decided yet.
  private mutating func insert(
    _ range: ClosedRange<UInt16>, _ decision: PolicyMatrix.Decision, _ transport: TransportProtocol
  ) {
    var segments = ports[transport] ?? []
    var next = Int(range.lowerBound)
    var gaps: [ClosedRange<UInt16>] = []
    for segment in segments where segment.ports.overlaps(range) {
      if Int(segment.ports.lowerBound) > next {
        gaps.append(UInt16(next)...segment.ports.lowerBound - 1)
      }
      next = Int(segment.ports.upperBound) + 1
    }
    if next <= Int(range.upperBound) { gaps.append(UInt16(next)...range.upperBound) }
    segments += gaps.map { PolicyMatrix.Segment(ports: $0, decision: decision) }
    segments.sort { $0.ports.lowerBound < $1.ports.lowerBound }
    ports[transport] = merged(segments)
  }

  private func merged(_ segments: [PolicyMatrix.Segment]) -> [PolicyMatrix.Segment] {
    var result: [PolicyMatrix.Segment] = []
    for segment in segments {
      if let last = result.last, last.decision == segment.decision,
        Int(last.ports.upperBound) + 1 == Int(segment.ports.lowerBound)
      {
        result[result.count - 1].ports = last.ports.lowerBound...segment.ports.upperBound
      } else {
        result.append(segment)
      }
    }
    return result
  }
}
