import Testing
import Wire

@testable import Roles

struct LeaseTableTests {
  private static let network = IPv4Prefix(IPv4Address(10, 1, 0, 0), length: 24)

  /// Host `host` has the address that ends in `last`.
  private static func lease(_ last: UInt8, host: UInt64, ends: Int64 = 1_000) -> DHCPLease {
    DHCPLease(
      address: IPv4Address(10, 1, 0, last), mac: MACAddress(0x0200_0000_0000 + host), ends: ends)
  }

  private static func table(_ leases: DHCPLease..., term: UInt64 = 1) -> LeaseTable {
    var table = LeaseTable()
    _ = table.report(leases, in: network, mayFree: [], term: term, at: 0)
    return table
  }

  @Test("only what has changed is news, and what is not there any more is free")
  func news() {
    var table = LeaseTable()
    let both = [Self.lease(100, host: 1), Self.lease(101, host: 2)]
    #expect(table.report(both, in: Self.network, mayFree: [], term: 1, at: 0).count == 2)
    #expect(table.report(both, in: Self.network, mayFree: [], term: 1, at: 0).isEmpty)
    let renewed = [Self.lease(100, host: 1, ends: 2_000)]
    let gone = IPv4Address(10, 1, 0, 101)
    #expect(table.missing(renewed, in: Self.network, at: 10) == [gone])
    var careful = table
    #expect(careful.report([], in: Self.network, mayFree: [], term: 1, at: 10).isEmpty)
    let news = table.report(renewed, in: Self.network, mayFree: [gone], term: 1, at: 10)
    #expect(news.map(\.address.octets[3]).sorted() == [100, 101])
    #expect(table.inUse(at: 10).map(\.ends) == [2_000])
    // Another network's server says nothing about this one.
    let last = IPv4Address(10, 1, 0, 100)
    let other = IPv4Prefix(IPv4Address(10, 2, 0, 0), length: 24)
    #expect(table.report([], in: other, mayFree: [last], term: 1, at: 10).isEmpty)
    #expect(table.count(at: 10) == 1)
  }

  @Test("the newest wins: a later term, then a later number, whatever the clocks say")
  func newest() {
    var one = Self.table(Self.lease(100, host: 1, ends: 9_000), term: 1)
    let two = Self.table(Self.lease(100, host: 2, ends: 500), term: 2)
    #expect(one.merge(two.all, in: [Self.network], at: 0).count == 1)
    #expect(one.all.map(\.mac) == two.all.map(\.mac))
    let old = Self.table(Self.lease(100, host: 1, ends: 9_000), term: 1)
    var three = two
    #expect(three.merge(old.all, in: [Self.network], at: 0).isEmpty && three.all == two.all)
    #expect(one.merge(two.all, in: [Self.network], at: 0).isEmpty, "the same once more is no news")
  }

  @Test("what was given back is not brought back by old news, but by newer")
  func freed() {
    var table = Self.table(Self.lease(100, host: 1))
    let old = table.all
    let gone: Set = [IPv4Address(10, 1, 0, 100)]
    _ = table.report([], in: Self.network, mayFree: gone, term: 1, at: 10)
    #expect(table.merge(old, in: [Self.network], at: 10).isEmpty && table.count(at: 10) == 0)
    #expect(!table.forget(at: 3_000) && table.forget(at: 4_000) && table.all.isEmpty)
  }

  @Test("a host has one address: the newer one")
  func oneAddress() {
    var table = Self.table(Self.lease(100, host: 1), term: 1)
    let moved = Self.table(Self.lease(101, host: 1), term: 2)
    #expect(table.merge(moved.all, in: [Self.network], at: 0).count == 1)
    #expect(table.inUse(at: 0).map(\.address.octets[3]) == [101])
    var later = moved
    let earlier = Self.table(Self.lease(100, host: 1), term: 1)
    #expect(later.merge(earlier.all, in: [Self.network], at: 0).isEmpty)
  }

  @Test("on two LANs a host has two addresses, and what was kept is taken as it is")
  func twoNetworks() {
    let other = IPv4Prefix(IPv4Address(10, 2, 0, 0), length: 24)
    var away = Self.lease(0, host: 1)
    away.address = IPv4Address(10, 2, 0, 5)
    away.stamp = DHCPLease.Stamp(term: 2, number: 9)
    var table = Self.table(Self.lease(100, host: 1))
    #expect(table.merge([away], in: [Self.network, other], at: 0).count == 1)
    #expect(table.count(at: 0) == 2)
    var late = Self.lease(101, host: 1, ends: .max)
    late.stamp = DHCPLease.Stamp(term: 1, number: 40)
    var loaded = LeaseTable()
    loaded.load(table.all + [late])
    #expect(loaded.inUse(at: 0).count == 3 && !loaded.forget(at: 0))
    #expect(loaded.inUse(at: 0).map(\.ends).max() == LeaseTable.Limits.lastEnd)
  }

  @Test("news of a server are not older than what is known already, whatever the own term")
  func terms() {
    var table = Self.table(Self.lease(100, host: 1), term: 7)
    let news = table.report(
      [Self.lease(100, host: 2)], in: Self.network, mayFree: [], term: 3, at: 0)
    #expect(news.map(\.stamp.term) == [7] && table.all.map(\.mac) == news.map(\.mac))
  }

  @Test("own news are newer than everything that was heard")
  func numbers() {
    var table = LeaseTable()
    var heard = Self.lease(100, host: 1)
    heard.stamp = DHCPLease.Stamp(term: 7, number: 500)
    _ = table.merge([heard], in: [Self.network], at: 0)
    let news = table.report(
      [Self.lease(100, host: 2)], in: Self.network, mayFree: [], term: 7, at: 0)
    #expect(news.map(\.stamp) == [DHCPLease.Stamp(term: 7, number: 501)])
  }

  @Test("a full table takes no more, and says so")
  func full() {
    var table = LeaseTable()
    let many = (0..<UInt32(LeaseTable.Limits.leases + 1)).map { number in
      var lease = Self.lease(0, host: UInt64(number) + 1)
      lease.address = IPv4Address(0x0a01_0000 + number)
      lease.stamp = DHCPLease.Stamp(term: 1, number: 1)
      return lease
    }
    let news = table.merge(many, in: [Self.network], at: 0)
    #expect(news.count == LeaseTable.Limits.leases && table.refused == 1)
  }

  @Test("the lines of a lease file, both ways; what is no lease is left out")
  func lines() throws {
    let line = "1795803482 e2:b6:2f:4e:fd:52 10.1.0.180 printer 01:e2:b6:2f:4e:fd:52"
    let lease = try #require(DHCPLease(line: line[...]))
    #expect(lease.client == [1, 0xe2, 0xb6, 0x2f, 0x4e, 0xfd, 0x52] && lease.name == "printer")
    #expect(lease.line == "1795803482 e2:b6:2f:4e:fd:52 10.1.0.180 * 01:e2:b6:2f:4e:fd:52\n")
    #expect(try #require(DHCPLease(line: "5 e2:b6:2f:4e:fd:52 10.1.0.180 * *")).client.isEmpty)
    for wrong in [
      "", "5 e2:b6:2f:4e:fd:52 10.1.0.180 *", "x e2:b6:2f:4e:fd:52 10.1.0.180 * *",
      "5 06-e2:b6:2f:4e:fd:52 10.1.0.180 * *", "5 e2:b6:2f:4e:fd:52 10.1.0.180 * 1:2",
      "duid 00:01:00:01:2a", "5 e2:b6:2f:4e:fd:52 10.1.0 * *",
    ] { #expect(DHCPLease(line: wrong[...]) == nil, "\(wrong)") }
  }
}

struct LeaseMessageTests {
  private static func lease(_ number: UInt32) -> DHCPLease {
    DHCPLease(
      address: IPv4Address(number), mac: MACAddress(UInt64(number)),
      client: Array(repeating: 7, count: Int(number % 256)), name: "host-\(number)",
      ends: Int64(number) * 1_000, stamp: DHCPLease.Stamp(term: 3, number: UInt64(number)))
  }

  @Test("messages hold everything, none is longer than a frame, and no lease makes one, too")
  func messages() throws {
    let leases = (1...2_000).map { Self.lease($0) }
    let messages = LeaseMessage.messages(leases, inUse: 12, at: 77).map(\.encoded)
    #expect(messages.allSatisfy { $0.count <= LeaseMessage.limitBytes })
    let read = try messages.map { try LeaseMessage(decoding: $0) }
    #expect(read.flatMap(\.leases) == leases)
    #expect(read.allSatisfy { $0.inUse == 12 && $0.now == 77 })
    #expect(LeaseMessage.messages([], inUse: 3, at: 1).map(\.inUse) == [3])
  }

  @Test("every truncation throws, and no octets trap")
  func truncation() {
    let whole = LeaseMessage.messages([Self.lease(300), Self.lease(5)], inUse: 1, at: 0)[0].encoded
    for count in 0..<whole.count {
      #expect(throws: (any Error).self) { try LeaseMessage(decoding: Array(whole.prefix(count))) }
    }
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<10_000 {
      var octets = whole
      for _ in 0..<3 {
        octets[Int.random(in: 0..<octets.count, using: &generator)] = .random(
          in: 0...255, using: &generator)
      }
      guard let message = try? LeaseMessage(decoding: octets) else { continue }
      var table = LeaseTable()
      _ = table.merge(message.leases(at: 1_000), in: [], at: 1_000)
      #expect((try? LeaseMessage(decoding: message.encoded)) == message)
    }
  }

  @Test("a term or number that leaves no room for newer ones is refused")
  func highStamps() throws {
    let highest = DHCPLease.highestStamp
    var lease = Self.lease(3)
    lease.stamp = DHCPLease.Stamp(term: highest, number: highest)
    #expect(try DHCPLease(decoding: lease.encoded) == lease)
    lease.stamp.term = highest + 1
    #expect(throws: WireError.invalid(offset: 10, value: highest + 1)) {
      try DHCPLease(decoding: lease.encoded)
    }
    lease.stamp = DHCPLease.Stamp(term: 1, number: .max)
    #expect(throws: WireError.invalid(offset: 18, value: .max)) {
      try DHCPLease(decoding: lease.encoded)
    }
  }

  @Test("the receiver's clock counts: what remains is the same")
  func clocks() {
    let message = LeaseMessage(now: 5_000, inUse: 1, leases: [Self.lease(6)])
    #expect(message.leases(at: 100).map(\.ends) == [1_100])
    var hostile = Self.lease(1)
    hostile.ends = .max
    let absurd = LeaseMessage(now: .min, inUse: 0, leases: [hostile])
    #expect(absurd.leases(at: 100).map(\.ends) == [100])
  }
}
