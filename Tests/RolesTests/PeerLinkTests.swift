import Glibc
import Linux
import Messages
import Testing
import Wire

@testable import Roles

/// One end of the link in a test: what it was told, and what it has to send.
private final class End {
  var events: [String] = []
  var received: [UInt8] = []
  var toSend: [UInt8] = []
  private(set) var link: PeerLink?

  init(_ reactor: Reactor, _ node: NodeName, key: UInt8 = 7) throws {
    // As the role does: a peer that closes is seen in the result of a write.
    _ = signal(SIGPIPE, SIG_IGN)
    let addresses = [IPv4Address(127, 77, 1, 1), IPv4Address(127, 77, 1, 2)]
    let own = node == .primary ? 0 : 1
    link = try PeerLink(
      reactor, node: node,
      link: HALink(
        port: "lo", address: addresses[own], peers: [addresses[1 - own]],
        key: [UInt8](repeating: key, count: 32)),
      deliver: { [unowned self] event in
        switch event {
        case .connected: events.append("connected")
        case .disconnected: events.append("disconnected")
        case .received(let octets): received += octets
        case .note: break
        }
      },
      fill: { [unowned self] output in
        output += toSend.prefix(SyncLimits.outputBytes)
        toSend.removeFirst(min(toSend.count, SyncLimits.outputBytes))
      })
  }

  func end() {
    link?.leave()
    link = nil
  }
}

/// Turns the loop until `done`, at most for two seconds.
private func turn(_ reactor: Reactor, _ ends: [End], until done: () -> Bool) throws {
  let limit = MonotonicClock.now() + .seconds(2)
  while !done() && MonotonicClock.now() < limit {
    try reactor.turn(timeoutMilliseconds: 10)
    for end in ends { end.link?.pump() }
  }
}

@Suite("The link between two nodes", .serialized)
struct PeerLinkTests {
  @Test("the secondary dials, and octets pass both ways in order")
  func exchange() throws {
    let reactor = try Reactor()
    let ends = [try End(reactor, .primary), try End(reactor, .secondary)]
    defer { ends.forEach { $0.end() } }
    let long = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    ends[0].toSend = long
    ends[1].toSend = [1, 2, 3]
    try turn(reactor, ends) { ends[1].received.count == long.count && ends[0].received.count == 3 }
    #expect(ends[0].events == ["connected"] && ends[1].events == ["connected"])
    #expect(ends[0].received == [1, 2, 3] && ends[1].received == long)
  }

  @Test("a peer that comes back is connected again")
  func reconnect() throws {
    let reactor = try Reactor()
    let primary = try End(reactor, .primary)
    var secondary = try End(reactor, .secondary)
    try turn(reactor, [primary, secondary]) { primary.link?.isConnected == true }
    secondary.end()
    try turn(reactor, [primary]) { primary.link?.isConnected == false }
    secondary = try End(reactor, .secondary)
    try turn(reactor, [primary, secondary]) { primary.link?.isConnected == true }
    #expect(primary.events == ["connected", "disconnected", "connected"])
    primary.end()
    secondary.end()
  }

  @Test("a node with another key never connects")
  func otherKey() throws {
    let reactor = try Reactor()
    let ends = [try End(reactor, .primary), try End(reactor, .secondary, key: 8)]
    defer { ends.forEach { $0.end() } }
    try turn(reactor, ends) { (ends[0].link?.refused ?? 0) > 0 && (ends[1].link?.refused ?? 0) > 0 }
    #expect(ends[0].events.isEmpty && ends[1].events.isEmpty)
    #expect((ends[0].link?.refused ?? 0) > 0)
  }
}
