import Messages
import SessionSync
import Wire

extension SessionSync.SyncStatus {
  /// Why it is not ready; empty when it is.
  func reason(connected: Bool) -> String {
    if isReady { return "" }
    if !connected { return "the peer is not connected" }
    if !isConnected { return "the peer has not greeted" }
    switch bulk {
    case .none: return "no full copy yet"
    case .running: return "the full copy is running"
    case .complete: return notInstalled > 0 ? "\(notInstalled) sessions not installed" : "comparing"
    }
  }

  /// The picture for the supervisor.
  func message(connected: Bool, at now: Instant) -> Messages.SyncStatus {
    Messages.SyncStatus(
      ready: isReady && connected, reason: reason(connected: connected),
      connected: connected && isConnected, encrypted: connected, sending: role == .active,
      term: term, sessions: UInt64(isConnected ? synchronised : sessions),
      peerSessions: comparison?.peerFlows ?? 0, digest: comparison?.ownDigest ?? digest,
      peerDigest: comparison?.peerDigest ?? 0, comparedAgo: comparison.map { now - $0.at },
      digestsAgree: comparison?.agrees ?? false,
      lag: .microseconds(Int(lagMilliseconds * 1_000)), queued: UInt64(waiting),
      bulk: bulkMessage, refused: UInt64(notInstalled), kinds: kinds,
      counters: counters.named)
  }

  private var kinds: [SyncKind] {
    Inventory.Kind.allCases.map { kind in
      SyncKind(
        name: kind.name, here: UInt64(inventory[kind]),
        peer: peerInventory.map { UInt64($0[kind]) }, note: note(kind))
    }
  }

  private func note(_ kind: Inventory.Kind) -> String {
    switch kind {
    case .helped:
      inventory.helpers.sorted { "\($0.key)" < "\($1.key)" }.map { "\($0.key) \($0.value)" }
        .joined(separator: ", ")
    case .labelled: "kept where a rule uses ct label"
    default: ""
    }
  }

  private var bulkMessage: SyncBulk {
    switch bulk {
    case .none: .none
    case .running: isConnected ? .running : .aborted
    case .complete: .complete
    }
  }
}

extension Inventory.Kind {
  /// The name that `ztb sync status` shows.
  fileprivate var name: String {
    switch self {
    case .tcp4, .tcp6, .udp4, .udp6, .icmp4, .icmp6, .sctp, .gre: "\(self)"
    case .generic: "other"
    case .translated: "nat"
    case .marked: "marks"
    case .labelled: "labels"
    case .helped: "helpers"
    case .related: "related"
    case .adjusted: "sequence"
    case .zoned: "zones"
    case .expectations, .neighbours: "\(self)"
    }
  }
}

extension SyncCounters {
  /// Every counter with the name that `ztb sync status` shows.
  var named: [NamedCount] {
    let list: [(String, Int)] = [
      ("events", events), ("events_filtered", filtered), ("events_expectation", expectations),
      ("events_lost", eventsLost), ("coalesced", coalesced),
      ("reconciliations", reconciliations), ("table_full", tableFull), ("sent_records", sent),
      ("sent_octets", sentOctets), ("received_records", received), ("created", created),
      ("updated", updated), ("deleted", deleted), ("swept", swept),
      ("reinstalled", reinstalled), ("install_failed", failed),
      ("refused_active", refusedActive), ("refused_term", refusedTerm),
      ("refused_invalid", refusedInvalid), ("unknown_parts", unknownParts), ("bulks", bulks),
      ("resumed", resumed), ("mismatches", mismatches), ("promotions", promotions),
      ("made_strict", madeStrict), ("neighbours_omitted", neighboursOmitted),
    ]
    return list.map { NamedCount(name: $0.0, count: UInt64($0.1)) }
  }
}
