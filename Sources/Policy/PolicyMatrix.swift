/// The policy as cells: for each pair of source class and destination class, which protocols and
/// ports have which verdict. A zone without its groups is a class, each group is one.
///
/// Within a cell nothing overlaps, the stronger tier has won, and neighbours with the same verdict
/// and rule are one. That is what the kernel's maps need: they refuse or misjudge overlaps.
struct PolicyMatrix {
  /// A verdict and the rule that gave it.
  struct Decision: Hashable {
    /// Nil for the kill switch.
    let tier: Tier?
    /// Nil for the kill switch.
    let ruleID: String?
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
    /// Ports, sorted, without overlap, neighbours joined.
    var ports: [TransportProtocol: [Segment]] = [:]
    /// What is said about ports while the cell is made, the stronger first.
    fileprivate var layers: [TransportProtocol: [Segment]] = [:]
  }

  /// First class number of zones; below are the groups' ids.
  static let firstZoneClass: UInt32 = 4001

  private let names: PolicyClasses
  private let services: [String: Coverage]
  /// Class number of each zone and group, by name.
  var classes: [String: UInt32] { names.numbers }
  /// The cells that are not empty.
  private(set) var cells: [Pair: Cell] = [:]

  /// Expands a policy without problems.
  init(_ policy: PolicyDocument) {
    names = PolicyClasses(policy)
    services = PolicyMatrix.coverages(policy)
    // The stronger first: what is decided is not decided again.
    for statement in policy.statements {
      let destinations = names.behind(statement.to)
      for source in names.behind(statement.from) {
        for destination in destinations {
          let pair = Pair(source: source, destination: destination)
          cells[pair, default: Cell()].decide(statement.decision, services[statement.service])
        }
      }
    }
    // In place: a walk over the keys would have every cell copied.
    var index = cells.startIndex
    while index != cells.endIndex {
      cells.values[index].settle()
      cells.formIndex(after: &index)
    }
  }

  /// The rules that decide anything.
  var decidingRules: Set<String> {
    cells.values.reduce(into: []) { found, cell in
      found.formUnion(cell.decisions.compactMap(\.ruleID))
    }
  }

  /// The rules that decided in the cells that `rule` is about, sorted.
  func deciders(of rule: Rule) -> [String] {
    let coverage = services[rule.service]
    let destinations = names.behind(rule.to)
    var found: Set<String> = []
    for source in names.behind(rule.from) {
      for destination in destinations {
        guard let cell = cells[Pair(source: source, destination: destination)] else { continue }
        found.formUnion(cell.decisions(on: coverage).compactMap(\.ruleID))
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

  /// An upper bound on the elements that an expansion makes, found without making them; counting
  /// ends once it is beyond `limit`.
  static func workload(_ policy: PolicyDocument, upTo limit: Int) -> Int {
    let services = coverages(policy)
    let names = PolicyClasses(policy)
    var sum = 0
    for statement in policy.statements where sum <= limit {
      let pairs = names.behind(statement.from).count * names.behind(statement.to).count
      sum += pairs * (services[statement.service]?.count ?? 1)
    }
    return sum
  }

  private static func coverages(_ policy: PolicyDocument) -> [String: Coverage] {
    Dictionary(
      policy.services.map { ($0.name, Coverage($0.entries)) },
      uniquingKeysWith: { first, _ in first })
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
      layers[transport, default: []] += ranges.map { .init(ports: $0, decision: decision) }
    }
  }

  /// Nothing more is said: layers become segments, all at once, as one after the other would cost
  /// the square of their number.
  mutating func settle() {
    // Most cells have one layer, of which nothing is hidden.
    for (transport, segments) in layers where segments.count > 1 {
      layers[transport] = PolicyMatrix.Segment.flattened(segments)
    }
    (ports, layers) = (layers, [:])
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
    let segments = PolicyMatrix.Segment.overlapping(range, in: ports[transport] ?? [])
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
