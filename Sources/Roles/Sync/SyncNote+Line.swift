import SessionSync

extension SyncNote {
  /// One line for the log.
  var line: String {
    switch self {
    case .greeted(let hello):
      "sync peer node=\(hello.node) role=\(hello.role) term=\(hello.term)"
        + " version=\(hello.lowest)...\(hello.highest) max=\(hello.maximumFlows)"
    case .bulkStarted(let id, let flows): "sync bulk=\(id) started flows=\(flows)"
    case .bulkAcknowledged(let id): "sync bulk=\(id) installed at the peer"
    case .resumed(let sequence): "sync resumed after=\(sequence)"
    case .bulkInstalled(let id, let flows, let swept):
      "sync bulk=\(id) installed flows=\(flows) swept=\(swept)"
    case .tablesDiffer(let own, let peer):
      "sync tables differ own=\(own) peer=\(peer): a full copy was asked for"
    case .eventsLost: "sync events lost: the table is compared with the kernel"
    case .reconciled(let added, let removed): "sync reconciled added=\(added) removed=\(removed)"
    case .mismatch(let what): "sync nodes differ in \(what)"
    }
  }

  /// Whether an operator should see it: the rest only tells that the work goes on.
  var isNotable: Bool {
    switch self {
    case .tablesDiffer, .eventsLost, .mismatch: true
    case .greeted, .bulkStarted, .bulkAcknowledged, .resumed, .bulkInstalled, .reconciled: false
    }
  }
}

extension CloseReason {
  /// A few words for the log.
  var words: String {
    switch self {
    case .malformed(let error): "malformed frame: \(error)"
    case .version(let lowest, let highest): "the peer speaks only versions \(lowest)...\(highest)"
    case .sameNode(let node): "both nodes are number \(node)"
    case .outOfOrder(let type): "unexpected \(type)"
    case .sequenceGap(let expected, let received): "expected record \(expected), got \(received)"
    case .silence: "nothing heard for three seconds"
    case .messagesWaiting: "the peer takes no messages of the supervisor"
    }
  }
}
