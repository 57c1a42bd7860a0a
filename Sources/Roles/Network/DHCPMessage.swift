import VRRP
import Wire

/// The little of DHCP (RFC 2131) that finds out whether a server is near: two questions that every
/// server answers, and who answered.
enum DHCPMessage {
  private enum Number {
    static let clientPort: UInt16 = 68
    static let serverPort: UInt16 = 67
    static let cookie: UInt32 = 0x6382_5363
    static let broadcastFlag: UInt16 = 0x8000
    static let udp: UInt8 = 17
  }

  /// Option codes (RFC 2132).
  private enum Option {
    static let pad: UInt8 = 0
    static let requestedAddress: UInt8 = 50
    static let messageType: UInt8 = 53
    static let server: UInt8 = 54
    static let end: UInt8 = 255
  }

  /// Message types that clients send.
  enum Question: UInt8 {
    /// Answered by an offer; some servers first look for seconds whether the address is free.
    case discover = 1
    /// For an address that is nobody's: refused at once by servers that are sure of their network.
    case request = 3
  }

  /// An IPv4 packet with the question, from a client without an address to everyone.
  static func packet(_ question: Question, transaction: UInt32, from mac: MACAddress) -> [UInt8] {
    var message = ByteWriter(capacity: 300)
    message.octets([1, 1, 6, 0])  // request, Ethernet, six octets of address, no hops
    message.uint32(transaction)
    message.uint16(0)
    message.uint16(Number.broadcastFlag)
    message.octets([UInt8](repeating: 0, count: 16))  // client, your, server and relay address
    message.octets(mac.octets)
    message.octets([UInt8](repeating: 0, count: 10 + 64 + 128))
    message.uint32(Number.cookie)
    message.octets([Option.messageType, 1, question.rawValue])
    if question == .request {
      // TEST-NET-1 (RFC 5737): no server's own.
      message.octets([Option.requestedAddress, 4] + IPv4Address(192, 0, 2, 1).octets)
    }
    message.uint8(Option.end)
    message.octets([UInt8](repeating: 0, count: max(0, 300 - message.count)))
    return datagram(message.bytes)
  }

  /// The server that answers `transaction` with this IPv4 packet, by an offer, an
  /// acknowledgement or a refusal; nil when the packet is anything else.
  static func server(answering transaction: UInt32, in packet: [UInt8]) -> IPv4Address? {
    guard let datagram = try? IPv4Datagram(parsing: packet[...]) else {
      return nil  // Not an answer, and nothing to report: anybody may send anything.
    }
    guard datagram.protocolNumber == Number.udp else { return nil }
    do {
      return try server(answering: transaction, in: datagram)
    } catch { return nil }
  }

  private static func server(
    answering transaction: UInt32, in datagram: IPv4Datagram
  ) throws(WireError) -> IPv4Address? {
    var reader = ByteReader(datagram.payload)
    guard try reader.uint16() == Number.serverPort, try reader.uint16() == Number.clientPort
    else { return nil }
    _ = try reader.uint32()
    guard try reader.uint8() == 2 else { return nil }
    _ = try reader.octets(3)
    guard try reader.uint32() == transaction else { return nil }
    _ = try reader.octets(236 - 8)
    guard try reader.uint32() == Number.cookie else { return nil }
    var server = datagram.source
    var type: UInt8 = 0
    while reader.remaining > 0 {
      let code = try reader.uint8()
      if code == Option.pad { continue }
      if code == Option.end { break }
      let value = try reader.octets(Int(try reader.uint8()))
      if code == Option.messageType, let first = value.first { type = first }
      if code == Option.server, value.count == 4 {
        server = IPv4Address(value.reduce(0) { $0 << 8 | UInt32($1) })
      }
    }
    // Offer, acknowledgement, refusal.
    return [2, 5, 6].contains(type) ? server : nil
  }

  /// UDP without a checksum (RFC 768 allows it) in IPv4.
  private static func datagram(_ message: [UInt8]) -> [UInt8] {
    var header = ByteWriter(capacity: 28 + message.count)
    header.octets([0x45, 0x10])
    header.uint16(UInt16(28 + message.count))
    header.uint32(0)
    header.octets([64, Number.udp, 0, 0])
    header.uint32(0)
    header.uint32(0xffff_ffff)
    var sum = InternetChecksum()
    sum.add(header.bytes)
    header.patch16(sum.value, at: 10)
    header.uint16(Number.clientPort)
    header.uint16(Number.serverPort)
    header.uint16(UInt16(8 + message.count))
    header.uint16(0)
    header.octets(message)
    return header.bytes
  }
}
