import Configuration
import Messages
import Netlink
import Policy
import Wire

/// What helpers announced belongs to the connection that announced it.
extension PolicyEnforcer {
  /// How often is looked whether a packet took a stamp away again.
  private static let looksAtAnnounced = 3

  /// Gives what was announced the stamp of what is allowed now, and its master with it, where the
  /// connection that announced it may be opened now; all else stays as it is, and is judged by itself.
  ///
  /// The kernel takes the stamp over when such a connection begins, and nothing tells it of later ones:
  /// most are opened by the far end, which no rule is about. What fails is tried again by the next look.
  func stampAnnounced() {
    guard let wanted, mustStampAnnounced else { return }
    let complaint = "connections that helpers announced: "
    do {
      var judge = AnnouncedJudge(wanted, at: wallClock())
      // A packet that is in the midst of being judged by itself ends without a stamp.
      for _ in 0..<Self.looksAtAnnounced where !wanted.context.helpers.isEmpty {
        let allowed = judge.allowed(among: try KernelConnections.announced())
        if allowed.isEmpty { break }
        try KernelConnections.mark(allowed, wanted.ruleset.stamp)
        awaitPackets()
      }
      mustStampAnnounced = false
      if status.error.hasPrefix(complaint) { status.error = "" }
    } catch {
      guard status.error.isEmpty || status.error.hasPrefix(complaint) else { return }
      status.error = "\(complaint)\(error)"
    }
  }
}

/// Asks a document about connections that exist.
private struct AnnouncedJudge {
  /// Masters of masters that are followed: a call that a provider opens is announced itself.
  private static let depth = 4

  private let document: ConfigurationDocument
  private let context: PolicyContext
  private let stamp: UInt32
  private let time: Int64
  /// By the connection that began it all.
  private var explanations: [FlowTuple: PolicyExplanation] = [:]

  init(_ wanted: PolicyEnforcer.Wanted, at time: Int64) {
    document = wanted.document.with(wanted.hosts)
    context = wanted.context
    stamp = wanted.ruleset.stamp
    self.time = time
  }

  /// Those that are to be stamped and are not, with their masters.
  mutating func allowed(among flows: [Flow]) -> Set<FlowTuple> {
    let masters = Dictionary(flows.map { ($0.tuple, $0.master) }, uniquingKeysWith: { $1 })
    var found: Set<FlowTuple> = []
    for flow in flows where flow.mark != stamp {
      guard let master = flow.master else { continue }
      var root = master
      for _ in 0..<Self.depth { root = masters[root].flatMap { $0 } ?? root }
      if allows(flow, of: root) { found.formUnion([flow.tuple, master]) }
    }
    return found
  }

  /// Whether a connection is one that a helper of the document may have announced between the two ends
  /// of `root`, which may be opened now.
  private mutating func allows(_ flow: Flow, of root: FlowTuple) -> Bool {
    let opened = explanations[root] ?? explain(root, to: root.destination, root.destinationPort)
    explanations[root] = opened
    let port = opened.forward?.target(of: root.destinationPort) ?? root.destinationPort
    guard opened.outcome.isForwarded,
      context.helpers.contains(where: { $0.reads(root.transport.rawValue, port: port) })
    else { return false }
    let announced = explain(
      flow.tuple, to: flow.destinationNAT?.address ?? flow.tuple.destination,
      flow.destinationNAT?.port ?? flow.tuple.destinationPort)
    // Not between hosts to one of which a port forward has led meanwhile.
    guard
      Set([announced.from.address, announced.to.address])
        == Set([opened.from.address, opened.to.address])
    else { return false }
    return switch announced.outcome {
    case .quarantined, .closed: false
    default: true
    }
  }

  private func explain(
    _ tuple: FlowTuple, to destination: FlowAddress, _ port: UInt16
  ) -> PolicyExplanation {
    document.explain(
      from: tuple.source.address(tuple.family), to: destination.address(tuple.family),
      protocolNumber: tuple.transport.rawValue, port: port, at: time, in: context)
  }
}
