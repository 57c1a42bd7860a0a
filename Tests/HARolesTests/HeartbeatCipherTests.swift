import Testing
import VRRP
import Wire

@testable import HARoles

@Suite struct HeartbeatCipherTests {
  let shared = [UInt8](repeating: 7, count: 32)
  let boot = BootID(high: 1, low: 2)

  private func sealed(_ counter: UInt64 = 9) throws -> [UInt8] {
    var heartbeat = Heartbeat()
    heartbeat.term = 42
    let header = HeartbeatHeader(node: NodeID(1), boot: boot, counter: counter)
    return try HeartbeatCipher(shared: shared, node: NodeID(1), boot: boot).seal(header, heartbeat)
  }

  private func receiver(_ key: UInt8 = 7) throws -> HeartbeatCipher {
    try HeartbeatCipher(
      shared: [UInt8](repeating: key, count: 32), node: NodeID(2), boot: BootID(high: 3, low: 4))
  }

  @Test("A peer with the same key reads what was sealed")
  func agreement() throws {
    let (header, heartbeat) = try receiver().open(try sealed())
    #expect(header.counter == 9)
    #expect(heartbeat.term == 42)
  }

  @Test("Every changed bit is refused, in the clear header as well")
  func tampering() throws {
    let receiver = try receiver()
    let datagram = try sealed()
    for offset in datagram.indices {
      var forged = datagram
      forged[offset] ^= 1
      #expect(throws: (any Error).self) { try receiver.open(forged) }
    }
  }

  @Test("Another key, another node's key and every truncation are refused")
  func strangers() throws {
    let datagram = try sealed()
    let stranger = try receiver(8)
    #expect(throws: (any Error).self) { try stranger.open(datagram) }
    let receiver = try receiver()
    for count in datagram.indices {
      #expect(throws: (any Error).self) { try receiver.open(Array(datagram[..<count])) }
    }
  }

  @Test("The counter is the nonce: the same heartbeat never looks the same twice")
  func nonces() throws {
    #expect(try sealed(9).suffix(40) != sealed(10).suffix(40))
  }

  @Test("Each refusal has a word under which it is counted")
  func names() {
    #expect(HeartbeatRefusal.name(of: HeartbeatRefusal.timeToLive) == "ttl")
    #expect(HeartbeatRefusal.name(of: HeartbeatRefusal.source) == "source")
    #expect(HeartbeatRefusal.name(of: WireError.notText(offset: 0)) == "malformed")
  }
}
