import FoundationEssentials
import Glibc
import Linux
import Testing
import Wire

@testable import Roles

/// Looks at the files of servers, whole and half-written.
struct LeaseKeeperTests {
  private static let line = "4000000000 02:00:00:00:00:0a 10.1.0.100 * *\n"

  private static func withKeeper(_ body: (LeaseKeeper) throws -> Void) throws {
    let directory = "/tmp/ztb-keeper-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
    try system("mkdir") { unsafe mkdir(directory, 0o711) }
    // Nothing else of the test depends on what is left below /tmp.
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let reactor = try Reactor()
    let keeper = try LeaseKeeper(
      reactor, directory: directory + "/lan", statePath: directory + "/leases")
    try keeper.prepare("ge2", IPv4Prefix(IPv4Address(10, 1, 0, 0), length: 24), for: getuid())
    try body(keeper)
  }

  private static func write(_ text: String, _ keeper: LeaseKeeper) throws {
    try Files.replace(keeper.path("ge2"), with: Array(text.utf8))
  }

  /// Writes, and reads when the server has been quiet.
  private static func news(
    _ text: String, _ keeper: LeaseKeeper, at now: Instant
  ) throws -> [DHCPLease] {
    try write(text, keeper)
    keeper.written(at: now)
    return try keeper.expire(at: now + .milliseconds(300))
  }

  @Test("further writes do not postpone the look")
  func ceiling() throws {
    try Self.withKeeper { keeper in
      let now = MonotonicClock.now()
      keeper.written(at: now)
      keeper.written(at: now + .milliseconds(10))
      #expect(keeper.deadline == now + .milliseconds(20))
    }
  }

  @Test("what is missing is free only when it is missing still a second later")
  func missing() throws {
    try Self.withKeeper { keeper in
      let now = MonotonicClock.now()
      #expect(try Self.news(Self.line, keeper, at: now).count == 1)
      try Self.write("", keeper)
      #expect(keeper.look().isEmpty)
      #expect(try Self.news("", keeper, at: now + .seconds(1)).isEmpty)
      #expect(try Self.news(Self.line, keeper, at: now + .seconds(2)).isEmpty)
      #expect(try keeper.expire(at: now + .seconds(5)).isEmpty)
      #expect(try Self.news("", keeper, at: now + .seconds(6)).isEmpty)
      #expect(try keeper.expire(at: now + .milliseconds(7_200)).isEmpty)
      #expect(try keeper.expire(at: now + .milliseconds(7_300)).count == 1)
      #expect(keeper.table.count(at: 3_999_999_999) == 0)
    }
  }

  @Test("who tells of the hosts is asked again when the first lease ends, or after a minute")
  func told() throws {
    try Self.withKeeper { keeper in
      let now = MonotonicClock.now()
      let host = LANHost(interface: "ge2", mac: MACAddress(7), address: IPv4Address(10, 1, 0, 100))
      keeper.told([])
      #expect(keeper.toldUntil == nil && keeper.toldHosts == [])
      keeper.told([host])
      let usual = try #require(keeper.toldUntil)
      #expect(usual >= now + .seconds(60) && usual < now + .seconds(61))
      #expect(keeper.deadline.map { $0 <= usual } ?? false)
      let ends = WallClock.secondsSince1970() + 5
      #expect(
        try Self.news("\(ends) 02:00:00:00:00:0a 10.1.0.100 * *\n", keeper, at: now).count == 1)
      keeper.told([host])
      let soon = try #require(keeper.toldUntil)
      #expect(soon > now + .seconds(3) && soon <= MonotonicClock.now() + .seconds(5))
      // Whoever is asked and cannot tell is left alone for a while.
      _ = try keeper.expire(at: soon)
      #expect(keeper.toldUntil == soon + .seconds(60))
      keeper.told(nil)
      #expect(keeper.toldUntil == nil && keeper.toldHosts == nil)
      // One that is kept for longer than a clock can count.
      #expect(
        try Self.news("253402300799 02:00:00:00:00:0a 10.1.0.100 * *\n", keeper, at: soon).count
          == 1)
      keeper.told([host])
      #expect(keeper.toldUntil.map { $0 < MonotonicClock.now() + .seconds(61) } ?? false)
    }
  }

  @Test("a look at once takes what is new")
  func atOnce() throws {
    try Self.withKeeper { keeper in
      try Self.write(Self.line, keeper)
      #expect(keeper.look().count == 1 && keeper.look().isEmpty)
    }
  }

  @Test("after a factory reset old files are not read any more")
  func erased() throws {
    try Self.withKeeper { keeper in
      keeper.term = 5
      #expect(try Self.news(Self.line, keeper, at: MonotonicClock.now()).count == 1)
      keeper.erase()
      try Self.write(Self.line, keeper)
      #expect(keeper.look().isEmpty && keeper.table.all.isEmpty)
      #expect(keeper.interfaces.isEmpty && keeper.term == 0)
    }
  }
}
