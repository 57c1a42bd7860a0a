import Testing
import Wire

@testable import Roles

@Suite struct DHCPMessageTests {
  private static let mac = MACAddress(0x0200_0000_0001)

  /// An answer as a server gives it: the question turned around.
  private static func answer(type: UInt8, transaction: UInt32 = 7) -> [UInt8] {
    var packet = DHCPMessage.packet(.discover, transaction: transaction, from: mac)
    (packet[21], packet[23]) = (67, 68)
    packet[28] = 2
    // Behind the cookie: type, server, end.
    let options: [UInt8] = [0, 53, 1, type, 54, 4, 192, 168, 1, 1, 255]
    for (index, octet) in options.enumerated() { packet[268 + index] = octet }
    return packet
  }

  @Test("offer, acknowledgement and refusal tell the server; other types do not")
  func types() {
    for type in UInt8(0)...8 {
      let server = DHCPMessage.server(answering: 7, in: Self.answer(type: type))
      #expect(server == ([2, 5, 6].contains(type) ? IPv4Address(192, 168, 1, 1) : nil))
    }
    #expect(DHCPMessage.server(answering: 8, in: Self.answer(type: 2)) == nil)
    let question = DHCPMessage.packet(.discover, transaction: 7, from: Self.mac)
    #expect(DHCPMessage.server(answering: 7, in: question) == nil)
  }

  @Test("every truncation and every changed octet is read or refused, never trapped upon")
  func hostile() {
    let whole = Self.answer(type: 2)
    for length in 0..<240 {
      #expect(DHCPMessage.server(answering: 7, in: Array(whole.prefix(length))) == nil)
    }
    for index in whole.indices {
      for value in [UInt8(0), 1, 0x7f, 0xff] {
        var changed = whole
        changed[index] = value
        // Both outcomes are fine; the test is that there is one.
        _ = DHCPMessage.server(answering: 7, in: changed)
      }
    }
  }
}
