import Configuration
import FoundationEssentials
import Linux
import Messages
import Policy
import Store
import Testing
import Wire

@testable import Roles

/// A supervisor of which nothing runs, in a directory of its own.
final class SupervisorBench {
  let directory: String
  let supervisor: Supervisor

  init(_ plan: Plan) throws {
    directory =
      FileManager.default.temporaryDirectory.path + "/ztb-supervisor-\(UUID().uuidString)"
    try FileManager.default.createDirectory(
      atPath: directory, withIntermediateDirectories: true)
    var options = SupervisorOptions()
    options.stateDirectory = directory
    options.runDirectory = directory
    supervisor = try Supervisor(
      options, plan, log: LogWriter(directory: directory, echoes: false),
      store: try Store(directory: directory), run: try RunDirectory(directory) { _ in })
  }

  deinit {
    // What is left in the directory for temporary files harms nobody.
    try? FileManager.default.removeItem(atPath: directory)
  }

  /// The texts of the events so far.
  func events() throws -> [String] { try supervisor.store.events(limit: 100).map(\.text) }
}

@Suite struct DrillTests {
  private let departure = ProbeReport(isArrival: false, outage: .milliseconds(30), lost: 29)
  private let arrival = ProbeReport(isArrival: true, outage: .milliseconds(9), lost: 1)
  private let seen = ["10.1.0.1 on ge2 went to the other node", "10.1.0.1 on ge2 came back"]

  /// A drill that has come to `phase`, with 7 as the number of its request.
  private func bench(_ phase: DrillRun.Phase) throws -> SupervisorBench {
    let bench = try SupervisorBench(Plan(try NodeNetworkTests.document()))
    var run = DrillRun(
      .socket(1), isDry: false, request: 7,
      deadline: MonotonicClock.now() + SupervisorLimits.drillPatience)
    run.phase = phase
    bench.supervisor.drill = run
    return bench
  }

  @Test("the role is back before the address: the drill waits for the probe's word")
  func returns() throws {
    let bench = try bench(.moving)
    bench.supervisor.probeReported(departure)
    let isOurs = bench.supervisor.drillAnswered(7, done: true, "the role came back")
    let goesOn = bench.supervisor.drill != nil
    #expect(isOurs && goesOn)
    bench.supervisor.probeReported(arrival)
    let isOver = bench.supervisor.drill == nil
    #expect(isOver)
    #expect(try bench.events() == seen + ["drill done"])
  }

  @Test("a probe that says nothing of the return holds the drill up for a second")
  func silent() throws {
    let bench = try bench(.moving)
    bench.supervisor.probeReported(departure)
    _ = bench.supervisor.drillAnswered(7, done: true, "the role came back")
    let due = try #require(bench.supervisor.drill?.due)
    #expect(due <= MonotonicClock.now() + SupervisorLimits.arrivalPatience)
    bench.supervisor.expireDrill(at: due)
    let isOver = bench.supervisor.drill == nil
    #expect(isOver)
    #expect(try bench.events() == [seen[0], "drill done"])
  }

  @Test(
    "a drill that failed, or that no probe saw, is over with the answer", arguments: [true, false])
  func over(isDone: Bool) throws {
    let bench = try bench(.moving)
    if !isDone { bench.supervisor.probeReported(departure) }
    _ = bench.supervisor.drillAnswered(7, done: isDone, "")
    let isOver = bench.supervisor.drill == nil
    #expect(isOver)
  }

  @Test("a probe that does not start holds the drill up for two seconds")
  func probeAbsent() throws {
    let bench = try bench(.asking)
    _ = bench.supervisor.drillAnswered(7, done: true, "a drill would be done")
    let due = try #require(bench.supervisor.drill?.due)
    #expect(due <= MonotonicClock.now() + SupervisorLimits.probePatience)
    bench.supervisor.expireDrill(at: due)
    let run = try #require(bench.supervisor.drill)
    guard case .moving = run.phase else {
      Issue.record("the role does not move")
      return
    }
    #expect(run.request != 7)
  }
}

@Suite struct LeaseReportTests {
  /// A report on the WAN port of a box in the carton; `changes` replace parts of it.
  private func report(_ changes: [String: String] = [:]) -> ControlRequest {
    var request = ControlRequest(.lease)
    request.lease = [
      "event": "bound", "interface": Profile.all[0].wanPort, "ip": "203.0.113.15", "mask": "24",
      "router": "203.0.113.254", "dns": "1.1.1.1", "lease": "3600",
    ].merging(changes) { $1 }
    return request
  }

  /// A box in the carton that has a lease.
  private func bench() throws -> SupervisorBench {
    let lease = try WANLease(environment: report().lease ?? [:])
    let bench = try SupervisorBench(Plan(.factory(Profile.all[0]), lease: lease))
    bench.supervisor.lease = lease
    return bench
  }

  @Test("a lease on another interface, or where the WAN is static, is not taken")
  func elsewhere() throws {
    let bench = try bench()
    let before = bench.supervisor.lease
    bench.supervisor.leaseReported(
      report(["interface": "xx9", "dns": "9.9.9.9"]), .leaseHook(1))
    #expect(bench.supervisor.lease == before)
    let fixed = try SupervisorBench(Plan(try NodeNetworkTests.document()))
    let port = fixed.supervisor.plan.given.wan.interface
    fixed.supervisor.leaseReported(report(["interface": port]), .leaseHook(1))
    #expect(fixed.supervisor.lease == nil)
  }

  @Test("a change soon after the last waits, and is forgotten when the lease is the old one again")
  func held() throws {
    let bench = try bench()
    let supervisor = bench.supervisor
    supervisor.leaseReported(report(["dns": "9.9.9.9"]), .leaseHook(1))
    #expect(supervisor.lease?.dns == [IPv4Address(9, 9, 9, 9)])
    supervisor.leaseReported(report(["dns": "8.8.8.8"]), .leaseHook(2))
    #expect(supervisor.lease?.dns == [IPv4Address(9, 9, 9, 9)])
    let due = try #require(supervisor.leaseDeadline)
    #expect(due == supervisor.leaseHoldsUntil)
    supervisor.expireLease(at: due)
    #expect(supervisor.lease?.dns == [IPv4Address(8, 8, 8, 8)])
    supervisor.leaseReported(report(), .leaseHook(3))
    supervisor.leaseReported(report(["dns": "8.8.8.8"]), .leaseHook(4))
    let isHeld = supervisor.heldLease != nil
    #expect(!isHeld)
    #expect(try bench.events().count == 2)
  }
}

@Suite struct ParkingTests {
  @Test("what was installed is parked on the partition that its installer still has")
  func parked() throws {
    let bench = try SupervisorBench(Plan(.factory(Profile.all[0])))
    let entries = bench.directory + "/esp/EFI/Linux"
    try FileManager.default.createDirectory(
      atPath: entries, withIntermediateDirectories: true)
    try Files.replace(entries + "/ztb_1.1.0+3.efi", with: [UInt8(1)])
    bench.supervisor.software.record = UpdateRecord(
      status: UpdateStatus(version: "1.1.0", state: .installed), source: "/tmp/x.ztb")
    // There is no other way to the partition here, as there is none beside the installer's mount.
    bench.supervisor.setParked(in: try BootPartition(slots: bench.directory))
    #expect(Directory.names(entries) == ["ztb_1.1.0+0.efi"])
  }
}

@Suite(.enabled(if: OwnNamespace.isAllowed, "\(OwnNamespace.reason)"))
struct AddressReturnTests {
  private func hasLinkLocal() throws -> Bool {
    let socket = try RouteSocket()
    let names = Dictionary(
      try socket.links().map { ($0.index, $0.name) }, uniquingKeysWith: { $1 })
    return try socket.addresses(names).contains {
      $0.spec.isVirtual && $0.spec.address.address.isLinkLocal
    }
  }

  @Test("an interface that was lowered without a change of role has its link-local address again")
  func returns() throws {
    try OwnNamespace.run {
      try OwnNamespace.makePorts("ge1", "ge2", "ge3", "ge4")
      let bench = try SupervisorBench(Plan(try NodeNetworkTests.document6()))
      let supervisor = bench.supervisor
      supervisor.renewNetwork(supervisor.plan)
      #expect(supervisor.networkFaults == [])
      try supervisor.watchNetwork()
      try OwnNamespace.command("ip", "link", "set", "vr6-ge2-77", "up")
      try OwnNamespace.command("ip", "link", "set", "vr6-ge2-77", "down")
      #expect(try !hasLinkLocal())
      try supervisor.reactor.turn(timeoutMilliseconds: 1_000)
      let due = try #require(supervisor.networkRepairAt)
      #expect(due < MonotonicClock.now() + .seconds(1))
      supervisor.repairNetwork(at: due)
      #expect(try hasLinkLocal())
      #expect(bench.supervisor.network.remove() == [])
    }
  }
}

@Suite(.enabled(if: OwnNamespace.isAllowed, "\(OwnNamespace.reason)"))
struct PolicyApplyTests {
  private func request(_ policy: String, within seconds: Int? = nil) -> ControlRequest {
    var request = ControlRequest(.policyApply)
    request.document = policy
    request.confirmWithinSeconds = seconds
    return request
  }

  @Test("a policy takes the place of the one in force by the change of any document, or not at all")
  func apply() throws {
    let policy = """
      {"schema": 1, "version": 2, "zones": {"lan": {"ports": ["ge2"]}},
       "defaults": {"action": "deny"}}
      """
    try OwnNamespace.run {
      try OwnNamespace.makePorts("ge1", "ge2", "ge3", "ge4")
      let given = try NodeNetworkTests.document()
      let bench = try SupervisorBench(Plan(given))
      let supervisor = bench.supervisor
      for (refused, seconds) in [
        ("[]", nil), ("{", nil), (policy, 0),
        // Other rules under one epoch, and a port that is not there.
        (policy.replacing("\"version\": 2", with: "\"version\": 256"), nil),
        (policy.replacing("ge2", with: "ge7"), nil),
      ] {
        supervisor.handle(request(refused, within: seconds), from: .socket(1))
        #expect(supervisor.plan.given == given)
        let isChanging = supervisor.change != nil
        #expect(!isChanging, "\(refused)")
      }
      supervisor.handle(request(policy, within: 60), from: .socket(1))
      let changed = supervisor.plan.given
      #expect(changed.policy.version == 2 && changed.policy.zones.map(\.name) == ["lan"])
      #expect(changed.ha == given.ha && changed.routes == given.routes)
      #expect(supervisor.change?.terms.confirmWithinSeconds == 60)
      #expect(try bench.events().last == "configuration 1 applied")
      supervisor.handle(ControlRequest(.configRollback), from: .socket(2))
      #expect(supervisor.plan.given == given)
      // What was taken back cannot come again with other rules.
      let other = policy.replacing("\"lan\"", with: "\"inside\"")
      supervisor.handle(request(other), from: .socket(1))
      #expect(supervisor.plan.given == given)
    }
  }
}
