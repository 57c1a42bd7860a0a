/// Why an authentic heartbeat was not believed.
public enum HeartbeatDrop: Error, Hashable, Sendable {
  /// The sender is not a configured peer.
  case unknownNode(UInt8)
  /// Our own heartbeat came back.
  case reflected
  /// The counter is not above the highest heard: a replay or a duplicate.
  case replayed(counter: UInt64)
  /// A boot that has not yet proved that it hears us now.
  case notEchoed
  /// A term from ``Limits/termEnd`` up, which nobody reaches by activations.
  case term(UInt64)

  /// The word under which the drop is counted.
  public var name: String {
    switch self {
    case .unknownNode: "unknown-node"
    case .reflected: "reflected"
    case .replayed: "replayed"
    case .notEchoed: "not-echoed"
    case .term: "term"
    }
  }
}

/// Which heartbeats of one peer count.
///
/// The tag proves that a packet was written by the peer once; this proves that it was written
/// now. Within a boot the counter must grow. A new boot counts only after it has echoed our boot
/// id together with a counter that we sent after we first heard of that boot, which no recorded
/// packet can do.
public struct HeartbeatSession: Sendable {
  private struct Candidate: Sendable {
    var boot: BootID
    var counter: UInt64
    /// Our counter when the boot was first heard: the challenge.
    var challenge: UInt64
  }

  /// The peer.
  public let peer: NodeID
  /// Our own boot.
  public let ownBoot: BootID
  /// The boot that counts, once one has proved itself.
  public private(set) var boot: BootID?
  /// Highest counter heard in ``boot``.
  public private(set) var counter: UInt64 = 0
  private var candidates: [Candidate] = []

  /// Starts without having heard anything.
  public init(peer: NodeID, ownBoot: BootID) {
    self.peer = peer
    self.ownBoot = ownBoot
  }

  /// Judges one authentic heartbeat.
  ///
  /// - Parameter ownCounter: the counter of the heartbeat that we sent last.
  /// - Returns: whether it began a new boot of the peer.
  public mutating func accept(
    _ header: HeartbeatHeader, _ heartbeat: Heartbeat, from node: NodeID, ownCounter: UInt64
  ) throws(HeartbeatDrop) -> Bool {
    guard header.boot != ownBoot else { throw .reflected }
    guard node == peer else { throw .unknownNode(node.value) }
    let term = max(heartbeat.term, heartbeat.highestTerm)
    guard term < Limits.termEnd else { throw .term(term) }
    if header.boot == boot {
      guard header.counter > counter else { throw .replayed(counter: header.counter) }
      counter = header.counter
      return false
    }
    let candidate = try remember(header, ownCounter: ownCounter)
    let echoed = heartbeat.echoes.first { $0.boot == ownBoot }
    guard let echoed, echoed.counter > candidate.challenge, echoed.counter <= ownCounter else {
      throw .notEchoed
    }
    candidates.removeAll()
    boot = header.boot
    counter = header.counter
    return true
  }

  /// What to put into our heartbeats about this peer: the boot that counts and those that wait.
  public var echoes: [Heartbeat.Echo] {
    var echoes = candidates.map {
      Heartbeat.Echo(node: peer, boot: $0.boot, counter: $0.counter)
    }
    if let boot { echoes.append(Heartbeat.Echo(node: peer, boot: boot, counter: counter)) }
    return echoes
  }

  private mutating func remember(
    _ header: HeartbeatHeader, ownCounter: UInt64
  ) throws(HeartbeatDrop) -> Candidate {
    if let index = candidates.firstIndex(where: { $0.boot == header.boot }) {
      guard header.counter > candidates[index].counter else {
        throw .replayed(counter: header.counter)
      }
      candidates[index].counter = header.counter
      return candidates[index]
    }
    if candidates.count == Limits.candidates { candidates.removeFirst() }
    let candidate = Candidate(
      boot: header.boot, counter: header.counter, challenge: ownCounter)
    candidates.append(candidate)
    return candidate
  }
}
