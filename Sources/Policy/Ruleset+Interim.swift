/// What is in force between two rulesets.
///
/// The kernel takes a transaction over in steps (`nf_tables_commit`): chains and single elements count from
/// the moment that its generation is raised, maps of ranges are replaced after that, one by one. In
/// between, a packet may meet ranges of the old ruleset, or no ranges, in the midst of the new one. What
/// it is allowed then must not carry the new stamp, which is believed as long as the version lasts. So
/// the rules come by one transaction, with stamps that soon count no more, and the stamp by a second.
extension Ruleset {
  /// The transactions, one after the other, after which the kernel holds this ruleset where it holds
  /// `old`, whole and unchanged. There are two where ranges differ. Equal ends give one empty line.
  ///
  /// - Complexity: O(*n*) in the elements of both, though what the kernel does is about the
  ///   difference alone.
  public func deltas(from old: Ruleset) -> [String] {
    let hasOtherRanges = zip(old.maps, maps).contains { was, map in
      was.elements != map.elements && PolicyCompiler.rangeMaps.contains(map.name)
    }
    guard hasOtherRanges else { return [delta(from: old)] }
    let interim = interim(from: old)
    return [interim.delta(from: old), delta(from: interim)]
  }

  /// The two transactions that load all of it, whatever there is.
  ///
  /// - Parameter identity: what the map ``PolicyCompiler/identityMap`` holds before: connections of that
  ///   version go on until the second. Empty: nothing is forwarded until then.
  public func texts(over identity: [UInt32]) -> (rules: String, stamp: String) {
    let interim = interim(over: identity)
    return (interim.text, delta(from: interim))
  }

  /// This ruleset with the stamp of the one before, and with the rules of that one that are gone: ranges
  /// may still lead there.
  func interim(from old: Ruleset) -> Ruleset {
    let interim = interim(over: old.identity)
    let gone = old.ruleNames.subtracting(ruleNames)
    let maps = zip(old.maps, interim.maps).map { was, map in
      guard map.name == PolicyCompiler.ruleMap else { return map }
      let keys = Set(map.elements.map(Ruleset.key))
      return Map(
        name: map.name,
        elements: map.elements + was.elements.filter { !keys.contains(Ruleset.key($0)) })
    }
    return Ruleset(
      chains: interim.chains + old.chains.filter { gone.contains($0.name) }, maps: maps,
      epoch: interim.epoch, identity: interim.identity, ruleNames: ruleNames.union(gone),
      helpers: helpers)
  }

  /// Connections with the stamp before this pass. What is judged gets another, by which it passes until
  /// the next transaction, whichever that is, and is judged again then.
  private func interim(over identity: [UInt32]) -> Ruleset {
    let hours = UInt16(truncatingIfNeeded: identity.dropFirst(3).first ?? 0)
    let stamp = identity.first.map { Chains.stamp(PolicyDocument.epoch(of: $0), hours) }
    // Whose hash is 0: the identity of no ruleset.
    let words = identity.first.map { [$0, 0, 0] + identity.dropFirst(3) } ?? []
    return Ruleset(
      chains: chains.map { chain in
        switch chain.name {
        case Chains.ok: Chains.interimOK(stamp)
        case Chains.current: Chains.interimCurrent(stamp)
        default: chain
        }
      },
      maps: maps.map { map in
        map.name == PolicyCompiler.identityMap
          ? Map(name: map.name, elements: PolicyCompiler.identityElements(words)) : map
      },
      epoch: epoch, identity: words, ruleNames: ruleNames, helpers: helpers)
  }
}
