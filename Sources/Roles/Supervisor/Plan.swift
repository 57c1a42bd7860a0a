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

  /// What the `checks` role is to ask; nil: nothing.
  var pathChecks: PathCheckConfiguration? {
    guard let checks = document.ha?.vrrp.checks, !checks.isEmpty else { return nil }
    return PathCheckConfiguration(
      checks: checks.map { check in
        PathCheckOrder(
          name: check.name, kind: check.kind == .icmp ? .icmp : .http, target: check.target,
          interval: .milliseconds(check.intervalMs), timeout: .milliseconds(check.timeoutMs),
          fall: UInt8(check.fall), rise: UInt8(check.rise))
      })
  }

  /// What a drill measures: the first IPv4 router, of a LAN before one of a WAN; nil: there is none.
  var probe: ProbeConfiguration? {
    let networks = document.forwardingNetworks
    let routers = document.ha?.vrrp.routers.filter { $0.family == .ipv4 } ?? []
    func network(_ router: VirtualRouterSettings) -> ConnectedNetwork? {
      networks.first { $0.interface == router.interface }
    }
    let router = routers.first { network($0)?.role == .lan } ?? routers.first
    guard let router, let own = network(router)?.address?.address,
      let address = router.addresses.compactMap(\.v4).first
    else { return nil }
    return ProbeConfiguration(
      port: router.interface, device: router.device, nodeAddress: own, virtualAddress: address,
      virtualMAC: router.mac)
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
    let vrrp = ha.vrrp
    return VRRPConfiguration(
      node: node(ha), bootID: bootID, groupID: vrrp.groupID, version: vrrp.version,
      priority: vrrp.priority, advertInterval: .milliseconds(vrrp.advertIntervalMs),
      preempt: vrrp.preempt, preemptDelay: .milliseconds(vrrp.preemptDelayMs),
      acceptMode: vrrp.acceptMode, checksum: ChecksumChoice(vrrp.checksum),
      password: vrrp.password?.octets ?? [], authEnforced: vrrp.authenticationMode == .enforce,
      allowedSources: vrrp.allowedSources, ports: vrrp.routers.compactMap { port($0, vrrp) },
      tracked: vrrp.track.map { TrackedLink(port: $0.interface, weight: $0.weight) },
      link: link(ha), configurationHash: sharedHash, storedTerm: storedTerm)
  }

  /// Nil while DHCP has not given the interface its address.
  private func port(
    _ router: VirtualRouterSettings, _ vrrp: VRRPSettings
  ) -> VirtualRouterPort? {
    let network = document.connectedNetworks.first { $0.interface == router.interface }
    let nodeAddress = router.family == .ipv4 ? network?.address.map { IPPrefix.v4($0) } : nil
    if router.family == .ipv4 && nodeAddress == nil { return nil }
    let peers = vrrp.unicastPeers.first { $0.interface == router.interface }?.addresses ?? []
    return VirtualRouterPort(
      port: router.interface, device: router.device, groupID: router.groupID,
      family: router.family, nodeAddress: nodeAddress, virtualAddresses: router.addresses,
      unicastPeers: peers.filter { $0.family == router.family })
  }

  private func sync(_ ha: HASettings, _ bootID: [UInt8]) -> SyncConfiguration {
    SyncConfiguration(
      node: node(ha), bootID: bootID, link: link(ha),
      nodeAddresses: document.connectedNetworks.flatMap { network in
        AddressFamily.allCases.compactMap { network.own($0)?.address }
      },
      virtualAddresses: document.everyVirtualAddress, policyHash: policyHash,
      neighbourDevices: Set(ha.vrrp.routers.flatMap { [$0.interface, $0.device] }).sorted())
  }

  /// Three dead times of `vrrp`.
  private func silenceLimit(_ ha: HASettings) -> Interval {
    let deadTime = Interval.milliseconds(3 * ha.vrrp.advertIntervalMs)
    return max(deadTime, .milliseconds(40)) * 3
  }
}

extension ChecksumChoice {
  init(_ checksum: VRRPSettings.Checksum) {
    switch checksum {
    case .auto: self = .auto
    case .rfc9568: self = .rfc9568
    case .rfc5798: self = .rfc5798
    }
  }
}
