/// How much a node can do.
public struct Health: Hashable, Sendable {
  /// Whether something forbids it to forward.
  public var isFaulted: Bool
  /// What is down, weighed; see ``Demotion``.
  public var demotion: UInt16

  /// Joins the two.
  public init(isFaulted: Bool, demotion: UInt16) {
    self.isFaulted = isFaulted
    self.demotion = demotion
  }

  /// Whether this node can do strictly more than the other.
  public func isBetter(than other: Health) -> Bool {
    isFaulted != other.isFaulted ? other.isFaulted : demotion < other.demotion
  }
}
