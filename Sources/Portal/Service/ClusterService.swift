import Activation
import JSON
import Wire

/// What the VRRP panel of a pair shows.
struct VRRPStatus {
  var detail: SiteDetail
  var panel: VRRPPanel
  /// The `ha` part of the status document that each gateway sent last, by name.
  var reports: [(gateway: Gateway, ha: JSONValue, at: Int64?)]
}

// MARK: VRRP panel

extension PortalService {
  /// The panel of a pair; the cluster's number is the site's.
  func vrrp(_ cluster: Int64, by user: User) throws(PortalError) -> SiteDetail {
    try user.require(.view)
    let detail = try self.detail(cluster)
    guard detail.site.vrrp != nil else {
      throw .conflict("\(detail.site.name) has one gateway; only a pair has a VRRP panel.")
    }
    return detail
  }

  /// Changes the panel; both gateways get new documents.
  func updateVRRP(
    _ cluster: Int64, _ input: VRRPInput, by user: User
  ) throws(PortalError) -> SiteDetail {
    try user.require(.manageSites)
    let before = try vrrp(cluster, by: user)
    var site = before.site
    if let text = input.virtualIP { site.lanVirtualIP = try virtual(text, "vip", before) }
    let others = try sites.groups(except: cluster)
    site.vrrp = try input.checked(site, before.gateways, others: others)
    return try store(site, user, "vrrp.change")
  }

  /// Changes the virtual addresses of a pair; nil: as it is.
  func updateVirtualIP(
    _ cluster: Int64, lan: String?, wan: String?, by user: User
  ) throws(PortalError) -> SiteDetail {
    try user.require(.manageSites)
    let before = try vrrp(cluster, by: user)
    var site = before.site
    if let lan { site.lanVirtualIP = try virtual(lan, "lanVirtualIP", before) }
    if let wan { site.wanVirtualIP = try virtual(wan, "wanVirtualIP", before) }
    return try store(site, user, "vrrp.virtual-ip")
  }

  /// Gives a pair the panel that a new one has.
  func resetVRRP(_ cluster: Int64, by user: User) throws(PortalError) -> SiteDetail {
    try user.require(.manageSites)
    let before = try vrrp(cluster, by: user)
    var site = before.site
    site.vrrp = VRRPPanel.preset(
      platform: before.template.platforms[0], number: site.id, lan: site.lanVirtualIP,
      others: try sites.groups(except: cluster))
    return try store(site, user, "vrrp.reset")
  }

  /// What both gateways say about their virtual routers.
  func vrrpStatus(_ cluster: Int64, by user: User) throws(PortalError) -> VRRPStatus {
    let detail = try vrrp(cluster, by: user)
    guard let panel = detail.site.vrrp else { throw .broken }
    return VRRPStatus(
      detail: detail, panel: panel,
      reports: detail.gateways.map { gateway in
        let member = fleet[gateway.id]
        return (gateway, member?.status?["ha"] ?? .null, member?.statusAt)
      })
  }

  /// The status document that a gateway sent last; nil: none since the portal started.
  func status(of id: String, by user: User) throws(PortalError) -> JSONValue? {
    try user.require(.view)
    _ = try gateways.find(id)
    return fleet[id]?.status
  }

  private func store(
    _ site: Site, _ user: User, _ action: String
  ) throws(PortalError) -> SiteDetail {
    try database.write { () throws(PortalError) in
      try sites.update(site)
      try regenerate(site)
      try event(site: site.id, "vrrp", "VRRP settings changed", cause: "by \(user.name)")
      try audit(user, action, site.name)
      changed(.site(site.id))
      return try detail(site.id)
    }
  }

  /// An address inside the subnet of the one that it replaces, and no node's own.
  private func virtual(
    _ text: String, _ path: String, _ detail: SiteDetail
  ) throws(PortalError) -> IPv4Prefix {
    let isLAN = path != "wanVirtualIP"
    let own = detail.gateways.compactMap { isLAN ? $0.lanAddress : $0.wanAddress }
    let length = own.first?.length ?? detail.site.wanVirtualIP?.length ?? 24
    guard let given = IPv4Prefix(text) ?? IPv4Address(text).map({ IPv4Prefix($0, length: length) })
    else { throw .invalid(path, "'\(text)' is not an address such as 192.0.2.1") }
    for node in own {
      if !node.contains(given.address) {
        throw .invalid(path, "\(given.address) is not in \(node.network)")
      }
      if node.address == given.address {
        throw .invalid(path, "\(given.address) is a node's own address; the pair needs a third")
      }
    }
    return IPv4Prefix(given.address, length: own.first?.length ?? given.length)
  }
}

// MARK: Commands

extension PortalService {
  /// Hands the active role to the other gateway of a pair. Only when that could take over.
  func initiateSwitchover(_ cluster: Int64, by user: User) throws(PortalError) -> QueuedCommand {
    try user.require(.failOver)
    let (active, detail) = try readyPair(cluster)
    try requireNoUpdate(cluster)
    return try database.write { () throws(PortalError) in
      try audit(user, "cluster.switchover", detail.site.name)
      return try queue(.switchover, for: active, by: user)
    }
  }

  /// Checks that a failover would succeed now, then has the active gateway do one and undo it; the
  /// figures come as events of the gateway.
  func drill(_ cluster: Int64, by user: User) throws(PortalError) -> QueuedCommand {
    try user.require(.failOver)
    let (active, detail) = try readyPair(cluster)
    try requireNoUpdate(cluster)
    return try database.write { () throws(PortalError) in
      try audit(user, "cluster.drill", detail.site.name)
      try event(site: cluster, "drill", "Failover drill begun", cause: "by \(user.name)")
      return try queue(.drill, for: active, by: user)
    }
  }

  /// Takes a gateway out of its pair for maintenance; nil: the standby.
  func suspend(
    _ cluster: Int64, gateway name: String?, by user: User
  ) throws(PortalError) -> QueuedCommand {
    try user.require(.failOver)
    let detail = try pair(cluster)
    try requireNoUpdate(cluster)
    let gateway = try pick(detail, name) { $0.life.state == .standby }
    guard gateway.life.state != .suspended else {
      throw .conflict("\(gateway.name) is suspended already.")
    }
    return try command(.suspend, gateway, detail, "cluster.suspend", by: user)
  }

  /// Takes a suspended gateway back into its pair; nil: the one that is suspended.
  func resume(
    _ cluster: Int64, gateway name: String?, by user: User
  ) throws(PortalError) -> QueuedCommand {
    try user.require(.failOver)
    let detail = try pair(cluster)
    let gateway = try pick(detail, name) { $0.life.state == .suspended }
    return try command(.resume, gateway, detail, "cluster.resume", by: user)
  }

  /// Has a gateway start again.
  func restart(_ id: String, by user: User) throws(PortalError) -> QueuedCommand {
    try user.require(.failOver)
    let gateway = current(try gateways.find(id))
    try requireNoUpdate(gateway.siteID)
    return try command(
      .restart, gateway, try detail(gateway.siteID), "gateway.restart", by: user)
  }

  /// Queues a command, inside a transaction.
  @discardableResult
  func queue(
    _ verb: QueuedCommand.Verb, _ argument: String = "", for gateway: Gateway, by user: User
  ) throws(PortalError) -> QueuedCommand {
    let open = try records.openCommands(of: gateway.id)
    if let same = open.first(where: { $0.verb == verb && $0.argument == argument }) { return same }
    guard open.count < RecordTable.Limits.commands else {
      throw .conflict("\(gateway.name) has \(open.count) commands that wait.")
    }
    var command = QueuedCommand(
      id: 0, gatewayID: gateway.id, verb: verb, argument: argument, user: user.name,
      created: now())
    command.id = try records.addCommand(command)
    try event(
      site: gateway.siteID, gateway: gateway.id, "command", "\(command.text) ordered",
      cause: "by \(user.name)")
    database.whenKept { [weak self] in
      self?.fleet[gateway.id]?.hasCommands = true
      self?.onAgentWork?(gateway.id)
    }
    return command
  }

  private func command(
    _ verb: QueuedCommand.Verb, _ gateway: Gateway, _ detail: SiteDetail, _ action: String,
    by user: User
  ) throws(PortalError) -> QueuedCommand {
    guard gateway.isActivated, gateway.life.state != .disconnected else {
      throw .conflict("\(gateway.name) is not in contact with the portal.")
    }
    return try database.write { () throws(PortalError) in
      try audit(user, action, gateway.name)
      return try queue(verb, for: gateway, by: user)
    }
  }

  private func pair(_ cluster: Int64) throws(PortalError) -> SiteDetail {
    let detail = try self.detail(cluster)
    guard detail.gateways.count == 2 else {
      throw .conflict("\(detail.site.name) has one gateway; only a pair can do this.")
    }
    return detail
  }

  /// The active gateway of a pair whose other one could take over now.
  private func readyPair(_ cluster: Int64) throws(PortalError) -> (Gateway, SiteDetail) {
    let detail = try pair(cluster)
    guard let active = detail.gateways.first(where: { $0.life.state == .active }) else {
      throw .conflict("No gateway of \(detail.site.name) is Active.")
    }
    guard let standby = detail.gateways.first(where: { $0.id != active.id }),
      standby.life.state == .standby
    else { throw .conflict("No gateway of \(detail.site.name) is Standby and could take over.") }
    let sync = fleet[standby.id]?.status?["sync"]
    guard sync == nil || sync == .null || sync?["ready"]?.bool == true else {
      let reason = sync?["reason"]?.string ?? "unknown"
      throw .conflict("The sessions of \(standby.name) are not in step: \(reason)")
    }
    return (active, detail)
  }

  private func pick(
    _ detail: SiteDetail, _ name: String?, _ preset: (Gateway) -> Bool
  ) throws(PortalError) -> Gateway {
    if let name {
      guard let found = detail.gateways.first(where: { $0.name == name || $0.id == name }) else {
        throw .invalid("gateway", "'\(name)' is no gateway of \(detail.site.name)")
      }
      return found
    }
    guard let found = detail.gateways.first(where: preset) else {
      throw .conflict("No gateway of \(detail.site.name) is in the state for that; name one.")
    }
    return found
  }
}
