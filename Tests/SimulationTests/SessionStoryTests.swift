import Netlink
import SessionSync
import Simulation
import Testing
import Wire

@Suite("Session synchronisation, story by story")
struct SessionStoryTests {
  @Test("a bulk carries the whole table, and both sides are ready")
  func bulk() {
    let pair = SessionPair.settled(flows: (0..<500).map { Sample.tcp($0) })
    #expect(pair.tablesAgree(active: 0))
    #expect(pair.nodes[1].kernel.entries.count == 500)
    #expect(pair.status(0).isReady && pair.status(1).isReady)
    #expect(pair.status(0).digest == pair.status(1).digest)
    #expect(pair.status(1).bulk == .complete)
    #expect(pair.nodes[1].kernel.refusals == 0)
  }

  @Test("both nodes learn counts and digests of a comparison")
  func comparison() throws {
    let pair = SessionPair.settled(flows: (0..<5).map { Sample.tcp($0) })
    let sender = try #require(pair.status(0).comparison)
    let receiver = try #require(pair.status(1).comparison)
    #expect(sender.agrees && receiver.agrees)
    #expect(sender.ownFlows == 5 && sender.peerFlows == 5)
    #expect(sender.ownDigest == receiver.ownDigest)
  }

  @Test("live changes follow: new, state, end")
  func live() {
    var pair = SessionPair.settled()
    pair.nodes[0].kernel.carry(Sample.tcp(1, .synSent), at: pair.now)
    pair.run(.milliseconds(50))
    #expect(pair.nodes[1].kernel.entries.isEmpty, "a half-open connection is not sent")
    pair.nodes[0].kernel.carry(Sample.tcp(1), parts: [.status, .timeout, .tcp], at: pair.now)
    pair.run(.milliseconds(50))
    #expect(pair.tablesAgree(active: 0))
    pair.nodes[0].kernel.carry(Sample.tcp(1, .finWait), parts: [.timeout, .tcp], at: pair.now)
    pair.run(.milliseconds(50))
    #expect(pair.tablesAgree(active: 0))
    pair.nodes[0].kernel.destroy(Sample.key(1))
    pair.run(.milliseconds(50))
    #expect(pair.nodes[1].kernel.entries.isEmpty)
  }

  @Test("an update of an unknown TCP flow is completed by asking the kernel")
  func partial() {
    var pair = SessionPair.settled()
    pair.nodes[0].kernel.carry(Sample.tcp(1), at: pair.now)
    pair.nodes[0].kernel.clearEvents()
    var marked = Sample.tcp(1)
    marked.mark = 7
    pair.nodes[0].kernel.carry(marked, parts: .mark, at: pair.now)
    pair.run(.milliseconds(100))
    #expect(pair.tablesAgree(active: 0))
    #expect(pair.nodes[1].kernel.entries[Sample.key(1)]?.flow.tcp?.originalScale == 7)
  }

  @Test("a slow link: the latest state wins, what came and went unsent is never sent")
  func coalescing() {
    var pair = SessionPair.settled()
    pair.bandwidth = 64
    let before = pair.status(0).counters.sent
    for round in 0..<200 {
      for n in 0..<4 {
        pair.nodes[0].kernel.carry(
          Sample.tcp(n, round % 2 == 0 ? .established : .finWait), parts: [.tcp, .timeout],
          at: pair.now)
        pair.nodes[0].kernel.carry(Sample.tcp(100 + n), at: pair.now)
        pair.nodes[0].kernel.destroy(Sample.key(100 + n))
      }
      pair.run(.milliseconds(10))
    }
    pair.bandwidth = 1 << 20
    pair.run(.seconds(1))
    #expect(pair.tablesAgree(active: 0))
    #expect(pair.status(0).counters.sent - before < 700)
    #expect(pair.status(0).counters.coalesced > 1_000)
  }

  @Test("the same key again, with another translation: the entry is made anew")
  func tupleReuse() {
    var pair = SessionPair.settled(flows: [Sample.tcp(1)])
    pair.nodes[0].kernel.destroy(Sample.key(1))
    var again = Sample.tcp(1)
    again.sourceNAT?.port = 4_321
    pair.nodes[0].kernel.carry(again, at: pair.now)
    pair.run(.milliseconds(100))
    #expect(pair.tablesAgree(active: 0))
  }

  @Test("a connection never becomes younger: delete and create, not update")
  func backward() {
    var pair = SessionPair.settled(flows: [Sample.tcp(1, .timeWait)])
    pair.nodes[0].kernel.destroy(Sample.key(1))
    pair.nodes[0].kernel.carry(Sample.tcp(1, .synReceived), at: pair.now)
    pair.run(.milliseconds(100))
    #expect(pair.tablesAgree(active: 0))
    #expect(pair.nodes[1].kernel.refusals == 0)
  }

  @Test("a short cut is resumed without a bulk, also what was lost on the way")
  func resume() {
    var pair = SessionPair.settled(flows: (0..<100).map { Sample.tcp($0) })
    for n in 0..<20 { pair.nodes[0].kernel.destroy(Sample.key(n)) }
    for n in 200..<220 { pair.nodes[0].kernel.carry(Sample.tcp(n), at: pair.now) }
    pair.bandwidth = 300
    pair.run(.milliseconds(30))
    pair.cut()
    pair.bandwidth = 1 << 20
    for n in 20..<40 { pair.nodes[0].kernel.destroy(Sample.key(n)) }
    pair.nodes[0].kernel.carry(Sample.tcp(5), at: pair.now)
    pair.run(.seconds(1))
    pair.connect()
    pair.run(.seconds(1))
    #expect(pair.tablesAgree(active: 0))
    #expect(pair.status(1).counters.resumed == 1)
    #expect(pair.status(1).counters.bulks == 1)
    #expect(pair.status(1).isReady && pair.status(0).isReady)
  }

  @Test("a bulk that is cut off sweeps nothing; the next one does")
  func abortedBulk() {
    var pair = SessionPair(seed: 3)
    for n in 0..<1_500 { pair.nodes[0].kernel.carry(Sample.tcp(n), at: pair.now) }
    for n in 5_000..<5_100 { pair.nodes[1].kernel.carry(Sample.tcp(n), at: pair.now) }
    pair.setRole(0, .active, term: 1)
    pair.run(.seconds(1))
    pair.bandwidth = 1_500
    pair.connect()
    pair.run(.milliseconds(200))
    pair.cut()
    #expect(pair.nodes[1].kernel.entries[Sample.key(5_050)] != nil)
    #expect(pair.nodes[1].kernel.entries.count > 100)
    pair.bandwidth = 1 << 20
    pair.connect()
    pair.run(.seconds(1))
    #expect(pair.tablesAgree(active: 0))
    #expect(pair.status(1).counters.swept == 100)
  }

  @Test("an active that does not know its own table yet sends nothing")
  func noHalfTable() {
    var pair = SessionPair.settled(flows: (0..<1_000).map { Sample.tcp($0) })
    pair.kill(0)
    pair.start(0)
    pair.setRole(0, .active, term: 1)
    pair.run(.milliseconds(100))
    #expect(pair.nodes[1].kernel.entries.count == 1_000)
    pair.run(.seconds(2))
    #expect(pair.tablesAgree(active: 0))
    #expect(pair.status(1).counters.swept == 0)
  }

  @Test("a standby restarted takes over its kernel's entries and sweeps the stale ones")
  func standbyRestart() {
    var pair = SessionPair.settled(flows: (0..<100).map { Sample.tcp($0) })
    pair.kill(1)
    for n in 0..<50 { pair.nodes[0].kernel.destroy(Sample.key(n)) }
    pair.run(.seconds(1))
    pair.start(1)
    pair.setRole(1, .standby, term: 1)
    pair.run(.seconds(2))
    #expect(pair.tablesAgree(active: 0))
    #expect(pair.nodes[1].kernel.entries.count == 50)
  }

  @Test("a long idle or refreshed session outlives its timeout on the standby: lease")
  func lease() {
    var pair = SessionPair.settled(flows: [Sample.datagrams(1, .icmp), Sample.tcp(2)])
    for _ in 0..<30 {
      pair.run(.seconds(10), step: .milliseconds(100))
      pair.nodes[0].kernel.refresh(Sample.key(1, .icmp), at: pair.now)
    }
    #expect(pair.nodes[1].kernel.entries.count == 2)
    #expect(pair.status(1).counters.reinstalled == 0)
    pair.run(.seconds(60), step: .milliseconds(100))
    #expect(pair.nodes[1].kernel.entries.count == 1, "its end is told like any other")
  }

  @Test("a half-closed transfer lives on: what expires on the standby is made again")
  func halfClosed() {
    var pair = SessionPair.settled(flows: [Sample.tcp(1, .closeWait, seconds: 60)])
    for _ in 0..<12 {
      pair.run(.seconds(10), step: .milliseconds(100))
      pair.nodes[0].kernel.refresh(Sample.key(1), at: pair.now)
    }
    #expect(pair.tablesAgree(active: 0))
    #expect(pair.status(1).counters.reinstalled > 0)
  }

  @Test("an entry of somebody else on either tuple gives way to the owner's record")
  func clash() {
    var pair = SessionPair.settled()
    var squatter = Sample.tcp(900)
    squatter.sourceNAT = Sample.tcp(1).sourceNAT
    pair.nodes[1].kernel.carry(squatter, at: pair.now)
    pair.nodes[1].kernel.clearEvents()
    pair.nodes[0].kernel.carry(Sample.tcp(1), at: pair.now)
    pair.run(.milliseconds(200))
    #expect(pair.nodes[1].kernel.entries[Sample.key(1)] != nil)
  }

  @Test("a full table on the standby: counted, retried, healed")
  func full() {
    var pair = SessionPair(seed: 9)
    pair.nodes[1].kernel.limit = 80
    for n in 0..<100 { pair.nodes[0].kernel.carry(Sample.tcp(n), at: pair.now) }
    pair.setRole(0, .active, term: 1)
    pair.connect()
    pair.run(.milliseconds(500))
    #expect(pair.status(1).notInstalled == 20)
    pair.nodes[1].kernel.limit = 1_000
    pair.run(.seconds(3))
    #expect(pair.tablesAgree(active: 0))
    #expect(pair.status(1).notInstalled == 0)
  }

  @Test("related flows come after their masters, whatever their order in the table")
  func related() {
    var child = Sample.tcp(1)
    child.master = Sample.key(2)
    var master = Sample.tcp(2)
    master.helper = HelperName("ftp".utf8) ?? .none
    var pair = SessionPair(seed: 4)
    // The child's entry comes first in the shadow: the dump is sorted by address.
    pair.nodes[0].kernel.carry(master, at: pair.now)
    pair.nodes[0].kernel.carry(child, at: pair.now)
    pair.nodes[0].kernel.clearEvents()
    pair.setRole(0, .active, term: 1)
    pair.connect()
    pair.run(.seconds(1))
    #expect(pair.tablesAgree(active: 0))
    #expect(pair.nodes[1].kernel.refusals == 0)
  }

  @Test("lost reports: a dump finds what came and what went")
  func overrun() {
    var pair = SessionPair.settled(flows: (0..<300).map { Sample.tcp($0) })
    pair.nodes[0].kernel.eventLimit = 10
    for n in 0..<100 { pair.nodes[0].kernel.destroy(Sample.key(n)) }
    for n in 400..<500 { pair.nodes[0].kernel.carry(Sample.tcp(n), at: pair.now) }
    pair.run(.seconds(2))
    #expect(pair.tablesAgree(active: 0))
    #expect(pair.status(0).counters.eventsLost == 1)
    // At the start, when it became active, and now.
    #expect(pair.status(0).counters.reconciliations == 3)
  }

  @Test("local flows are neither sent nor swept")
  func local() {
    let own = FlowAddress(IPv4Address(10, 200, 0, 1))
    var pair = SessionPair(
      seed: 5, filters: [SyncFilter(), SyncFilter(nodeAddresses: [own])])
    var ssh = Sample.tcp(7)
    ssh.sourceNAT = nil
    ssh.tuple.destination = own
    pair.nodes[1].kernel.carry(ssh, at: pair.now)
    for n in 0..<10 { pair.nodes[0].kernel.carry(Sample.tcp(n), at: pair.now) }
    // The active forwards a flow to the standby itself.
    var through = ssh
    through.tuple.source = FlowAddress(IPv4Address(10, 1, 0, 99))
    pair.nodes[0].kernel.carry(through, at: pair.now)
    pair.setRole(0, .active, term: 1)
    pair.connect()
    pair.run(.seconds(5))
    #expect(pair.nodes[1].kernel.entries[ssh.tuple] != nil)
    #expect(pair.nodes[1].kernel.entries[through.tuple] == nil)
    #expect(pair.nodes[1].kernel.entries.count == 11)
    #expect(pair.status(1).isReady)
  }

  @Test("an expectation follows its master, with its adjustment, and goes with it")
  func expectations() throws {
    var pair = SessionPair.settled()
    var control = Sample.tcp(1)
    control.helper = HelperName("ftp".utf8) ?? .none
    pair.nodes[0].kernel.carry(control, at: pair.now)
    pair.run(.milliseconds(50))
    let expectation = try Expectation(parsing: Sample.expectation(master: control.tuple))
    // The kernel adjusts the control connection and tells only of the expectation.
    control.originalAdjustment = SequenceAdjustment(position: 99, before: 0, after: 4)
    pair.nodes[0].kernel.carry(control, parts: .originalAdjustment, at: pair.now)
    pair.nodes[0].kernel.clearEvents()
    pair.announce(ExpectationEvent(.new, expectation), on: 0)
    pair.run(.milliseconds(100))
    #expect(pair.tablesAgree(active: 0))
    #expect(pair.nodes[1].kernel.expectations.count == 1)
    pair.announce(ExpectationEvent(.destroyed, expectation), on: 0)
    pair.run(.milliseconds(100))
    #expect(pair.nodes[1].kernel.expectations.isEmpty)
  }

  @Test("an expectation whose end was not reported goes with the next comparison")
  func lostExpectation() throws {
    var control = Sample.tcp(1)
    control.helper = HelperName("ftp".utf8) ?? .none
    var pair = SessionPair.settled(flows: [control])
    let expectation = try Expectation(parsing: Sample.expectation(master: control.tuple))
    pair.announce(ExpectationEvent(.new, expectation), on: 0)
    pair.run(.milliseconds(100))
    #expect(pair.nodes[1].kernel.expectations.count == 1)
    pair.nodes[0].kernel.set(ExpectationEvent(.destroyed, expectation))
    pair.nodes[0].kernel.eventLimit = 0
    pair.nodes[0].kernel.carry(Sample.tcp(2), at: pair.now)
    pair.run(.seconds(1))
    #expect(pair.nodes[1].kernel.expectations.isEmpty)
    #expect(pair.tablesAgree(active: 0))
  }
}
