public import Wire

/// A condition that an operator must know of, while it lasts.
public enum Alarm: Hashable, Sendable {
  /// No heartbeat from a peer: no witness, sessions not synchronised.
  case heartbeatLost(NodeID)
  /// The peer is active and alive, but its adverts do not arrive on this port.
  case advertisementsLost(port: String)
  /// The port is absent or has no carrier.
  case linkDown(port: String)
  /// A path check fails.
  case checkFailed(String)
  /// Two nodes are active.
  case splitBrain(NodeID)
  /// The peer runs another configuration.
  case configurationDiffers(NodeID)
  /// The peer enforces another policy.
  case policyDiffers(NodeID)
  /// The peer has our priority: nobody is preferred, ties are broken by address.
  case prioritiesEqual(NodeID)
  /// A router that is neither a peer nor listed advertises our group.
  case foreignRouter(IPAddress)
  /// The role went to and fro; this node leaves it where it is for a while.
  case flapping
}

extension Alarm: CustomStringConvertible {
  /// One clause in words.
  public var description: String {
    switch self {
    case .heartbeatLost(let node): "no heartbeat from node \(node.value)"
    case .advertisementsLost(let port): "adverts of the active peer do not arrive on \(port)"
    case .linkDown(let port): "no link on \(port)"
    case .checkFailed(let name): "check \(name) fails"
    case .splitBrain(let node): "node \(node.value) is active too"
    case .configurationDiffers(let node): "node \(node.value) has another configuration"
    case .policyDiffers(let node): "node \(node.value) has another policy"
    case .prioritiesEqual(let node): "node \(node.value) has the same priority"
    case .foreignRouter(let source): "an unknown router \(source) advertises this group"
    case .flapping: "the role went to and fro; this node does not take it back for now"
    }
  }

  /// What to do about it.
  public var remedy: String {
    switch self {
    case .heartbeatLost: "check the cable between the HA ports and that the peer runs"
    case .advertisementsLost(let port):
      "check that the switch behind \(port) passes VRRP (224.0.0.18, ff02::12) between the nodes"
    case .linkDown(let port): "check the cable and the switch at \(port)"
    case .checkFailed: "check the path to its target, or the target"
    case .splitBrain: "check the LAN between the nodes; they settle when they hear each other"
    case .configurationDiffers: "apply the same document on both nodes"
    case .policyDiffers: "apply the same policy on both nodes"
    case .prioritiesEqual: "give the node that shall be preferred the higher priority"
    case .foreignRouter:
      "give it another group, list it in `allowedSources`, or set a password"
    case .flapping: "find the link or check that comes and goes in `ztb ha status`"
    }
  }
}
