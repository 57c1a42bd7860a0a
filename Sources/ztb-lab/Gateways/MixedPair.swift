import Wire

/// A pair of which one router is the product and the other somebody else's. They have VRRP in
/// common and nothing else: the product hears no heartbeat and must go by the RFC alone.
struct MixedPair: Sendable {
  /// Somebody else's VRRP.
  enum Foreign: String, Sendable, CaseIterable {
    case keepalived, frr

    /// Whether all of its ports change role together.
    var movesAsGroup: Bool { self == .keepalived }
  }

  /// Path of `ztbd`.
  let program: String
  /// Where the product runs. Node A has the higher priority.
  let ours: Node
  let foreign: Foreign
  let dialect: Dialect

  /// What kind runs on the other node.
  var foreignKind: GatewayKind {
    switch foreign {
    case .keepalived:
      .keepalived(
        KeepalivedVariant(
          name: "keepalived", advertIntervalMs: dialect.intervalMs, synchronisation: .none,
          dialect: dialect))
    case .frr: .frr(dialect)
    }
  }

  /// How long the product waits before it takes the role back: until the lab has seen enough of the
  /// time in between.
  var preemptDelay: Interval { max(dialect.interval * 12, .seconds(4)) }

  /// The product's document for its node.
  var document: ZtbDocument {
    var document = ZtbDocument(node: ours, advertIntervalMs: dialect.intervalMs)
    document.dialect = dialect
    document.preemptDelayMs = Int(preemptDelay.milliseconds)
    return document
  }
}
