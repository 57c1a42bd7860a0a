import Crypto
import Messages
import VRRP
import Wire

/// Bounds of the role's own work.
enum RoleLimits {
  /// Packets taken from one socket in one wake-up; the rest wakes the loop again.
  static let packetsPerWakeUp = 64
  /// How long after its answers stopped a virtual interface is lowered: longer than a peer needs.
  static let loweringDelay = Interval.milliseconds(50)
  /// How often interfaces are looked up again.
  static let lookUpPeriod = Interval.seconds(1)
  /// How often a status goes to the supervisor, changes apart.
  static let statusPeriod = Interval.seconds(1)
}

/// Why a datagram on the HA link was not believed.
enum HeartbeatRefusal: Error {
  /// It passed a router.
  case timeToLive
  /// Not from a configured peer.
  case source

  /// The word under which any refusal is counted.
  static func name(of error: any Error) -> String {
    switch error {
    case let refusal as HeartbeatRefusal:
      switch refusal {
      case .timeToLive: "ttl"
      case .source: "source"
      }
    case is WireError: "malformed"
    case is CryptoError: "not-authentic"
    default: "socket"
    }
  }
}

extension VRRPConfiguration {
  /// Why a configuration cannot be used, although the document was valid.
  enum Problem: Error {
    /// A boot id has 16 octets.
    case bootID
    /// A group has a port.
    case noPorts
    /// A hash has 32 octets.
    case hash
  }

  /// The group that this configuration describes.
  func group() throws -> SyncGroup.Configuration {
    guard bootID.count == 16 else { throw Problem.bootID }
    guard !ports.isEmpty else { throw Problem.noPorts }
    guard configurationHash.count == 32 else { throw Problem.hash }
    let own = NodeID(node.rawValue)
    let peers = NodeName.allCases.map { NodeID($0.rawValue) }.filter { $0 != own }
    return SyncGroup.Configuration(
      node: own, boot: try BootID(decoding: bootID), peers: peers,
      routers: ports.map { port in
        VirtualRouter.Configuration(
          port: port.port, virtualRouter: port.groupID, priority: priority,
          interval: advertInterval, addresses: port.virtualAddresses,
          nodeAddress: port.nodeAddress?.address)
      },
      trackedPorts: tracked.map(\.port), preempts: preempt, preemptDelay: preemptDelay,
      storedTerm: storedTerm, configurationHash: configurationHash)
  }
}
