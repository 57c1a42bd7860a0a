/// What a path check found.
public struct CheckState: Hashable, Sendable {
  /// Its name.
  public var name: String
  /// Whether the target answers.
  public var isUp: Bool
  /// What its failure adds to the node's demotion.
  public var weight: UInt8

  /// Joins the parts.
  public init(name: String, isUp: Bool, weight: UInt8) {
    self.name = name
    self.isUp = isUp
    self.weight = weight
  }
}
