import HTTPClient
import Linux
import Messages
import Testing
import Wire

@testable import NetRoles

/// A watch in a loop of its own, and what it said.
private final class WatchWorld {
  let reactor: Reactor
  let client: HTTPClient
  var watch: PathWatch?
  /// Changes of the verdict.
  var changes: [Bool] = []

  init() throws {
    reactor = try Reactor()
    client = try HTTPClient(reactor)
  }

  func start(_ kind: PathCheckOrder.Kind, _ target: String, fall: UInt8 = 2, rise: UInt8 = 2) {
    let order = PathCheckOrder(
      name: "path", kind: kind, target: target, interval: .milliseconds(50),
      timeout: .milliseconds(50), fall: fall, rise: rise)
    watch = PathWatch(order, reactor, client, at: MonotonicClock.now()) { [unowned self] in
      if $0 { changes.append(watch?.result.isUp ?? false) }
    }
  }

  /// Turns the loop until `isDone`, at most five seconds.
  func run(until isDone: () -> Bool) throws {
    let end = MonotonicClock.now() + .seconds(5)
    while !isDone(), MonotonicClock.now() < end {
      try reactor.turn(timeoutMilliseconds: 5)
      let now = MonotonicClock.now()
      if let due = watch?.deadline, due <= now { watch?.expire(at: now) }
    }
  }
}

@Suite struct PathWatchTests {
  /// Whether the group of this process may open ping sockets.
  private static let mayAsk = (try? EchoSocket(to: .v4(IPv4Address(127, 0, 0, 1)))) != nil

  @Test("a page that answers below 400 is up; two failures in a row are down, two answers up again")
  func pages() throws {
    let world = try WatchWorld()
    let server = try BluntServer(world.reactor)
    let good = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"
    let bad = "HTTP/1.1 503 Busy\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    server.answers = [good, bad, good, bad, bad, good, good]
    world.start(.http, "http://127.0.0.1:\(server.port)/health")
    #expect(world.watch?.result.isUp == true)
    try world.run { server.answers.isEmpty && world.changes.count == 2 }
    #expect(world.changes == [false, true])
    #expect(world.watch?.result.text.hasPrefix("status 204 in ") == true)
    #expect(server.requests.first?.hasPrefix("GET /health HTTP/1.1\r\n") == true)
    world.watch?.giveUp()
  }

  @Test("a port that nobody listens at is down at the first look, in words")
  func refused() throws {
    let world = try WatchWorld()
    world.start(.http, "http://127.0.0.1:1/")
    try world.run { world.changes.count == 1 }
    #expect(world.watch?.result.isUp == false)
    #expect(world.watch?.result.text.contains("127.0.0.1:1") == true)
  }

  @Test(
    "RFC 792: an echo is answered by the kernel itself", .enabled(if: mayAsk, "no ping sockets"))
  func echo() throws {
    let world = try WatchWorld()
    world.start(.icmp, "127.0.0.1")
    try world.run { world.watch?.result.text.hasPrefix("answer in") == true }
    #expect(world.watch?.result.isUp == true)
    world.watch?.giveUp()
  }

  @Test("a target that is silent is down when the time is over", .enabled(if: mayAsk))
  func silence() throws {
    let world = try WatchWorld()
    // TEST-NET-1 (RFC 5737): nobody is there, or no route leads there.
    world.start(.icmp, "192.0.2.1")
    try world.run { world.changes.count == 1 }
    #expect(world.changes == [false] && world.watch?.result.text != "not asked yet")
    world.watch?.giveUp()
  }
}
