/// Why a switchover does not happen; what, why and remedy in one line each.
public enum Refusal: Error, Hashable, Sendable {
  /// The command reached a node that is not active.
  case notActive
  /// Another switchover runs.
  case inProgress
  /// No heartbeat from any peer.
  case noPeer
  /// The peer is not in standby.
  case peerNotStandby
  /// The peer could do less than this node.
  case peerLessHealthy
  /// The peer's session table is not complete.
  case notSynchronised
  /// The peer enforces another policy, which would cut sessions.
  case policyDiffers
  /// The peer did not acknowledge the last session in time.
  case barrierFailed(String)
  /// The peer did not take the role that was offered; this node goes on.
  case notTaken
  /// The peer's version would not give the role back.
  case peerTooOld
  /// The peer is healthier and would keep the role.
  case wouldNotReturn
  /// During a drill: no heartbeat from the peer any more.
  case heartbeatLost
  /// During a drill: the peer lost the role.
  case peerNotActive
  /// During a drill: the sessions were not in step in time.
  case stillNotSynchronised
  /// During a drill: the sessions were in step and are not any more.
  case synchronisationLost
  /// During a drill: the peer was asked and did not give the role back.
  case notReturned
  /// During a drill: something else moved the role, or stops this node.
  case drillInterrupted(Cause)

  /// The reason in words.
  public var reason: String {
    switch self {
    case .notActive: "this node is not active"
    case .inProgress: "a switchover is already running"
    case .noPeer: "no heartbeat from the peer"
    case .peerNotStandby: "the peer is not in standby"
    case .peerLessHealthy: "the peer is faulted, or more of its links and checks are down"
    case .notSynchronised: "the peer does not have every session yet"
    case .policyDiffers: "the peer enforces another policy"
    case .barrierFailed(let text): "the peer did not confirm the last sessions: \(text)"
    case .notTaken: "the peer did not take over; this node is a candidate again"
    case .peerTooOld: "the peer's version does not give the role back"
    case .wouldNotReturn: "the peer is healthier than this node and would keep the role"
    case .heartbeatLost: "the heartbeat was lost during the drill; the role stays where it is"
    case .peerNotActive: "the peer lost the role during the drill"
    case .stillNotSynchronised:
      "the sessions were not in step in time; the role stays at the peer"
    case .synchronisationLost:
      "the sessions fell out of step during the drill; the role stays at the peer"
    case .notReturned: "the peer did not give the role back"
    case .drillInterrupted(let cause): "the drill was interrupted: \(cause)"
    }
  }

  /// What to do about it.
  public var remedy: String {
    switch self {
    case .notActive: "run the command on the active node"
    case .inProgress: "wait for it to end"
    case .noPeer, .notTaken: "check the HA link and the peer with `ztb ha status`"
    case .peerNotStandby: "wait until `ztb ha status` shows the peer in standby"
    case .peerLessHealthy: "repair the peer's links, checks or faults first"
    case .notSynchronised, .barrierFailed: "wait until `ztb sync status` shows ready"
    case .policyDiffers: "apply the same policy on both nodes"
    case .peerTooOld: "update the peer, or use `ztb ha switchover` twice"
    case .wouldNotReturn: "repair this node's links and checks first"
    case .heartbeatLost: "check the HA link, then `ztb ha switchover` on the active node"
    case .stillNotSynchronised, .synchronisationLost:
      "wait until `ztb sync status` shows ready, then `ztb ha switchover` on the active node"
    case .peerNotActive: "see the events of the peer for the cause"
    case .notReturned: "use `ztb ha switchover` on the active node"
    case .drillInterrupted: "see `ztb ha status`; begin again when it is settled"
    }
  }
}
