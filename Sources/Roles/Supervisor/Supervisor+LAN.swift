import Configuration
import Glibc
import Linux
import Messages
import SQLite
import Wire

/// Addresses and names for the hosts of LANs: on the active node only.
extension Supervisor {
  // MARK: Servers

  /// Starts and stops the servers, after each change of the role, the plan or the name servers.
  func serveLANs() {
    // What a node hands out as it leaves is of the turn that ends.
    if knowledge.role == .active { leases?.term = knowledge.term }
    let wanted = servesLANs ? lanServices : [:]
    let leaving = (household?.lanServices ?? []).filter { wanted[$0] == nil }
    // What they handed out in their last moments counts, too.
    if !leaving.isEmpty { lookAtLeases() }
    for name in leaving {
      if case .lanDHCP(let interface) = name { leases?.close(interface) }
      household?.set(name, nil)
    }
    for (name, recipe) in wanted { household?.set(name, recipe) }
  }

  /// A standby has the address that hosts ask, but its device is down.
  private var servesLANs: Bool {
    !isReplacing && !isStopping && (!plan.isPair || knowledge.role == .active)
  }

  private var lanServices: [Household.Name: Household.Recipe] {
    guard let leases else { return [:] }
    var recipes: [Household.Name: Household.Recipe] = [:]
    var relayed: [HelperPrograms.Relayed] = []
    for service in plan.document.addressServices {
      switch service.settings {
      case .server(let settings):
        let name = Household.Name.lanDHCP(service.interface)
        recipes[name] = helper(name) { [nameServers] () throws(ProgramAbsent) in
          try HelperPrograms.lanServer(
            service, settings, leases: leases.path(service.interface), upstream: nameServers)
        }
      case .relay(let servers):
        relayed.append(
          HelperPrograms.Relayed(
            device: service.device, address: service.address, servers: servers))
      }
    }
    guard !relayed.isEmpty else { return recipes }
    recipes[.lanRelay] = helper(.lanRelay) { () throws(ProgramAbsent) in
      try HelperPrograms.lanRelay(relayed)
    }
    return recipes
  }

  /// A member of the household is about to start: a server finds in its file what it is to know.
  func prepareMember(_ name: Household.Name) {
    guard case .lanDHCP(let interface) = name,
      let service = plan.document.addressServices.first(where: { $0.interface == interface })
    else { return }
    do throws(SystemError) {
      try leases?.prepare(interface, service.network, for: HelperPrograms.lanServerUser)
    } catch { log.write(.error, name.rawValue, "\(error)") }
  }

  // MARK: Leases

  /// Takes up the leases of the last start.
  func openLeases() {
    do {
      let keeper = try LeaseKeeper(
        reactor, directory: options.runDirectory + "/lan",
        statePath: options.stateDirectory + "/leases")
      leases = keeper
      try keeper.load()
    } catch {
      note("leases.lost", "the leases of the last start cannot be read", "\(error)")
    }
  }

  /// Reads what the servers have written, and keeps what is due.
  func expireLeases(at now: Instant) {
    guard let leases, let deadline = leases.deadline, deadline <= now else { return }
    do throws(SystemError) {
      let isStale = leases.toldUntil.map { $0 <= now } ?? false
      let news = try leases.expire(at: now)
      if !news.isEmpty || isStale { tellHosts() }
      tellPeer(news)
    } catch { log.write(.error, "supervise", "leases: \(error)") }
  }

  /// Keeps what has not been kept yet, before the end.
  func closeLeases() {
    do throws(SystemError) {
      _ = leases?.look()
      try leases?.save()
    } catch { log.write(.error, "supervise", "leases: \(error)") }
    for interface in leases?.interfaces ?? [] { leases?.close(interface) }
  }

  // MARK: Hosts

  /// Who has which address on the LANs, where the policy has to know; in order.
  var lanHosts: [LANHost] {
    guard plan.document.needsHosts else { return [] }
    let inUse = leases?.table.inUse(at: WallClock.secondsSince1970()) ?? []
    return plan.document.lanHosts(leased: inUse.map { ($0.mac, $0.address) })
  }

  /// Tells the policy who has come and gone, unless it is told anyway: a configuration on its way has
  /// the hosts of its own, and those rules that are in force until then keep theirs.
  func tellHosts() {
    guard processes[.policy]?.unanswered == 0 else { return }
    let hosts = lanHosts
    if hosts != leases?.toldHosts { send(.policy(.hosts(hosts)), to: .policy) }
    leases?.told(hosts)
  }

  /// How far the hosts of each LAN are kept apart; nil where they are not.
  var isolationStatus: [IsolationStatus]? {
    let hosts = lanHosts
    let all = plan.document.addressServices.compactMap { service in
      service.isolation.map { isolation in
        IsolationStatus(
          interface: service.interface, mode: isolation.mode.rawValue,
          enforced: isolation.isSeparated,
          hosts: hosts.count { $0.interface == service.interface })
      }
    }
    return all.isEmpty ? nil : all
  }

  /// How many there are; nil where the plan hands no addresses out.
  var leaseStatus: LeaseStatus? {
    guard let leases, !plan.document.addressServices.isEmpty else { return nil }
    return LeaseStatus(
      inUse: leases.table.count(at: WallClock.secondsSince1970()), peer: peerLeases)
  }

  /// Who has which address.
  var leaseRecords: [LeaseRecord] {
    let inUse = leases?.table.inUse(at: WallClock.secondsSince1970()) ?? []
    return inUse.map { lease in
      LeaseRecord(
        address: "\(lease.address)", mac: "\(lease.mac)", name: lease.name,
        until: WallClock.timestamp(seconds: lease.ends))
    }
  }

  private func lookAtLeases() {
    guard let leases else { return }
    tellPeer(leases.look())
  }

  /// Tells the other node what is new, or (nil) everything.
  private func tellPeer(_ news: [DHCPLease]?) {
    guard plan.isPair, let leases, news?.isEmpty != true else { return }
    for message in leases.messages(news) { tellPeer(.leases(message)) }
  }

  /// The other node has come and knows nothing yet.
  func leasesWanted() {
    peerLeases = nil
    tellPeer(nil)
  }

  /// The other node tells about its leases.
  func receivedLeases(_ message: LeaseMessage) {
    guard let leases else { return }
    peerLeases = Int(message.inUse)
    guard !message.leases.isEmpty else { return }
    // Before the news are in, as a server that does not know them has not given them back.
    lookAtLeases()
    let news = leases.merge(message, in: plan.document.addressServices.map(\.network))
    tellHosts()
    for interface in leases.interfaces(concernedBy: news) {
      leases.close(interface)
      household?.renew(.lanDHCP(interface))
    }
    for message in leases.messages([]) { tellPeer(.leases(message)) }
  }
}
