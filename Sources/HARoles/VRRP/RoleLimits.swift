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

extension Pace {
  /// Longest time between two beats, in which adverts leave that a farewell has to follow.
  var farewellLead: Interval { beat + lateWakeUp }
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
    /// VRRP has versions 2 and 3.
    case version
    /// A router owns something.
    case noAddress
  }

  /// The group that this configuration describes.
  func group() throws -> SyncGroup.Configuration {
    guard bootID.count == 16 else { throw Problem.bootID }
    guard !ports.isEmpty else { throw Problem.noPorts }
    guard configurationHash.count == 32 else { throw Problem.hash }
    let own = NodeID(node.rawValue)
    let peers = NodeName.allCases.map { NodeID($0.rawValue) }.filter { $0 != own }
    guard let version = Advertisement.Version(rawValue: version) else { throw Problem.version }
    guard ports.allSatisfy({ !$0.virtualAddresses.isEmpty }) else { throw Problem.noAddress }
    return SyncGroup.Configuration(
      node: own, boot: try BootID(decoding: bootID), peers: peers,
      routers: ports.map { router($0, version) }, trackedPorts: tracked.map(\.port),
      linkWeights: Dictionary(tracked.map { ($0.port, $0.weight) }) { max($0, $1) },
      trustedRouters: allowedSources, preempts: preempt, preemptDelay: preemptDelay,
      storedTerm: storedTerm, configurationHash: configurationHash)
  }

  /// Trailers belong to version 3; version 2 has a field of its own for the password.
  var trailerMode: TrailerGate.Mode {
    guard version == 3, !password.isEmpty else { return .off }
    return authEnforced ? .enforced : .permissive
  }

  private func router(
    _ port: VirtualRouterPort, _ version: Advertisement.Version
  ) -> VirtualRouter.Configuration {
    let form: Advertisement.ChecksumForm? =
      switch checksum {
      case .auto: nil
      case .rfc9568: .messageOnly
      case .rfc5798: .withPseudoHeader
      }
    return VirtualRouter.Configuration(
      port: port.port, virtualRouter: port.groupID, version: version, priority: priority,
      interval: advertInterval, addresses: port.virtualAddresses,
      nodeAddress: port.family == .ipv4 ? port.nodeAddress?.address : nil,
      network: port.family == .ipv4 ? port.nodeAddress?.network : nil,
      unicastPeers: port.unicastPeers,
      // The whole list: without those of another family it might be empty, which lets everybody in.
      allowedSources: allowedSources, checksumForm: form,
      authentication: version == .two && !password.isEmpty ? .simpleText(password) : .none)
  }
}
