/// Connections that a change of the policy opens or closes, and between whom.
public struct PolicyEffect: Hashable, Sendable {
  /// Whether they may be opened from now on; else they may no longer.
  public let opens: Bool
  /// Who opens them: zones and groups, sorted.
  public let from: [String]
  /// Who is reached.
  public let to: [String]
  /// Protocols and ports, such as `tcp 80, 443`, or `any but tcp 22`.
  public let services: [String]
}

extension PolicyDocument {
  /// What this policy opens and what it closes in place of another, exactly: both are expanded to the
  /// decisions that the kernel gets, for every part of a zone that either tells apart. Of groups that
  /// match hosts it names every way that a host may go, as nobody knows the hosts.
  ///
  /// It is about rules and the kill switch, at `time` in seconds since 1970 (nil: outside of every
  /// schedule), as in mode enforce; not about the quarantine. To be asked of policies without problems.
  public func effects(replacing old: PolicyDocument, at time: Int64?) -> [PolicyEffect] {
    let places = PolicyPlaces(old, self)
    var found: [Change: [Int: Set<Int>]] = [:]
    for (pair, difference) in differences(between: places, from: old, at: time) {
      for (opens, services) in [(true, difference.opened), (false, difference.closed)]
      where !services.isEmpty {
        let change = Change(opens: opens, services: services.texts)
        found[change, default: [:]][pair.from, default: []].insert(pair.to)
      }
    }
    let effects = found.flatMap { change, ways in
      // Those who reach the same are named together.
      Dictionary(grouping: ways, by: \.value).map { destinations, sources in
        PolicyEffect(
          opens: change.opens, from: places.names(Set(sources.map(\.key))),
          to: places.names(destinations), services: change.services)
      }
    }
    return effects.sorted { $0.order.lexicographicallyPrecedes($1.order) }
  }

  /// What differs for each pair of places, where anything does.
  func differences(
    between places: PolicyPlaces, from old: PolicyDocument, at time: Int64?
  ) -> [PolicyPlaces.Pair: (opened: Openness, closed: Openness)] {
    let (was, now) = (PolicyMatrix(old.inForce(at: time)), PolicyMatrix(inForce(at: time)))
    var found: [PolicyPlaces.Pair: (Openness, Openness)] = [:]
    for pair in places.pairs(was, now) {
      let (source, destination) = (places.all[pair.from], places.all[pair.to])
      let before = Openness(was.cell(source.old, destination.old))
      let after = Openness(now.cell(source.new, destination.new))
      guard before != after else { continue }
      found[pair] = (after.subtracting(before), before.subtracting(after))
    }
    return found
  }

  private struct Change: Hashable {
    let opens: Bool
    let services: [String]
  }
}

extension PolicyEffect {
  fileprivate var order: [String] {
    [opens ? "0" : "1", from.joined(separator: ","), to.joined(separator: ",")] + services
  }
}

extension PolicyMatrix {
  /// The cell of two classes by their names; nil where nothing is said, or for no class.
  fileprivate func cell(_ source: String?, _ destination: String?) -> Cell? {
    guard let source, let destination, let from = classes[source], let to = classes[destination]
    else { return nil }
    return cells[Pair(source: from, destination: to)]
  }
}

/// What a cell lets through, ports 1…65535.
struct Openness: Hashable {
  /// Ports, sorted and without overlap; those of a protocol without ports are all or none.
  private var ports: [TransportProtocol: [ClosedRange<Int>]] = [:]
  /// Whether every protocol without a name is.
  private var others = false

  private static let allPorts = 1...65_535

  var isEmpty: Bool { !others && ports.values.allSatisfy(\.isEmpty) }

  init(_ cell: PolicyMatrix.Cell?) {
    func allows(_ decision: PolicyMatrix.Decision?) -> Bool {
      decision?.tier == .allow || decision?.tier == .guard
    }
    others = allows(cell?.any)
    for transport in TransportProtocol.allCases {
      let rest = allows(cell?.whole[transport] ?? cell?.any)
      var ranges: [ClosedRange<Int>] = []
      var next = Openness.allPorts.lowerBound
      for segment in cell?.ports[transport] ?? [] {
        let (low, high) = (Int(segment.ports.lowerBound), Int(segment.ports.upperBound))
        if rest, next < low { ranges.append(next...low - 1) }
        if allows(segment.decision) { ranges.append(low...high) }
        next = high + 1
      }
      if rest, next <= Openness.allPorts.upperBound {
        ranges.append(next...Openness.allPorts.upperBound)
      }
      ports[transport] = Openness.joined(ranges)
    }
  }

  /// Neighbours as one.
  private static func joined(_ ranges: [ClosedRange<Int>]) -> [ClosedRange<Int>] {
    ranges.reduce(into: []) { joined, range in
      if let last = joined.last, last.upperBound + 1 == range.lowerBound {
        joined[joined.count - 1] = last.lowerBound...range.upperBound
      } else {
        joined.append(range)
      }
    }
  }

  /// Whether it lets a packet through; `transport` nil is a protocol without a name.
  func contains(_ transport: TransportProtocol?, port: UInt16) -> Bool {
    guard let transport else { return others }
    let port = transport.hasPorts ? Int(port) : Openness.allPorts.lowerBound
    return ports[transport]?.contains { $0.contains(port) } ?? false
  }

  func subtracting(_ other: Openness) -> Openness {
    var left = self
    left.others = others && !other.others
    for (transport, ranges) in ports {
      left.ports[transport] = ranges.flatMap { range in
        var pieces: [ClosedRange<Int>] = []
        var next = range.lowerBound
        for gap in other.ports[transport] ?? [] where gap.overlaps(range) {
          if next < gap.lowerBound { pieces.append(next...gap.lowerBound - 1) }
          next = max(next, gap.upperBound + 1)
        }
        return next <= range.upperBound ? pieces + [next...range.upperBound] : pieces
      }
    }
    return left
  }

  /// What is in it; where that is most, what is not.
  var texts: [String] {
    guard others else { return named }
    let rest = Openness(everything: true).subtracting(self).named
    return rest.isEmpty ? ["any"] : ["any but " + rest.joined(separator: "; ")]
  }

  private var named: [String] {
    ports.sorted { $0.key.rawValue < $1.key.rawValue }.compactMap { transport, ranges in
      if ranges.isEmpty { return nil }
      if ranges == [Openness.allPorts] { return transport.name }
      let texts = ranges.map {
        $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)"
      }
      return "\(transport.name) \(texts.joined(separator: ", "))"
    }
  }

  private init(everything: Bool) {
    others = everything
    for transport in TransportProtocol.allCases {
      ports[transport] = everything ? [Openness.allPorts] : []
    }
  }
}
