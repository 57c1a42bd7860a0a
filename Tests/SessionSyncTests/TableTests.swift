import Netlink
import Testing
import Wire

@testable import SessionSync

@Suite("Flow table, queues and log")
struct TableTests {
  @Test("the table does what a dictionary does, under 30 000 seeded operations")
  func model() {
    var random = SeededGenerator(seed: 4)
    var table = FlowTable(seed: 77)
    var model: [FlowTuple: Int] = [:]
    for _ in 0..<30_000 {
      let tuple = key(Int.random(in: 0..<3_000, using: &random))
      #expect(table.find(tuple) == model[tuple])
      if let index = model[tuple] {
        if Bool.random(using: &random) {
          table.remove(index)
          model[tuple] = nil
        }
      } else {
        let index = table.insert(Flow(tuple: tuple), known: .all, marks: [])
        model[tuple] = index
      }
    }
    #expect(table.count == model.count)
    #expect(model.allSatisfy { table.find($0.key) == $0.value })
    #expect(table.end <= 3_000, "freed entries are used again")
  }

  @Test("keys that differ in one field only do not share hashes")
  func hashes() {
    func distinct(_ edit: (inout FlowTuple, Int) -> Void) -> Int {
      Set(
        (0..<20_000).map { n in
          var tuple = key(1)
          edit(&tuple, n)
          return tuple.mixed(seed: 11) >> 32
        }
      ).count
    }
    // Twenty thousand of 2^32 have 0.05 collisions on average.
    #expect(distinct { $0.sourcePort = UInt16($1) } >= 19_997)
    #expect(distinct { $0.destinationPort = UInt16($1) } >= 19_997)
    #expect(distinct { $0.source.low = UInt64($1) } >= 19_997)
    #expect(distinct { $0.destination.low = UInt64($1) } >= 19_997)
    #expect(distinct { $0.zone = UInt16($1) } >= 19_997)
  }

  @Test("a full table takes nothing more")
  func full() {
    var table = FlowTable(seed: 1, limit: 3)
    for n in 0..<3 {
      #expect(table.insert(Flow(tuple: key(n)), known: .all, marks: []) != nil)
    }
    #expect(table.insert(Flow(tuple: key(9)), known: .all, marks: []) == nil)
    table.remove(1)
    #expect(table.insert(Flow(tuple: key(9)), known: .all, marks: []) == 1)
  }

  @Test("a queue holds each index once, in order, and counts")
  func queue() {
    var queue = SlotQueue()
    for index in 0..<500 { #expect(queue.push(index) == true) }
    #expect(queue.push(3) == false)
    #expect(queue.count == 500)
    for index in 0..<200 { #expect(queue.pop() == index) }
    #expect(queue.push(3) == true)
    for index in 200..<500 { #expect(queue.pop() == index) }
    #expect(queue.pop() == 3)
    #expect(queue.pop() == nil)
    #expect(queue.popped == queue.pushed)
  }

  @Test("the log forgets what is acknowledged, then the oldest, and says how far")
  func log() {
    var log = DeleteLog(limit: 10)
    for n in 1...5 { log.append(key(n), sequence: UInt64(n)) }
    log.acknowledge(upTo: 2)
    #expect(log.keys(after: 0) == [key(3), key(4), key(5)])
    #expect(log.keys(after: 4) == [key(5)])
    #expect(log.forgotten == 0)
    for n in 6...40 { log.append(key(n), sequence: UInt64(n)) }
    #expect(log.count == 10)
    #expect(log.forgotten == 30)
    #expect(log.keys(after: 30) == (31...40).map { key($0) })
  }

  @Test("a batch is full at 512 operations; milestones come after all before them")
  func installer() {
    var installer = Installer()
    var actions: [SyncAction] = []
    for n in 0..<600 { installer.add(.delete(key(n)), &actions) }
    installer.mark(.applied(600))
    installer.add(.delete(key(999)), &actions)
    installer.flush(&actions)
    installer.mark(.barrier(1))
    #expect(actions.count == 2)
    #expect(installer.next() == nil)
    installer.report(1)
    #expect(installer.next() == nil)
    installer.report(2)
    #expect(installer.next() == .applied(600))
    #expect(installer.next() == .barrier(1))
    installer.mark(.bulk(4))
    #expect(installer.next() == .bulk(4), "nothing is under way")
  }
}

@Suite("Rules about flows")
struct RuleTests {
  @Test("the digest does not depend on the order and sees every difference that counts")
  func digest() {
    var changed = [translated(), translated(), translated(), translated(), translated()]
    changed[1].sourceNAT?.port = 1
    changed[2].tcp?.state = .finWait
    changed[3].status = .seenReply
    changed[4].destinationNAT = translated().sourceNAT
    let all = changed.map { StreamDigest.contribution(of: $0, stream: 5) }
    #expect(Set(all).count == 5)
    #expect(StreamDigest.contribution(of: translated(), stream: 6) != all[0])
    var (forward, backward) = (StreamDigest(), StreamDigest())
    for value in all { forward.add(value) }
    for value in all.reversed() { backward.add(value) }
    #expect(forward == backward)
    forward.remove(all[2])
    #expect(forward != backward)
  }

  @Test("transitions: nothing, update, or another connection")
  func transitions() {
    func change(_ edit: (inout Flow) -> Void) -> FlowTransition {
      var new = translated()
      edit(&new)
      return translated().transition(to: new)
    }
    #expect(change { $0.timeoutSeconds = 1 } == .none)
    #expect(change { $0.tcp?.originalFlags.insert(.maximumAcknowledged) } == .none)
    #expect(change { $0.status.insert(.confirmed) } == .none)
    #expect(change { $0.mark = 3 } == .update)
    #expect(change { $0.tcp?.state = .closeWait } == .update)
    #expect(change { $0.tcp?.replyScale = 2 } == .update)
    #expect(change { $0.tcp?.state = .synSent } == .replace)
    #expect(change { $0.sourceNAT?.port = 1 } == .replace)
    #expect(change { $0.status.remove(.assured) } == .replace)
    #expect(change { $0.helper = HelperName("ftp".utf8) ?? .none } == .replace)
    #expect(change { $0.master = key(1) } == .replace)
  }

  @Test("leases: a day for what lives with its traffic, the rest plus slack for what passes")
  func leases() {
    var flow = translated()
    #expect(flow.leaseSeconds == 431_999)
    flow.timeoutSeconds = 300
    #expect(flow.leaseSeconds == 86_400)
    flow.tcp?.state = .timeWait
    #expect(flow.leaseSeconds == 315)
    var udp = Flow(tuple: key(1, .udp))
    udp.status = .seenReply
    udp.timeoutSeconds = 30
    #expect(udp.leaseSeconds == 45)
    udp.status.insert(.assured)
    #expect(udp.leaseSeconds == 86_400)
    var ping = Flow(tuple: key(1, .icmp))
    ping.status = .seenReply
    ping.timeoutSeconds = 30
    #expect(ping.leaseSeconds == 86_400, "never assured, refreshed without a report")
  }

  @Test("local flows: own addresses, multicast, loopback, the link, what cannot move")
  func filter() {
    let filter = SyncFilter(
      nodeAddresses: [address(10, 1, 0, 2)], virtualAddresses: [address(203, 0, 113, 1)],
      localNetworks: [.init(.init(169, 254, 77, 0), length: 30)])
    func isLocal(_ edit: (inout Flow) -> Void) -> Bool {
      var flow = translated()
      edit(&flow)
      return filter.isLocal(flow)
    }
    #expect(!isLocal { _ in })
    #expect(isLocal { $0.tuple.destination = address(10, 1, 0, 2) })
    #expect(isLocal { $0.tuple.source = address(10, 1, 0, 2) })
    #expect(isLocal { $0.sourceNAT?.address = address(10, 1, 0, 2) })
    #expect(isLocal { $0.tuple.destination = address(224, 0, 0, 18) })
    #expect(isLocal { $0.tuple.destination = address(255, 255, 255, 255) })
    #expect(isLocal { $0.tuple.source = address(127, 0, 0, 1) })
    #expect(isLocal { $0.tuple.source = address(169, 254, 77, 2) })
    #expect(isLocal { $0.tuple.source = address(203, 0, 113, 1) })
    #expect(isLocal { $0.tuple.destination = address(203, 0, 113, 1) })
    #expect(
      !isLocal {
        $0.tuple.destination = address(203, 0, 113, 1)
        $0.destinationNAT = Translation(address: address(10, 1, 0, 9), port: 80)
      }, "a published service is forwarded")
  }

  @Test("what is sent: TCP from the handshake's second step, others once answered")
  func due() {
    let filter = SyncFilter()
    var tcp = translated()
    tcp.status = []
    tcp.tcp?.state = .synSent
    #expect(!filter.isDue(tcp))
    tcp.tcp?.state = .synReceived
    #expect(filter.isDue(tcp))
    var udp = Flow(tuple: key(1, .udp))
    #expect(!filter.isDue(udp))
    udp.status = .seenReply
    #expect(filter.isDue(udp))
    #expect(!SyncFilter(threshold: .assured).isDue(udp))
    #expect(SyncFilter(threshold: .all).isDue(Flow(tuple: key(1, .udp))))
  }
}
