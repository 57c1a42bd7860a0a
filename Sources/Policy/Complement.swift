/// A name for everything in a zone but some of its groups.
///
/// It is no class of its own: it stands for those that are left, of both families.
public struct Complement: Hashable, Sendable {
  /// Its name; no zone or group has it.
  public var name: String
  /// The zone that it is in.
  public var zone: String
  /// The groups of the zone that are not in it.
  public var not: [String]

  /// Joins the parts.
  public init(name: String, zone: String, not: [String]) {
    self.name = name
    self.zone = zone
    self.not = not
  }
}

extension PolicyDocument {
  func complementProblems() -> [PolicyProblem] {
    let zoneNames = Set(zones.map(\.name))
    let homes = Dictionary(
      groups.map { ($0.name, $0.zone) }, uniquingKeysWith: { first, _ in first })
    var found: [PolicyProblem] = []
    if complements.count > Limits.complements {
      let message =
        "\(complements.count) with 'not' are more than the \(Limits.complements) supported"
      found.append(.init(path: "groups", message: message))
    }
    for complement in complements {
      let path = "groups.\(complement.name)"
      if !zoneNames.contains(complement.zone) {
        let message = KnownNames.unknown(complement.zone, "zone")
        found.append(.init(path: "\(path).zone", message: message))
        continue
      }
      for (index, name) in complement.not.enumerated() where homes[name] != complement.zone {
        let message =
          "no group of addresses in zone '\(complement.zone)' is called '\(name)'; name one"
        found.append(.init(path: "\(path).not[\(index)]", message: message))
      }
    }
    return found
  }
}
