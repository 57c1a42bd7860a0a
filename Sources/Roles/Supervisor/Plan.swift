import Configuration
import Crypto
import Glibc
import Linux
import Messages
import Wire

/// What one configuration document means for every part of the gateway.
struct Plan {
  /// The document as it was given, checked whole.
  let given: ConfigurationDocument
  /// The same with the address that DHCP gave; what the node works by.
  let document: ConfigurationDocument
  /// Why the document cannot be followed with what DHCP gave, or did not give yet.
  let leaseFaults: [String]
  /// The roles that the deployment needs, in the order of the service table.
  let roles: [RoleSpecification]
  /// Hash of what both nodes share.
  let sharedHash: [UInt8]
  /// Hash of the policy part.
  let policyHash: [UInt8]

  /// Works the document out; `lease` is what DHCP gave the WAN, nil: nothing yet.
  init(_ given: ConfigurationDocument, lease: WANLease? = nil) {
    self.given = given
    (document, leaseFaults) = Plan.follow(given, lease)
    roles = given.ha == nil ? RoleSpecification.standalone : RoleSpecification.pair
    // Of the document as given: both nodes of a pair have the same, and different leases.
    sharedHash = sha256(given.sharedCanonical)
    policyHash = sha256(given.policyCanonical)
  }

  /// Whether the node is one of a pair.
  var isPair: Bool { given.ha != nil }

  /// Whether the appliance is not activated yet.
  var isFactory: Bool { given.gateway.deployment == .factory }

  private static func follow(
    _ given: ConfigurationDocument, _ lease: WANLease?
  ) -> (ConfigurationDocument, [String]) {
    guard given.wan.mode == .dhcp else { return (given, []) }
    guard let lease else {
      let isNeeded = given.gateway.deployment != .factory
      return (given, isNeeded ? ["\(given.wan.interface): no DHCP server has answered yet"] : [])
    }
    guard let router = lease.router else {
      return (given, ["\(given.wan.interface): DHCP gave \(lease.address), but no router"])
    }
    do throws(ConfigurationProblems) {
      return (try given.leased(lease.address, router: router), [])
    } catch {
      return (given, ["\(given.wan.interface): DHCP gave \(lease.address): \(error)"])
    }
  }

  /// The part of a role, for a process with the given random name; nil when there is no such role
  /// in this deployment.
  func configuration(of name: RoleName, bootID: [UInt8], storedTerm: UInt64) -> RoleConfiguration? {
    if name == .policy {
      return .policy(
        PolicyConfiguration(document: document.canonical, appliedHash: policyHash))
    }
    guard let ha = document.ha else { return nil }
    switch name {
    case .vrrp: return .vrrp(vrrp(ha, bootID, storedTerm))
    case .fence:
      return .fence(
        FenceConfiguration(supervisorPID: getpid(), silenceLimit: silenceLimit(ha)))
    case .sync: return .sync(sync(ha, bootID))
    case .policy: return nil
    }
  }

  /// Whether the roles of `old` can take this plan over while they run: nothing differs but the
  /// policy, translation, helpers and routes.
  func isLiveChange(from old: Plan) -> Bool {
    guard isPair == old.isPair,
      document.connectedNetworks == old.document.connectedNetworks
    else { return false }
    return RoleName.allCases.filter { $0 != .policy }.allSatisfy { shape($0) == old.shape($0) }
  }

  /// Ports that the document needs and that are not there.
  var missingPorts: [String] {
    let ports = document.connectedNetworks.map(\.port)
    return Set(ports).sorted().filter { NetworkInterface.index(of: $0) == nil }
      .map { "\($0): there is no such interface here, and the configuration needs it" }
  }

  // MARK: Parts

  /// A role's part without what changes from one process and one policy to the next.
  private func shape(_ name: RoleName) -> RoleConfiguration? {
    switch configuration(of: name, bootID: [], storedTerm: 0) {
    case .vrrp(var configuration):
      configuration.configurationHash = []
      return .vrrp(configuration)
    case .sync(var configuration):
      configuration.policyHash = []
      return .sync(configuration)
    case let other: return other
    }
  }

  private func link(_ ha: HASettings) -> HALink {
    HALink(port: ha.port, address: ha.address.address, peers: ha.peers, key: ha.key.octets)
  }

  private func node(_ ha: HASettings) -> NodeName {
    switch ha.node {
    case .primary: .primary
    case .secondary: .secondary
    }
  }

  private func vrrp(
    _ ha: HASettings, _ bootID: [UInt8], _ storedTerm: UInt64
  ) -> VRRPConfiguration {
    VRRPConfiguration(
      node: node(ha), bootID: bootID, groupID: ha.vrrp.groupID, priority: ha.vrrp.priority,
      advertInterval: .milliseconds(ha.vrrp.advertIntervalMs), preempt: ha.vrrp.preempt,
      preemptDelay: .milliseconds(ha.vrrp.preemptDelayMs), ports: ports(ha.vrrp),
      tracked: ha.vrrp.track.map { TrackedLink(port: $0, weight: 20) },
      link: link(ha), configurationHash: sharedHash,
      storedTerm: storedTerm)
  }

  private func ports(_ vrrp: VRRPSettings) -> [VirtualRouterPort] {
    vrrp.interfaces.compactMap { interface in
      let network = document.connectedNetworks.first { $0.interface == interface }
      guard let address = network?.address else { return nil }
      let owned = vrrp.virtualAddresses.filter { $0.interface == interface }
      return VirtualRouterPort(
        port: interface, device: vrrp.device(for: interface), groupID: vrrp.groupID,
        nodeAddress: .v4(address), virtualAddresses: owned.map { .v4($0.address.address) })
    }
  }

  private func sync(_ ha: HASettings, _ bootID: [UInt8]) -> SyncConfiguration {
    SyncConfiguration(
      node: node(ha), bootID: bootID, link: link(ha),
      nodeAddresses: document.connectedNetworks.compactMap { $0.address?.address },
      virtualAddresses: document.virtualAddresses, policyHash: policyHash)
  }

  /// Three dead times of `vrrp`.
  private func silenceLimit(_ ha: HASettings) -> Interval {
    let deadTime = Interval.milliseconds(3 * ha.vrrp.advertIntervalMs)
    return max(deadTime, .milliseconds(40)) * 3
  }
}
