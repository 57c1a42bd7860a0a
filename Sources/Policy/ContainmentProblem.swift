import Wire

/// Names that statements may give.
struct KnownNames {
  private let ends: Set<String>
  private let services: Set<String>

  init(_ policy: PolicyDocument) {
    ends = Set(
      policy.zones.map(\.name) + policy.groups.map(\.name) + policy.complements.map(\.name)
        + [PolicyDocument.any])
    services = Set(policy.services.map(\.name) + [PolicyDocument.any])
  }

  /// What is wrong with the names of a rule or block at `path`.
  func problems(
    _ path: String, from: [String], to: [String], service: String
  ) -> [PolicyProblem] {
    var found: [PolicyProblem] = []
    for (side, names) in [("from", from), ("to", to)] {
      for (place, name) in names.enumerated() where !ends.contains(name) {
        let message = KnownNames.unknown(name, "zone or group")
        found.append(.init(path: "\(path).\(side)[\(place)]", message: message))
      }
    }
    return found + problems("\(path).service", service: service)
  }

  /// What is wrong with the name of a service at `path`.
  func problems(_ path: String, service: String) -> [PolicyProblem] {
    if services.contains(service) { return [] }
    return [PolicyProblem(path: path, message: KnownNames.unknown(service, "service"))]
  }

  /// A sentence about a name that nothing has.
  static func unknown(_ name: String, _ kind: String) -> String {
    "no \(kind) is called '\(name)'; add it or correct the name"
  }
}

extension PolicyDocument {
  func quarantineProblems() -> [PolicyProblem] {
    let names = KnownNames(self)
    var found: [PolicyProblem] = []
    var first: [IPAddress: Int] = [:]
    for (index, member) in quarantine.members.enumerated() {
      let path = "quarantine.members[\(index)].address"
      if let other = first.updateValue(index, forKey: member.address) {
        let message = "\(member.address) is members[\(other)] already; keep one"
        found.append(.init(path: path, message: message))
      }
    }
    for (index, service) in quarantine.allow.enumerated() {
      let path = "quarantine.allow[\(index)]"
      if service == PolicyDocument.any {
        let message = "'any' would leave nothing closed; name services"
        found.append(.init(path: path, message: message))
      }
      found += names.problems(path, service: service)
    }
    let count = quarantineExceptions.count
    if count > Limits.quarantineEntries {
      let message =
        "name \(count) ports and protocols, more than the \(Limits.quarantineEntries) supported; "
        + "name fewer services"
      found.append(.init(path: "quarantine.allow", message: message))
    }
    return found
  }

  /// What the quarantine leaves to the rest of the policy.
  var quarantineExceptions: Coverage {
    Coverage(services.filter { quarantine.allow.contains($0.name) }.flatMap(\.entries))
  }

  func killSwitchProblems() -> [PolicyProblem] {
    let names = KnownNames(self)
    let levels = [("yellow", killSwitch.yellow), ("orange", killSwitch.orange)]
    var found = levels.flatMap { level, blocks in
      blocks.enumerated().flatMap { index, block in
        names.problems(
          "killSwitch.levels.\(level)[\(index)]", from: block.from, to: block.to,
          service: block.service)
      }
    }
    if [.yellow, .orange].contains(killSwitch.level), killSwitch.blocks.isEmpty {
      let level = killSwitch.level.rawValue
      let message = "\(level) closes nothing; say what in killSwitch.levels, or use red"
      found.append(.init(path: "killSwitch.level", message: message))
    }
    return found
  }
}
