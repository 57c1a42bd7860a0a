public import Configuration
public import Linux
import Wire

/// The node's addresses, routes, interfaces and kernel parameters, as the document wants them.
///
/// For the supervisor, which calls it as root in the node's network namespace. ``apply(_:)`` is
/// whole-state and idempotent: it looks, makes what is missing, removes what it made once and what
/// is no longer wanted, and does not touch what is right, so that a restart is not noticed by
/// traffic. It keeps no record: what it makes carries a mark in the kernel (alias, label, protocol
/// number), and so a successor finds it after a SIGKILL.
///
/// Order of a start: ``lowerLeftovers()``, ``apply(_:)``, roles, and when `policy` reports that it
/// is loaded ``setForwarding(_:)``. Order of a stop: roles, ``remove()``.
public final class NodeNetwork {
  private let socket: RouteSocket
  /// What ``apply(_:)`` brought into the kernel last; nil: nothing, or it was removed.
  private var applied: NetworkSpec?
  /// The indexes that the ports had then.
  private var portIndexes: [String: Int32] = [:]

  /// Opens rtnetlink in this network namespace.
  public init() throws(NetworkError) { socket = try RouteSocket() }

  /// First thing at a start: stops forwarding and lowers every virtual interface that a killed
  /// predecessor left, so that no virtual address answers from a node without `vrrp`.
  ///
  /// - Returns: what could not be done, one line each; usually none.
  public func lowerLeftovers() -> [String] {
    var failures = attempt { () throws(SystemError) in try Sysctl.forwarding(false).apply() }
    failures += attempt { () throws(NetworkError) in
      for link in try socket.links() where link.isVirtualRouter && link.isUp {
        try socket.setLink(link, up: false)
      }
    }
    return failures
  }

  /// Brings the network into the state of the document.
  ///
  /// Everything is tried, in the order links, addresses, routes. Virtual interfaces are made but
  /// never raised or lowered here.
  ///
  /// - Returns: what could not be done, one line each, such as a port that is not there; empty
  ///   when the state is reached.
  public func apply(_ document: ConfigurationDocument) -> [String] {
    let wanted = NetworkSpec(document)
    applied = wanted
    var failures: [String] = []
    for sysctl in Sysctl.common {
      failures += attempt { () throws(SystemError) in try sysctl.apply() }
    }
    failures += attempt { () throws(NetworkError) in try removeDevices(except: wanted.devices) }
    failures += raisePorts(wanted)
    failures += attempt { () throws(NetworkError) in
      portIndexes = try indexes(of: wanted.ports)
    }
    for device in wanted.devices { failures += make(device, wanted) }
    failures += applyAddresses(wanted.addresses)
    failures += applyRoutes(wanted.routes)
    return failures
  }

  /// Puts back what is gone of the last ``apply(_:)``: interfaces of ours, addresses and routes that
  /// somebody removed, and link-local addresses that the kernel takes from a virtual interface when
  /// `vrrp` or its fence lowers it, whatever `keep_addr_on_down` says. To be called when the network
  /// has changed (``NetworkWatch``). A port that somebody lowered stays down, and what the kernel
  /// took along comes back when it is raised.
  public func repair() -> NetworkRepair {
    guard let applied else { return NetworkRepair() }
    var repair = NetworkRepair()
    repair.failures += attempt { () throws(NetworkError) in
      let ports = try indexes(of: applied.ports)
      repair.hasNewPort = ports.contains { portIndexes[$0.key] != $0.value }
      // What stands on an interface follows it.
      var isComplete = false
      while !isComplete && repair.failures.isEmpty {
        let gone = try missing(of: applied)
        guard !gone.isEmpty else { return }
        repair.missing += gone.names
        for device in gone.devices { repair.failures += make(device, applied) }
        repair.failures += applyAddresses(applied.addresses)
        if !gone.routes.isEmpty { repair.failures += applyRoutes(applied.routes) }
        isComplete = gone.devices.isEmpty
      }
    }
    return repair
  }

  /// The indexes of those that are there.
  private func indexes(of ports: [String]) throws(NetworkError) -> [String: Int32] {
    let links = try socket.links().filter { ports.contains($0.name) }
    return Dictionary(links.map { ($0.name, $0.index) }, uniquingKeysWith: { $1 })
  }

  private func missing(of wanted: NetworkSpec) throws(NetworkError) -> MissingParts {
    let links = try socket.links()
    let names = Dictionary(links.map { ($0.index, $0.name) }, uniquingKeysWith: { $1 })
    let raised = Set(links.filter(\.isUp).map(\.name))
    let devices = wanted.devices.filter { device in
      !links.contains { $0.name == device.name } && links.contains { $0.name == device.parent }
    }
    let addresses = Set(try socket.addresses(names).map(\.spec))
    let routes = try socket.routes(names)
    return MissingParts(
      devices: devices,
      addresses: wanted.addresses.filter { spec in
        (spec.isVirtual ? links.contains { $0.name == spec.device } : raised.contains(spec.device))
          && !addresses.contains(spec)
      },
      routes: wanted.routes.filter { raised.contains($0.device) && !routes.contains($0) })
  }

  /// Lets packets pass between the ports, or stops that. To be true only while `policy` reports a
  /// loaded policy; false at once when `policy` stops or dies for good.
  public func setForwarding(_ on: Bool) throws(SystemError) { try Sysctl.forwarding(on).apply() }

  /// Last thing at a stop: stops forwarding and removes every address, route and interface of
  /// ours, and the nftables table. Ports stay up.
  ///
  /// - Returns: what could not be done, one line each.
  public func remove() -> [String] {
    applied = nil
    var failures = attempt { () throws(SystemError) in try Sysctl.forwarding(false).apply() }
    failures += applyRoutes([])
    failures += attempt { () throws(NetworkError) in try removeDevices(except: []) }
    failures += applyAddresses([])
    failures += attempt { () throws(NftablesError) in try Nftables().removeTable() }
    return failures
  }

  /// Runs a step; its failure as a line.
  private func attempt<E: Error & CustomStringConvertible>(
    _ step: () throws(E) -> Void
  ) -> [String] {
    do {
      try step()
      return []
    } catch { return [error.description] }
  }

  private func find(_ name: String) throws(NetworkError) -> LinkStatus? {
    try socket.links().first { $0.name == name }
  }

  private func link(_ name: String) throws(NetworkError) -> LinkStatus {
    guard let link = try find(name) else { throw NetworkError(absent: name) }
    return link
  }

  private func raise(_ name: String) throws(NetworkError) {
    let link = try link(name)
    if !link.isUp { try socket.setLink(link, up: true) }
  }

  /// Kernel parameters come first: a port must not speak IPv6 before it is told not to.
  private func raisePorts(_ wanted: NetworkSpec) -> [String] {
    var failures: [String] = []
    for name in wanted.ports {
      let absent = attempt { () throws(NetworkError) in _ = try link(name) }
      failures += absent
      guard absent.isEmpty else { continue }
      failures += applySysctls(sysctls(of: name, wanted))
      failures += attempt { () throws(NetworkError) in try raise(name) }
    }
    return failures + deafenManagement(wanted.managementPort)
  }

  /// The management port may be absent or elsewhere; the node works without it.
  private func deafenManagement(_ name: String) -> [String] {
    attempt { () throws(SystemError) in try Sysctl.noIPv6(name).apply() }
      + attempt { () throws(NetworkError) in
        guard let port = try find(name), !port.isUp || !port.ignoresARP else { return }
        try socket.setLink(port, up: true, ignoreARP: true)
      }
  }

  /// Of a port or VLAN.
  private func sysctls(of name: String, _ wanted: NetworkSpec) -> [Sysctl] {
    let speech = wanted.devicesWithIPv6.contains(name) ? Sysctl.ipv6(name) : [Sysctl.noIPv6(name)]
    return speech + Sysctl.port(name, isOwner: wanted.devicesOfOwner.contains(name))
      + Sysctl.proxy(name, isPort: true, on: wanted.devicesOfProxy.contains(name))
  }

  private func applySysctls(_ sysctls: [Sysctl]) -> [String] {
    sysctls.reduce(into: []) { failures, sysctl in
      failures += attempt { () throws(SystemError) in try sysctl.apply() }
    }
  }

  /// Removes what we made and what is no longer wanted, or is not as wanted.
  private func removeDevices(except wanted: [DeviceSpec]) throws(NetworkError) {
    let links = try socket.links()
    let names = Dictionary(links.map { ($0.index, $0.name) }, uniquingKeysWith: { $1 })
    // Upper interfaces first: a VLAN takes the macvlans on it along.
    for link in links.sorted(by: { $0.index > $1.index }) where link.isOurs {
      let spec = wanted.first { $0.name == link.name }
      if spec.map({ link.matches($0, parent: names[link.parent]) }) != true {
        try socket.deleteLink(link)
      }
    }
  }

  /// Makes a device if it is missing, and sees to its parameters.
  private func make(_ device: DeviceSpec, _ wanted: NetworkSpec) -> [String] {
    var failures = attempt { () throws(NetworkError) in
      let parent = try link(device.parent)
      if try find(device.name) == nil { try socket.add(device, parent: parent.index) }
    }
    guard failures.isEmpty else { return failures }
    switch device.kind {
    case .virtualRouter:
      let isIPv6 = DeviceSpec.carriesIPv6(device.name)
      let speech = isIPv6 ? Sysctl.virtualRouter6(device.name) : [Sysctl.noIPv6(device.name)]
      let proxy = Sysctl.proxy(
        device.name, isPort: false, on: wanted.devicesOfProxy.contains(device.name))
      failures += applySysctls(speech + Sysctl.virtualRouter(device.name) + proxy)
    case .vlan:
      failures += applySysctls(sysctls(of: device.name, wanted))
      failures += attempt { () throws(NetworkError) in try raise(device.name) }
    }
    return failures
  }

  /// New addresses come before old ones go, so that a port is never without.
  private func applyAddresses(_ wanted: [AddressSpec]) -> [String] {
    var failures: [String] = []
    failures += attempt { () throws(NetworkError) in
      let links = try socket.links()
      let names = Dictionary(links.map { ($0.index, $0.name) }, uniquingKeysWith: { $1 })
      let indexes = Dictionary(links.map { ($0.name, $0.index) }, uniquingKeysWith: { $1 })
      let present = try socket.addresses(names)
      let specs = Set(present.map(\.spec))
      for spec in wanted where !specs.contains(spec) {
        // A missing interface has its own line already.
        guard let index = indexes[spec.device] else { continue }
        failures += attempt { () throws(NetworkError) in try socket.add(spec, on: index) }
      }
      for status in present where status.isOurs && !wanted.contains(status.spec) {
        guard let index = indexes[status.spec.device] else { continue }
        failures += attempt { () throws(NetworkError) in try socket.delete(status.spec, on: index) }
      }
    }
    return failures
  }

  private func applyRoutes(_ wanted: [RouteSpec]) -> [String] {
    var failures: [String] = []
    failures += attempt { () throws(NetworkError) in
      let links = try socket.links()
      let names = Dictionary(links.map { ($0.index, $0.name) }, uniquingKeysWith: { $1 })
      let indexes = Dictionary(links.map { ($0.name, $0.index) }, uniquingKeysWith: { $1 })
      let present = try socket.routes(names)
      for spec in present where !wanted.contains(where: { $0.to == spec.to }) {
        guard let index = indexes[spec.device] else { continue }
        failures += attempt { () throws(NetworkError) in try socket.delete(spec, on: index) }
      }
      for spec in wanted where !present.contains(spec) {
        guard let index = indexes[spec.device] else { continue }
        failures += attempt { () throws(NetworkError) in try socket.replace(spec, on: index) }
      }
    }
    return failures
  }
}

/// What was gone of the network of a node.
public struct NetworkRepair: Hashable, Sendable {
  /// What somebody removed, such as `10.1.0.2/24 of ge2`; what the kernel takes from a lowered
  /// virtual interface is not in it.
  public internal(set) var missing: [String] = []
  /// What could not be put back, one line each.
  public internal(set) var failures: [String] = []
  /// Whether a port was made anew, or came: it wants everything, ``NodeNetwork/apply(_:)``.
  public internal(set) var hasNewPort = false
}

/// What is wanted and not there.
private struct MissingParts {
  let devices: [DeviceSpec]
  let addresses: [AddressSpec]
  let routes: [RouteSpec]

  var isEmpty: Bool { devices.isEmpty && addresses.isEmpty && routes.isEmpty }

  /// In words, without what the kernel takes.
  var names: [String] {
    devices.map { "interface \($0.name)" }
      + addresses.filter { !($0.isVirtual && $0.address.address.isLinkLocal) }
      .map { "\($0.address) of \($0.device)" }
      + routes.map { "route to \($0.to) via \($0.via)" }
  }
}

extension LinkStatus {
  /// Carries a virtual MAC, whoever made it.
  var isVirtualRouter: Bool { kind == "macvlan" && DeviceSpec.carriesVirtualMAC(name) }

  /// Made by this program or a predecessor.
  var isOurs: Bool { isVirtualRouter || kind != nil && alias == RouteSocket.linkAlias }

  /// Whether it is what `spec` wants; `parent` is the name of the interface below.
  func matches(_ spec: DeviceSpec, parent: String?) -> Bool {
    guard parent == spec.parent else { return false }
    switch spec.kind {
    case .vlan(let identifier): return vlan == identifier
    case .virtualRouter(let virtual): return kind == "macvlan" && mac == virtual
    }
  }
}
