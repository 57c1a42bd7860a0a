/// One thing that a policy says about pairs of endpoints, with where it leads.
struct PolicyStatement {
  let decision: PolicyMatrix.Decision
  let from: [String]
  let to: [String]
  /// The name of a service, or ``PolicyDocument/any``.
  let service: String
}

extension PolicyDocument {
  /// Everything that has a place in the matrix, the stronger first: guard, kill switch, deny,
  /// allow; within a tier by identifier.
  ///
  /// At ``KillSwitch/Level/red`` only guard rules are left: what is about everything needs no
  /// elements, as it is the end of the chain.
  var statements: [PolicyStatement] {
    let blocks = killSwitch.blocks.map { block in
      let decision = PolicyMatrix.Decision(tier: nil, ruleID: nil, chain: Chains.killed)
      return PolicyStatement(
        decision: decision, from: block.from, to: block.to, service: block.service)
    }
    let rest =
      killSwitch.level == .red ? [] : blocks + statements(of: .deny) + statements(of: .allow)
    return statements(of: .guard) + rest
  }

  private func statements(of tier: Tier) -> [PolicyStatement] {
    rules.filter { $0.tier == tier }.sorted { $0.id < $1.id }.map { rule in
      let decision = PolicyMatrix.Decision(tier: tier, ruleID: rule.id, chain: rule.kernelName)
      return PolicyStatement(
        decision: decision, from: rule.from, to: rule.to, service: rule.service)
    }
  }
}

/// The class numbers behind the names of zones and groups. Made once, so that a long list of rules
/// costs what it expands to and no more.
struct PolicyClasses {
  /// Class number of each zone and group, by name.
  let numbers: [String: UInt32]
  private let members: [String: [UInt32]]
  private let all: [UInt32]

  init(_ policy: PolicyDocument) {
    var numbers: [String: UInt32] = [:]
    for (index, name) in policy.zones.map(\.name).sorted().enumerated() {
      numbers[name] = PolicyMatrix.firstZoneClass + UInt32(index)
    }
    for group in policy.groups { numbers[group.name] = UInt32(group.id) }
    var members = numbers.mapValues { [$0] }
    for group in policy.groups { members[group.zone]?.append(UInt32(group.id)) }
    for complement in policy.complements {
      let not = Set(complement.not.compactMap { numbers[$0] })
      members[complement.name] = members[complement.zone]?.filter { !not.contains($0) }
    }
    self.numbers = numbers
    self.members = members
    all = Array(numbers.values)
  }

  /// The classes behind names, each once: a zone stands for itself and its groups.
  func behind(_ names: [String]) -> [UInt32] {
    if names.contains(PolicyDocument.any) { return all }
    if let only = names.first, names.count == 1 { return members[only] ?? [] }
    return Array(Set(names.flatMap { members[$0] ?? [] }))
  }
}
