public import Wire

/// Which host may use which address, where ``PolicyContext/Interface/bindsHosts``. Hosts come and go while
/// a policy stays, so that this is no part of a ``Ruleset``.
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
    bindings.sorted().map { "\($0.mac) . \($0.address)" }
  }

  private static func lines(_ commands: [String]) -> String {
    commands.map { $0 + "\n" }.joined()
  }
}
