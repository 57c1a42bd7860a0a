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

  /// The reason in words.
  public var reason: String {
    switch self {
    case .notActive: "this node is not active"
    case .inProgress: "a switchover is already running"
    case .noPeer: "no heartbeat from the peer"
    case .peerNotStandby: "the peer is not in standby"
    case .peerLessHealthy: "the peer has fewer links up or is faulted"
    case .notSynchronised: "the peer does not have every session yet"
    case .policyDiffers: "the peer enforces another policy"
    case .barrierFailed(let text): "the peer did not confirm the last sessions: \(text)"
    case .notTaken: "the peer did not take over; this node is a candidate again"
    }
  }

  /// What to do about it.
  public var remedy: String {
    switch self {
    case .notActive: "run the command on the active node"
    case .inProgress: "wait for it to end"
    case .noPeer, .notTaken: "check the HA link and the peer with `ztb ha status`"
    case .peerNotStandby: "wait until `ztb ha status` shows the peer in standby"
    case .peerLessHealthy: "repair the peer's links or faults first"
    case .notSynchronised, .barrierFailed: "wait until `ztb sync status` shows ready"
    case .policyDiffers: "apply the same policy on both nodes"
    }
  }
}
