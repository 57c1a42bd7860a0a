import CLinux
import Linux
import Netlink
import Testing
import Wire

@testable import Roles
@testable import SessionSync

/// A table in a namespace of its own, and what it delivered.
final class TableFixture {
  let reactor: Reactor
  private(set) var events: [SyncEvent] = []
  private var table: KernelTable?

  init() throws {
    reactor = try Reactor()
    try Files.set("/proc/sys/net/netfilter/nf_conntrack_events", "1")
    table = try KernelTable(
      reactor, deliver: { [unowned self] in events.append($0) },
      failed: { Issue.record("\($0)") })
  }

  /// Makes changes and returns what was refused.
  func install(_ operations: [Installation]) -> [InstallFailure] {
    table?.install(InstallBatch(id: 1, operations: operations))
    #expect(table?.readEvents() == true)
    for case .installed(let report) in takeEvents() { return report.failures }
    Issue.record("no report")
    return []
  }

  /// Whether new and changed entries are reported.
  func watchChanges(_ isWanted: Bool) { table?.watchChanges(isWanted) }

  /// Everything in the kernel's table.
  func dump() throws -> [Flow] {
    table?.startDump(withExpectations: true)
    let limit = MonotonicClock.now() + .seconds(2)
    while MonotonicClock.now() < limit, !events.contains(where: \.isDumpEnd) {
      try reactor.turn(timeoutMilliseconds: 10)
    }
    var flows: [Flow] = []
    for case .flowDumped(let event) in events { flows.append(event.flow) }
    return flows
  }

  /// The answer to a question.
  func ask(_ tuple: FlowTuple) -> SyncEvent? {
    table?.ask(tuple)
    table?.flush()
    return readEvents().first
  }

  /// What the kernel has reported since the last call.
  func readEvents() -> [SyncEvent] {
    #expect(table?.readEvents() == true)
    return takeEvents()
  }

  /// What was delivered since the last call.
  func takeEvents() -> [SyncEvent] {
    defer { events = [] }
    return events
  }
}

extension SyncEvent {
  fileprivate var isDumpEnd: Bool {
    if case .dumpEnded(let complete) = self { return complete }
    return false
  }
}

private let client = FlowAddress(IPv4Address(10, 1, 0, 10))
private let server = FlowAddress(IPv4Address(198, 51, 100, 7))
private let gateway = FlowAddress(IPv4Address(203, 0, 113, 1))

private func tcp(_ port: UInt16) -> Flow {
  var flow = Flow(
    tuple: FlowTuple(
      transport: .tcp, source: client, destination: server, sourcePort: port, destinationPort: 21))
  flow.sourceNAT = Translation(address: gateway, port: port + 1)
  flow.status = [.seenReply, .assured]
  flow.mark = 7
  flow.tcp = TCPTracking(
    state: .established, originalScale: 7, replyScale: 9, originalFlags: [.windowScale],
    replyFlags: [.windowScale, .selectiveAcknowledgement, .maximumAcknowledged])
  flow.originalAdjustment = SequenceAdjustment(position: 5, before: 0, after: -2)
  flow.replyAdjustment = SequenceAdjustment(position: 0, before: 0, after: 0)
  return flow
}

private func ping(_ id: UInt16) -> Flow {
  var flow = Flow(
    tuple: FlowTuple(
      transport: .icmp, source: client, destination: server, sourcePort: id,
      destinationPort: 8 << 8))
  flow.sourceNAT = Translation(address: gateway, port: id + 100)
  flow.status = .seenReply
  return flow
}

@Suite(
  "The kernel's table", .serialized,
  .enabled(if: OwnNamespace.isAllowed, "\(OwnNamespace.reason)"))
struct KernelTableTests {
  @Test("what was made is what the kernel shows, translated and lenient about windows")
  func create() throws {
    try OwnNamespace.run {
      let fixture = try TableFixture()
      var flow = tcp(1_000)
      #expect(fixture.install([.create(flow, timeoutSeconds: 600)]).isEmpty)
      let shown = try #require(try fixture.dump().first)
      #expect(shown.status.contains([.confirmed, .seenReply, .assured, .sourceNAT]))
      #expect((595...600).contains(shown.timeoutSeconds))
      flow.tcp?.originalFlags = [.windowScale, .liberal]
      flow.tcp?.replyFlags = [.windowScale, .selectiveAcknowledgement, .liberal]
      flow.status = shown.status
      flow.timeoutSeconds = shown.timeoutSeconds
      flow.id = shown.id
      #expect(shown == flow)
    }
  }

  @Test("the identifier of a translated ping is kept")
  func identifier() throws {
    try OwnNamespace.run {
      let fixture = try TableFixture()
      #expect(fixture.install([.create(ping(5), timeoutSeconds: 30)]).isEmpty)
      #expect(try fixture.dump().first?.sourceNAT == ping(5).sourceNAT)
    }
  }

  @Test("a refusal names its operation, and the operations behind it are done")
  func refusals() throws {
    try OwnNamespace.run {
      let fixture = try TableFixture()
      let (first, missing, last) = (tcp(1_000), tcp(2_000), tcp(3_000))
      let failures = fixture.install([
        .create(first, timeoutSeconds: 600), .create(first, timeoutSeconds: 600),
        .update(missing, timeoutSeconds: 600), .delete(missing.tuple),
        .create(last, timeoutSeconds: 600),
      ])
      #expect(failures.map(\.refusal) == [.exists, .missing, .missing])
      #expect(failures.last?.operation == .delete(missing.tuple))
      #expect(try fixture.dump().count == 2)
    }
  }

  @Test("windows are made strict, and an occupied reply tuple is freed")
  func repair() throws {
    try OwnNamespace.run {
      let fixture = try TableFixture()
      let flow = tcp(1_000)
      _ = fixture.install([.create(flow, timeoutSeconds: 600)])
      #expect(fixture.install([.makeStrict(flow.tuple, timeoutSeconds: 90)]).isEmpty)
      let strict = try #require(try fixture.dump().first)
      #expect(strict.tcp?.originalFlags.contains(.liberal) == false)
      #expect(strict.tcp?.state == .established && strict.timeoutSeconds <= 90)
      let reply = try #require(flow.reply)
      #expect(fixture.install([.deleteReply(reply)]).isEmpty)
      _ = fixture.takeEvents()
      #expect(try fixture.dump().isEmpty)
    }
  }

  @Test("own changes are not reported, those of others are")
  func echo() throws {
    try OwnNamespace.run {
      let fixture = try TableFixture()
      _ = fixture.install([.create(tcp(1_000), timeoutSeconds: 600)])
      #expect(fixture.readEvents().isEmpty)
      let other = try TableFixture()
      _ = other.install([.delete(tcp(1_000).tuple)])
      guard case .flowChanged(let event) = fixture.readEvents().first else {
        Issue.record("no report")
        return
      }
      #expect(event.change == .destroyed)
      #expect(event.flow.tuple == tcp(1_000).tuple)
    }
  }

  @Test("new and changed entries are reported while they are wanted, the end of one always")
  func watching() throws {
    try OwnNamespace.run {
      let (fixture, other) = (try TableFixture(), try TableFixture())
      func changes(_ port: UInt16) -> [FlowChange] {
        let flow = tcp(port)
        _ = other.install([
          .create(flow, timeoutSeconds: 600), .update(flow, timeoutSeconds: 700),
          .delete(flow.tuple),
        ])
        return fixture.readEvents().compactMap { event in
          if case .flowChanged(let report) = event { report.change } else { nil }
        }
      }
      #expect(changes(1_000) == [.destroyed])
      fixture.watchChanges(true)
      #expect(changes(2_000) == [.new, .updated, .destroyed])
      fixture.watchChanges(false)
      #expect(changes(3_000) == [.destroyed])
    }
  }

  @Test("a question is answered with what events never tell, or with absence")
  func questions() throws {
    try OwnNamespace.run {
      let fixture = try TableFixture()
      let flow = tcp(1_000)
      _ = fixture.install([.create(flow, timeoutSeconds: 600)])
      guard case .flowAnswered(let answer) = fixture.ask(flow.tuple) else {
        Issue.record("no answer")
        return
      }
      #expect(answer.flow.originalAdjustment == flow.originalAdjustment)
      guard case .flowAbsent(let absent) = fixture.ask(tcp(9).tuple) else {
        Issue.record("no answer")
        return
      }
      #expect(absent.sourcePort == 9)
    }
  }
}
