/// Hosts come and go while a policy stays: which may use which address, where
/// ``PolicyContext/Interface/bindsHosts``, is no part of a ``Ruleset``; in which group they are, is.
extension PolicyCompiler {
  /// Hosts with their addresses.
  static let boundSet = "bound"

  /// Makes the bindings these and no others. To be run in one transaction behind a ruleset.
  public static func bindings(_ bindings: Set<HostBinding>) -> String {
    lines(["flush set \(table) \(boundSet)"] + batches(boundSet, elements(bindings)))
  }

  /// Adds bindings, or removes those that are there; empty for none.
  public static func bindings(
    adding new: Set<HostBinding> = [], removing old: Set<HostBinding> = []
  ) -> String {
    lines(batches(boundSet, elements(old), verb: "delete") + batches(boundSet, elements(new)))
  }

  private static func elements(_ bindings: Set<HostBinding>) -> [String] {
    bindings.map { "\($0.mac) . \($0.address)" }.sorted()
  }

  /// The ruleset with the addresses of groups as `policy` has them: the policy that it was made of, with
  /// other hosts.
  public static func placing(_ policy: PolicyDocument, in ruleset: Ruleset) -> Ruleset {
    let groups = groupElements(policy, PolicyClasses(policy).numbers)
    return Ruleset(
      chains: ruleset.chains,
      maps: ruleset.maps.map { map in
        groups[map.name].map { Ruleset.Map(name: map.name, elements: $0) } ?? map
      },
      epoch: ruleset.epoch, identity: ruleset.identity, ruleNames: ruleset.ruleNames,
      helpers: ruleset.helpers)
  }

  /// Lists which hosts are in groups.
  public static let hostListing = "list map \(table) hosts"

  /// The `ct mark` of a connection that has to be judged again although the version stays, as one of its
  /// ends has come into another group. It is no stamp, but of the epoch, for which ``grace(_:)`` is granted.
  public static func movedMark(_ epoch: UInt8) -> UInt32 {
    Chains.stamp(epoch, 0) | Chains.movedBit
  }

  /// The epoch in a `ct mark`.
  public static func epoch(ofMark mark: UInt32) -> UInt8 { UInt8(mark >> 24) }

  private static func lines(_ commands: [String]) -> String {
    commands.map { $0 + "\n" }.joined()
  }
}
