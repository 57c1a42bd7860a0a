import Wire

/// The parts of the network that two policies tell apart between them.
struct PolicyPlaces {
  /// Addresses of one class in both policies.
  struct Place: Hashable {
    /// The zone, of the new policy where it has one.
    let zone: String
    /// The name of the class in the old policy, nil: in no zone.
    let old: String?
    /// The name of the class in the new one.
    let new: String?
  }

  /// Indexes of two places.
  struct Pair: Hashable {
    let from: Int
    let to: Int
  }

  /// All of them, those of a zone beside each other.
  let all: [Place]

  init(_ old: PolicyDocument, _ new: PolicyDocument) {
    let (zonesOld, zonesNew) = (Self.zones(old), Self.zones(new))
    let ways = Set(zonesOld.keys).union(zonesNew.keys).map { Way(zonesOld[$0], zonesNew[$0]) }
    let found = Set(ways).flatMap { way in
      Self.parts(old.groups.filter { $0.zone == way.old }, new.groups.filter { $0.zone == way.new })
        .map { part in
          Place(
            zone: way.new ?? way.old ?? "", old: part.old ?? way.old, new: part.new ?? way.new)
        }
    }
    all = Set(found).sorted {
      ($0.zone, $0.new ?? "", $0.old ?? "") < ($1.zone, $1.new ?? "", $1.old ?? "")
    }
  }

  /// Pairs about which either matrix says anything.
  func pairs(_ was: PolicyMatrix, _ now: PolicyMatrix) -> Set<Pair> {
    var found: Set<Pair> = []
    for (matrix, name) in [(was, \Place.old), (now, \Place.new)] {
      var places: [UInt32: [Int]] = [:]
      for (index, place) in all.enumerated() {
        guard let number = place[keyPath: name].flatMap({ matrix.classes[$0] }) else { continue }
        places[number, default: []].append(index)
      }
      for pair in matrix.cells.keys {
        for from in places[pair.source] ?? [] {
          for to in places[pair.destination] ?? [] { found.insert(Pair(from: from, to: to)) }
        }
      }
    }
    return found
  }

  /// What people call some of the places: a zone by its name where it is there as a whole.
  func names(_ indexes: Set<Int>) -> [String] {
    if indexes.count == all.count, Set(all.map(\.zone)).count > 1 { return [PolicyDocument.any] }
    let zones = Dictionary(grouping: all.indices) { all[$0].zone }
    return zones.sorted { $0.key < $1.key }.flatMap { zone, members in
      let meant = members.filter(indexes.contains)
      let isKnown = meant.allSatisfy { all[$0].old != nil && all[$0].new != nil }
      if meant.count == members.count, isKnown { return [zone] }
      let isAlone = members.allSatisfy { [nil, zone].contains(all[$0].new) }
      return meant.map { name(all[$0], isAlone: isAlone) }.sorted()
    }
  }

  private func name(_ place: Place, isAlone: Bool) -> String {
    let isRest = place.new == place.zone && !isAlone
    let now = place.new.map { isRest ? "rest of \($0)" : $0 } ?? "no zone"
    guard place.old != place.new else { return now }
    return "\(now) (was \(place.old ?? "in no zone"))"
  }

  /// The zone of an interface in both policies.
  private struct Way: Hashable {
    let old: String?
    let new: String?

    init(_ old: String?, _ new: String?) { (self.old, self.new) = (old, new) }
  }

  private static func zones(_ policy: PolicyDocument) -> [String: String] {
    Dictionary(
      policy.zones.flatMap { zone in zone.ports.map { ($0, zone.name) } },
      uniquingKeysWith: { first, _ in first })
  }

  /// The groups of a part of a zone.
  private struct Part: Hashable {
    var old: String?
    var new: String?
  }

  /// A network on the way down to the longer ones within it.
  private struct Level {
    let net: IPPrefix
    let part: Part
    /// How much of it the longer ones take, 1: everything.
    var taken = 0.0
  }

  /// Every combination of a group of the old policy and one of the new that has an address, and what is
  /// in none. Networks are disjoint or one within the other, and those of one policy's groups in a zone
  /// never the latter.
  private static func parts(_ old: [Group], _ new: [Group]) -> Set<Part> {
    var nets: [IPPrefix: Part] = [:]
    for group in old {
      for net in group.nets { nets[net.network, default: Part()].old = group.name }
    }
    for group in new {
      for net in group.nets { nets[net.network, default: Part()].new = group.name }
    }
    var found: Set = [Part()]
    var levels: [Level] = []
    func close(upTo net: IPPrefix?) {
      while let last = levels.last, net.map({ !last.net.contains($0.address) }) ?? true {
        levels.removeLast()
        if last.taken < 1 { found.insert(last.part) }
      }
    }
    for (net, part) in nets.sorted(by: {
      ($0.key.address, $0.key.length) < ($1.key.address, $1.key.length)
    }) {
      close(upTo: net)
      if let outer = levels.last {
        levels[levels.count - 1].taken += Double(
          sign: .plus, exponent: outer.net.length - net.length, significand: 1)
      }
      let outer = levels.last?.part
      levels.append(
        Level(net: net, part: Part(old: part.old ?? outer?.old, new: part.new ?? outer?.new)))
    }
    close(upTo: nil)
    return found.union(matched(old, new))
  }

  /// Hosts may be in groups that match them; which, nobody knows beforehand. Where a group has changed,
  /// some may have gone from one that matches them to any other of the zone, or come from there.
  private static func matched(_ old: [Group], _ new: [Group]) -> Set<Part> {
    let matching = Set((old + new).filter { !$0.match.isEmpty }.map(\.name))
    guard !matching.isEmpty else { return [] }
    let (before, after) = (byName(old), byName(new))
    var found: Set<Part> = []
    for name in matching where before[name] != nil && after[name] != nil {
      found.insert(Part(old: name, new: name))
    }
    func add(_ from: String?, _ to: String?) {
      guard from != to, [from, to].contains(where: { $0.map(matching.contains) ?? false })
      else { return }
      found.insert(Part(old: from, new: to))
    }
    for name in Set(before.keys).union(after.keys) where before[name] != after[name] {
      if before[name] != nil { for to in after.keys.map(Optional.some) + [nil] { add(name, to) } }
      if after[name] != nil {
        for from in before.keys.map(Optional.some) + [nil] { add(from, name) }
      }
    }
    return found
  }

  private static func byName(_ groups: [Group]) -> [String: Group] {
    Dictionary(groups.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
  }
}
