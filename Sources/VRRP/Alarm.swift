/// A condition that an operator must know of, while it lasts.
public enum Alarm: Hashable, Sendable {
  /// No heartbeat from a peer: no witness, sessions not synchronised.
  case heartbeatLost(NodeID)
  /// The peer is active and alive, but its adverts do not arrive on this port.
  case advertisementsLost(port: String)
  /// The port is absent or has no carrier.
  case linkDown(port: String)
  /// Two nodes are active.
  case splitBrain(NodeID)
  /// The peer runs another configuration.
  case configurationDiffers(NodeID)
  /// The peer enforces another policy.
  case policyDiffers(NodeID)
}

extension Alarm: CustomStringConvertible {
  /// One clause in words.
  public var description: String {
    switch self {
    case .heartbeatLost(let node): "no heartbeat from node \(node.value)"
    case .advertisementsLost(let port): "adverts of the active peer do not arrive on \(port)"
    case .linkDown(let port): "no link on \(port)"
    case .splitBrain(let node): "node \(node.value) is active too"
    case .configurationDiffers(let node): "node \(node.value) has another configuration"
    case .policyDiffers(let node): "node \(node.value) has another policy"
    }
  }
}
