import Configuration
import Glibc
import Linux
import Messages
import Supervision
import Wire

/// The household: console, page, agent, and the DHCP programs.
extension Supervisor {
  /// Prepares what does not depend on a configuration. But for the DHCP client of the WAN nobody moves in
  /// before the roles work, or until that takes too long: whoever forwards is what a starting processor
  /// has to run first, and on the appliance the terminals belong to process 1 until then.
  func foundHouse() throws(SystemError) {
    household = try Household(
      reactor, run: run,
      Household.Callbacks(
        prepare: { [unowned self] in prepareMember($0) },
        received: { [unowned self] in receivedHouse($0, from: $1) },
        started: { [unowned self] in introduce($0) },
        recorded: { [unowned self] name, old, new, cause in
          record(name.rawValue, old, new, cause)
        }, sessionEnded: { [unowned self] in shellEnded($0) },
        finished: { [unowned self] in householdLeft() }))
    linkHook()
    openManagement()
    houseDueAt = MonotonicClock.now() + SupervisorLimits.housePatience
    putHouseInOrder()
  }

  /// Shows the menu on every terminal, and starts the others.
  func openHouse() {
    guard houseDueAt != nil else { return }
    houseDueAt = nil
    for name in Household.Name.consoles { openConsole(name) }
    openPage()
    putHouseInOrder()
  }

  /// The terminal that a console is for; nil: there is none of that number.
  func device(_ name: Household.Name) -> String? {
    zip(Household.Name.consoles, options.consoles).first { $0.0 == name }?.1
  }

  /// Shows the menu on a terminal.
  func openConsole(_ name: Household.Name) {
    guard let device = device(name) else { return }
    do throws(SystemError) {
      // A port without hardware has a file all the same.
      _ = try Descriptor.open(device, O_RDWR | O_NOCTTY | O_NONBLOCK)
    } catch {
      return log.write(.error, "supervise", "no menu on \(device): \(error)")
    }
    var recipe = role(name, user: 7_108)
    recipe.terminal = device
    household?.set(name, recipe)
  }

  /// A role in this binary, without privileges.
  func role(_ name: Household.Name, user: UInt32) -> Household.Recipe {
    var process = ProcessSpecification(arguments: ["ztbd", "role", name.rawValue])
    process.user = user
    process.capabilities = []
    process.noNewPrivileges = true
    process.newSession = true
    return Household.Recipe(process: process, isRole: true)
  }

  /// A role in the binary that speaks HTTP; nil where it is not installed. It stands back for
  /// those that keep the network up.
  func netRole(_ name: Household.Name, user: UInt32) -> Household.Recipe? {
    guard let program = SupervisedPrograms.net else { return nil }
    var recipe = role(name, user: user)
    recipe.process.program = program
    recipe.process.arguments[0] = "ztbd-net"
    recipe.process.niceness = 10
    return recipe
  }

  /// Brings the household into the state of the plan, after each change of it.
  func putHouseInOrder() {
    guard !isStopping else { return }
    writeNameServers()
    // With its address the roles begin, or begin anew.
    household?.set(.wanDHCP, wanClient)
    guard houseDueAt == nil else { return }
    household?.set(.clock, clockKeeper)
    household?.set(.lldp, neighbourWatch)
    introduce(.lldp)
    household?.set(.checks, pathWatch)
    configurePaths()
    if !options.isUnmanaged {
      var agent = netRole(.agent, user: 7_105)
      agent?.process.resolverFile = resolverFile
      household?.set(.agent, agent)
      configureAgent()
    }
  }

  private var neighbourWatch: Household.Recipe? {
    guard plan.isPair else {
      watch.neighbour = ""
      watch.neighbourMAC = nil
      watch.isLinkDirect = false
      return nil
    }
    var recipe = role(.lldp, user: 7_109)
    recipe.process.capabilities = [.netRaw]
    return recipe
  }

  private var wanClient: Household.Recipe? {
    let wan = plan.given.wan
    guard wan.mode == .dhcp, hasNetwork else {
      if lease != nil || heldLease != nil { leaseChanged(nil) }
      return nil
    }
    return helper(.wanDHCP) { () throws(ProgramAbsent) in
      try HelperPrograms.leaseClient(
        on: wan.interface, hook: hookPath, hostName: gatewayName.isEmpty ? nil : gatewayName)
    }
  }

  /// A program of the system; nil, and a note, where it is not installed.
  func helper(
    _ name: Household.Name, _ make: () throws(ProgramAbsent) -> ProcessSpecification
  ) -> Household.Recipe? {
    do throws(ProgramAbsent) {
      return Household.Recipe(process: try make(), isRole: false)
    } catch {
      note("\(name.rawValue).absent", "\(name.rawValue) cannot run", "\(error)")
      return nil
    }
  }

  // MARK: Roles of the household

  private func introduce(_ name: Household.Name) {
    switch name {
    case .agent:
      configureAgent(again: true)
      fetchAgain()
    case .web:
      household?.send(
        .configure(
          .web(
            WebConfiguration(address: "\(ManagementNamespace.address.address)", hosts: []))),
        to: name)
    case .console, .secondConsole, .thirdConsole:
      let configuration = ConsoleConfiguration(
        idleLimitSeconds: SupervisorLimits.consoleIdleSeconds)
      household?.send(.configure(.console(configuration)), to: name)
    case .lldp:
      guard let port = plan.given.ha?.port else { return }
      household?.send(
        .configure(
          .neighbour(
            NeighbourConfiguration(
              port: port, systemName: gatewayName,
              description: "ZT Branch \(RunningSoftware.version)"))),
        to: name)
    case .checks: configurePaths()
    case .probe: configureProbe()
    case .managementDHCP, .wanDHCP, .clock, .lanDHCP, .lanRelay: break
    }
  }

  private func receivedHouse(_ report: Report, from name: Household.Name) {
    switch report {
    case .ready:
      household?.becameReady(name)
      if name == .probe { probeReady() }
    case .refused(let reason):
      note("config.refused", "\(name.rawValue) refused its configuration", reason)
      // The drill goes on: `vrrp` measures its own gap.
      if name == .probe { probeReady() }
    case .log(let level, let text): log.write(level, name.rawValue, text)
    case .event(let event): note(event.kind, event.text, event.cause)
    case .agent(let report) where name == .agent: receivedAgent(report)
    case .control(let request, let line) where name != .agent:
      handle(line: line, from: .panel(name, request))
    case .neighbour(let text, let mac) where name == .lldp:
      watch.neighbour = text
      watch.neighbourMAC = mac
    case .paths(let results) where name == .checks: receivedPaths(results)
    case .probe(let report) where name == .probe: probeReported(report)
    case .vrrp, .sync, .policy, .agent, .control, .neighbour, .paths, .probe:
      complain(name.rawValue)
    }
  }

  // MARK: Leases

  /// What the DHCP client's hook says.
  func leaseReported(_ request: ControlRequest, _ client: ControlClient) {
    guard let environment = request.lease, client.isLeaseHook else {
      return refuse(client, "wan lease: for the hook of the DHCP client only")
    }
    let wan = plan.given.wan
    guard wan.mode == .dhcp, environment["interface"] == wan.interface else {
      return refuse(client, "wan lease: not asked for on this interface")
    }
    answer(client, ControlAnswer(done: true, ""))
    switch LeaseEvent(environment: environment) {
    case .bound, .renew:
      do throws(WANLeaseProblem) {
        let new = try WANLease(environment: environment)
        let now = MonotonicClock.now()
        let isHeld = now < leaseHoldsUntil && new.differs(from: lease)
        let end = now + .seconds(Int(new.seconds))
        if isHeld { heldLease = (new, end) } else { use(new, until: end) }
      } catch { log.write(.error, "wan-dhcp", "\(error)") }
    case .deconfig:
      heldLease = nil
      // Also said at each start of the client, which asks for the same address again.
      guard lease != nil else { return }
      leaseGivenUpAt = leaseGivenUpAt ?? MonotonicClock.now() + SupervisorLimits.leaseGrace
    case .nak, .leasefail, nil: break
    }
  }

  private func use(_ new: WANLease, until end: Instant) {
    heldLease = nil
    leaseEndsAt = end
    leaseGivenUpAt = nil
    leaseChanged(new)
  }

  /// When ``expireLease(at:)`` is due.
  var leaseDeadline: Instant? {
    heldLease == nil ? [leaseEndsAt, leaseGivenUpAt].compactMap { $0 }.min() : leaseHoldsUntil
  }

  /// A lease has ended without another, or the one that was held is due.
  func expireLease(at now: Instant) {
    guard let deadline = leaseDeadline, deadline <= now else { return }
    if let held = heldLease { use(held.lease, until: held.end) } else { leaseChanged(nil) }
  }

  func leaseChanged(_ new: WANLease?) {
    if new == nil {
      leaseEndsAt = nil
      leaseGivenUpAt = nil
      heldLease = nil
    }
    let old = lease
    lease = new
    guard new?.differs(from: old) ?? (old != nil) else { return }
    leaseHoldsUntil = MonotonicClock.now() + SupervisorLimits.leaseGap
    let text = new.map { "\($0.address)" } ?? "no address"
    note("wan.lease", "\(plan.given.wan.interface) has \(text)", "DHCP")
    let fresh = Plan(plan.given, lease: new)
    if fresh.document == plan.document && fresh.leaseFaults == plan.leaseFaults {
      writeNameServers()
      household?.set(.clock, clockKeeper)
      serveLANs()
    } else {
      put(fresh)
    }
  }

  // MARK: Names

  /// The name servers in use: those of the document, else what DHCP told.
  var nameServers: [IPv4Address] {
    plan.given.wan.dns.isEmpty ? lease?.dns ?? [] : plan.given.wan.dns
  }

  var resolverFile: String { options.runDirectory + "/resolv.conf" }

  /// The DHCP client's hook: this program under another name, beside the control socket.
  private var hookPath: String { options.runDirectory + "/ztb-lease" }

  private func linkHook() {
    unsafe unlink(hookPath)
    guard let own = SupervisedPrograms.own, unsafe symlink(own, hookPath) == 0 else {
      return log.write(.error, "supervise", "\(hookPath) cannot be made; no DHCP on the WAN")
    }
  }

  private func writeNameServers() {
    do throws(SystemError) {
      try ResolverFile(path: resolverFile).write(servers: nameServers)
    } catch { log.write(.error, "supervise", "\(error)") }
  }
}

/// Programs that are started beside this one.
enum SupervisedPrograms {
  /// The file of this program; nil when it was replaced meanwhile.
  static let own: String? = {
    var buffer = [CChar](repeating: 0, count: 4_096)
    let count = unsafe readlink("/proc/self/exe", &buffer, 4_095)
    guard count > 0 else { return nil }
    return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }()

  /// `ztbd-net`; nil when it is not there.
  static let net: String? = beside("ztbd-net").flatMap { unsafe access($0, X_OK) == 0 ? $0 : nil }

  /// `ztbd-ha`, there or not: a pair without it is broken, and each start of a role says so.
  static let ha: String? = beside("ztbd-ha")

  /// A name in the directory of this program.
  private static func beside(_ name: String) -> String? {
    guard let own, let slash = own.lastIndex(of: "/") else { return nil }
    return String(own[...slash]) + name
  }
}
