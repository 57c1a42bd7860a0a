import Wire

/// A policy as chains and maps for the kernel.
public struct Ruleset: Hashable, Sendable {
  /// A map with what is in it, each element as `key : value`.
  struct Map: Hashable {
    let name: String
    let elements: [String]
  }

  /// Every chain, those of rules behind the others.
  let chains: [Chains.Chain]
  /// Every map.
  let maps: [Map]
  /// Stamped into every connection that this ruleset has judged, 1…255.
  public let epoch: UInt8
  /// What the map ``PolicyCompiler/identityMap`` holds when this very ruleset is in the kernel.
  public let identity: [UInt32]
  /// Names of the chains and counters of its rules, ``Rule/kernelName``.
  public let ruleNames: Set<String>
  /// Protocols that the kernel reads along. Only what is used is made, as it brings a module along; what
  /// a process before this one has made stays, and does nothing.
  let helpers: Set<ConnectionHelper>

  /// The `ct mark` of a connection that this ruleset has allowed.
  public var stamp: UInt32 {
    Chains.stamp(epoch, UInt16(truncatingIfNeeded: identity.dropFirst(3).first ?? 0))
  }

  /// A transaction that loads all of it, whatever there is. Base chains persist and their contents
  /// are flushed and filled again, so no packet is lost and none passes unjudged while it is loaded,
  /// again and again.
  public var text: String {
    var lines = PolicyCompiler.declarations + Ruleset.sorted(helpers).map(\.addition)
    lines += Ruleset.additions(ruleNames)
    lines += Ruleset.filling(chains)
    lines += maps.map { "flush map \(PolicyCompiler.table) \($0.name)" }
    for map in maps { lines += PolicyCompiler.batches(map.name, map.elements) }
    return lines.joined(separator: "\n") + "\n"
  }

  /// One transaction after which the kernel holds this ruleset, where it holds `old`: the chains that differ are flushed and filled, the elements that differ are removed
  /// and added, rules that are gone go with their chains and counters. Equal ends give equal text.
  func delta(from old: Ruleset) -> String {
    let known = Set(old.chains)
    var lines = Ruleset.sorted(helpers.subtracting(old.helpers)).map(\.addition)
    lines += Ruleset.additions(ruleNames.subtracting(old.ruleNames))
    lines += Ruleset.filling(chains.filter { !known.contains($0) })
    for (was, map) in zip(old.maps, maps) {
      let (gone, new) = Ruleset.difference(was.elements, map.elements)
      lines += PolicyCompiler.batches(map.name, gone.map(Ruleset.key), verb: "delete")
      lines += PolicyCompiler.batches(map.name, new)
    }
    lines += Ruleset.sorted(old.helpers.subtracting(helpers)).map(\.removal)
    let removal = PolicyCompiler.removal(ofRulesAmong: old.ruleNames.sorted(), but: self)
    return lines.joined(separator: "\n") + "\n" + removal
  }

  /// What only the one has and what only the other has, in their order. Both are sorted alike, so
  /// that most of what they share is at their ends, where it costs a comparison.
  private static func difference(
    _ old: [String], _ new: [String]
  ) -> (gone: [String], new: [String]) {
    let start = zip(old, new).prefix { $0 == $1 }.count
    let (restOld, restNew) = (old[start...], new[start...])
    let end = zip(restOld.reversed(), restNew.reversed()).prefix { $0 == $1 }.count
    let (oldPart, newPart) = (restOld.dropLast(end), restNew.dropLast(end))
    let (before, after) = (Set(oldPart), Set(newPart))
    return (oldPart.filter { !after.contains($0) }, newPart.filter { !before.contains($0) })
  }

  private static func sorted(_ helpers: Set<ConnectionHelper>) -> [ConnectionHelper] {
    helpers.sorted { $0.rawValue < $1.rawValue }
  }

  /// Makes the chains and counters of rules; where there are some already, nothing.
  private static func additions(_ names: Set<String>) -> [String] {
    names.sorted().flatMap { name in
      [
        "add counter \(PolicyCompiler.table) \(name)",
        "add chain \(PolicyCompiler.table) \(name)",
      ]
    }
  }

  /// Replaces what is in chains.
  private static func filling(_ chains: [Chains.Chain]) -> [String] {
    guard !chains.isEmpty else { return [] }
    var lines = chains.map { "flush chain \(PolicyCompiler.table) \($0.name)" }
    lines.append("table \(PolicyCompiler.table) {")
    for chain in chains where !chain.rules.isEmpty {
      lines += ["chain \(chain.name) {"] + chain.rules + ["}"]
    }
    return lines + ["}"]
  }

  static func key(_ element: String) -> String {
    element.firstRange(of: " : ").map { String(element[..<$0.lowerBound]) } ?? element
  }
}
