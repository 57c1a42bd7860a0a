import Glibc
import Linux
import Messages
import Testing
import Wire

@testable import Roles

/// Answers of roles to their configurations, from a process that writes them.
@Suite struct RoleProcessTests {
  private static let configuration = Command.configure(
    .policy(PolicyConfiguration(document: [], appliedHash: [])))

  /// A role that answers once, that it is ready, and then stays.
  private func role(
    _ reactor: Reactor, received: @escaping (Report) -> Void
  ) throws -> RoleProcess {
    let octets = Report.ready.encoded.map { "\\x" + Hexadecimal.text([$0]) }.joined()
    return try RoleProcess(
      ProcessSpecification(
        program: "/bin/bash", arguments: ["bash", "-c", "printf '\(octets)' >&3; sleep 20"]),
      reactor, received: received, ended: { _ in })
  }

  @Test("an answer to a configuration that another has followed settles nothing")
  func late() throws {
    let bench = try SupervisorBench(Plan(try NodeNetworkTests.document()))
    let supervisor = bench.supervisor
    let reactor = try Reactor()
    var reports: [Report] = []
    let role = try role(reactor) { report in
      reports.append(report)
      supervisor.received(report, from: .policy)
    }
    defer { role.child.signal(SIGKILL) }
    supervisor.processes[.policy] = role
    // Of the change before, which was taken back, and of the one that is on its way.
    for _ in 0..<2 { #expect(role.send(Self.configuration)) }
    supervisor.change = ConfigurationChange(
      previous: supervisor.plan, number: 1, terms: ChangeTerms(), client: .socket(1), verb: "test",
      phase: .settling([.policy], deadline: MonotonicClock.now() + .seconds(60)))
    var turns = 0
    while reports.isEmpty, turns < 500 {
      try reactor.turn(timeoutMilliseconds: 20)
      turns += 1
    }
    #expect(reports == [.ready] && role.unanswered == 1)
    guard case .settling([.policy], _)? = supervisor.change?.phase else {
      Issue.record("settled by an old answer")
      return
    }
    // Nor does a refusal of then end it.
    supervisor.received(.refused(reason: "old"), from: .policy)
    #expect(supervisor.change != nil)
  }

  @Test("the answer to the last configuration settles the change")
  func inTime() throws {
    let bench = try SupervisorBench(Plan(try NodeNetworkTests.document()))
    let supervisor = bench.supervisor
    let reactor = try Reactor()
    let role = try role(reactor) { supervisor.received($0, from: .policy) }
    defer { role.child.signal(SIGKILL) }
    supervisor.processes[.policy] = role
    #expect(role.send(Self.configuration))
    supervisor.change = ConfigurationChange(
      previous: supervisor.plan, number: 1, terms: ChangeTerms(), client: nil, verb: "test",
      phase: .settling([.policy], deadline: MonotonicClock.now() + .seconds(60)))
    var turns = 0
    while role.unanswered > 0, turns < 500 {
      try reactor.turn(timeoutMilliseconds: 20)
      turns += 1
    }
    guard case .settling([], _)? = supervisor.change?.phase else {
      Issue.record("not settled")
      return
    }
  }
}
