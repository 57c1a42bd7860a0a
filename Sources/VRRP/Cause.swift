public import Wire

/// Why a node changed its role, for events, status and log.
public enum Cause: Hashable, Sendable {
  /// The role began.
  case started
  /// A peer was heard during the start-up hold.
  case peerHeard
  /// Nothing was heard during the whole start-up hold.
  case nobodyHeard
  /// Adverts and heartbeat are silent.
  case peerDead(silence: Interval)
  /// Active_Down_Timer ran out on every port (RFC 9568 6.4.2).
  case activeDown
  /// The peer says that it leaves.
  case peerLeaving
  /// The peer says that it cannot forward.
  case peerFaulted
  /// The peer's links and checks that are down weigh more than ours.
  case peerLessHealthy
  /// Both nodes waited and this one comes first.
  case vacancy
  /// After a lost link without a heartbeat nobody else advertised.
  case noOther
  /// An advert outranks us and no heartbeat contradicts it (RFC 9568 6.4.3).
  case outranked(priority: UInt8, source: IPAddress)
  /// Two actives met; the peer's term, priority or address is higher.
  case splitBrain(term: UInt64)
  /// This node lost a tracked link.
  case linkLost(port: String)
  /// A path check of this node failed.
  case checkFailed(String)
  /// This node cannot forward.
  case faulted(String)
  /// The loop slept longer than the peer waits.
  case lateWakeUp(Interval)
  /// Asked for by an operator.
  case switchover
  /// The preferred node is ready.
  case preempted
  /// This node owns a virtual address (priority 255, RFC 9568 6.4.1).
  case owner
  /// A drill gives the role away.
  case drill
  /// A drill gives the role back.
  case drillReturned
  /// The supervisor stops the role.
  case stopped
}

extension Cause: CustomStringConvertible {
  /// One clause in words.
  public var description: String {
    switch self {
    case .started: "started"
    case .peerHeard: "peer heard"
    case .nobodyHeard: "nobody heard during start"
    case .peerDead(let silence): "peer dead: no advert and no heartbeat for \(silence)"
    case .activeDown: "no advert on any port for the active-down interval"
    case .peerLeaving: "peer leaves"
    case .peerFaulted: "peer is faulted"
    case .peerLessHealthy: "peer is less healthy"
    case .vacancy: "nobody active, this node comes first"
    case .noOther: "nobody else advertised after a lost link"
    case .outranked(let priority, let source):
      "advert of \(source) with priority \(priority) outranks this node"
    case .splitBrain(let term): "two actives: the peer's term \(term) wins"
    case .linkLost(let port): "link lost on \(port)"
    case .checkFailed(let name): "check \(name) failed"
    case .faulted(let reason): "faulted: \(reason)"
    case .lateWakeUp(let gap): "woke up after \(gap), the peer may be active"
    case .switchover: "switchover by command"
    case .preempted: "preempted by the preferred node"
    case .owner: "owner of the virtual address"
    case .drill: "drill"
    case .drillReturned: "drill: the role returns"
    case .stopped: "stopped"
    }
  }
}
