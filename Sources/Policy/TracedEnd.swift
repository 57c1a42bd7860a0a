/// How a packet ended that was followed through the rules.
public enum TracedEnd: Hashable, Sendable {
  /// A rule judged it: ``Rule/kernelName``.
  case rule(String, isDropped: Bool)
  /// Allowed before, as a part of its connection.
  case known
  /// No rule was about it.
  case byDefault(isDropped: Bool)
  /// The kill switch closes it.
  case killed
  /// One of its ends is in quarantine.
  case quarantined
  /// It came by a port behind which its source does not live, or from a host that has another address.
  case spoofed
  /// Dropped before any rule was asked: of no connection that is in force.
  case invalid
  /// Its connection was let in by a port forward that is no more.
  case forwardGone
  /// It was not forwarded, though no rule dropped it.
  case notForwarded
  /// For this node itself.
  case own(isDropped: Bool)
  /// No policy was in force that could have judged it.
  case unjudged
  /// Dropped by another program's rules: table and chain.
  case foreign(table: String, chain: String)
  /// It passed; what was told of it does not say why.
  case passed

  /// The end of a packet that has passed these chains, all of them in the order in which they told of
  /// it; of the chain that dropped it table and name, or nil.
  public init(
    chains: [(table: String, chain: String)], droppedBy end: (table: String, chain: String)?
  ) {
    let own = chains.filter { $0.table == PolicyCompiler.tableName }.map(\.chain)
    if let end, end.table != PolicyCompiler.tableName {
      self =
        end.table == PolicyCompiler.guardTableName
        ? .unjudged : .foreign(table: end.table, chain: end.chain)
      return
    }
    let isDropped = end != nil
    let words: [(String, TracedEnd)] = [
      (Chains.killed, .killed), ("deny_default", .byDefault(isDropped: isDropped)),
      ("input", .own(isDropped: isDropped)),
    ]
    if let rule = own.last(where: { $0.hasPrefix(Rule.kernelPrefix) }) {
      self = .rule(rule, isDropped: isDropped)
    } else if end?.chain == Chains.quarantined {
      self = .quarantined
    } else if end?.chain == "pre_raw" || end?.chain == Chains.bindings {
      self = .spoofed
    } else if let word = words.first(where: { own.contains($0.0) }) {
      self = word.1
    } else if isDropped {
      self = end?.chain == Chains.forwardedName ? .forwardGone : .invalid
    } else if own.contains(Chains.current) {
      self = .known
    } else {
      self = own.contains("forward") ? .passed : .notForwarded
    }
  }
}
