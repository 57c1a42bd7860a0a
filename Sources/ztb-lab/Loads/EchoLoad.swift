import CLinux
import Glibc
import Linux
import Wire

/// An ICMP or ICMPv6 echo request or reply that carries a ``FlowMessage``.
///
/// | octets | field |
/// |---|---|
/// | 0 | type: 8 request, 0 reply; of ICMPv6 128 and 129 |
/// | 1 | code 0 |
/// | 2–3 | checksum |
/// | 4–5 | identifier, which source NAT translates |
/// | 6–7 | sequence number |
/// | 8–15 | flow and packet number |
struct EchoMessage {
  static func request(_ family: AddressFamily) -> UInt8 { family == .ipv4 ? 8 : 128 }
  static func reply(_ family: AddressFamily) -> UInt8 { family == .ipv4 ? 0 : 129 }
  var type: UInt8
  var identifier: UInt16
  var content: FlowMessage

  var octets: [UInt8] {
    var writer = ByteWriter(capacity: 16)
    writer.uint8(type)
    writer.uint8(0)
    writer.uint16(0)
    writer.uint16(identifier)
    writer.uint16(UInt16(truncatingIfNeeded: content.number))
    writer.octets(content.octets)
    var checksum = InternetChecksum()
    checksum.add(writer.bytes)
    writer.patch16(checksum.value, at: 2)
    return writer.bytes
  }

  init(type: UInt8, identifier: UInt16, content: FlowMessage) {
    self.type = type
    self.identifier = identifier
    self.content = content
  }

  /// A raw socket that gets a copy of every message of the family.
  static func socket(_ family: AddressFamily) throws -> Descriptor {
    let number = family == .ipv4 ? IPPROTO_ICMP : IPPROTO_ICMPV6
    return try openSocket(Int32(family.rawValue), .raw, Int32(number))
  }

  /// Parses what a raw socket gives: of IPv4 the whole packet, of IPv6 the message alone. Nil when it
  /// is no echo of ours. The checksum of ICMPv6 is the kernel's to write.
  init?(received octets: ArraySlice<UInt8>, _ family: AddressFamily) {
    switch family {
    case .ipv4: self.init(packet: octets)
    case .ipv6: self.init(message: octets)
    }
  }

  private init?(packet: ArraySlice<UInt8>) {
    guard let first = packet.first, first >> 4 == 4, packet.count >= 20 else { return nil }
    let header = Int(first & 0xf) * 4
    guard packet[packet.startIndex + 9] == UInt8(IPPROTO_ICMP) else { return nil }
    self.init(message: packet.dropFirst(header))
  }

  private init?(message: ArraySlice<UInt8>) {
    guard message.count >= 16 else { return nil }
    let start = message.startIndex
    let identifier = UInt16(message[start + 4]) << 8 | UInt16(message[start + 5])
    do {
      let content = try FlowMessage(parsing: message.dropFirst(8))
      self.init(type: message[start], identifier: identifier, content: content)
    } catch { return nil }
  }
}

/// ICMP echo sessions, one identifier each.
///
/// Options: `family`, `count`, `period`.
final class EchoLoad: Load {
  private let family: AddressFamily
  private let socket: Descriptor
  private let target: Endpoint
  private var flows: [EchoedFlow]
  private var ticker: Ticker?
  private var turn = 0
  private var buffer = [UInt8](repeating: 0, count: 256)
  private static let firstIdentifier: UInt16 = 1000

  init(_ options: LoadOptions, _ reactor: Reactor) throws {
    family = options.family
    target = Endpoint(options.server, 0)
    let count = options.int("count", 20)
    flows = Array(repeating: EchoedFlow(), count: count)
    socket = try EchoMessage.socket(family)
    try reactor.add(socket.rawValue) { [unowned self] _ in receive() }
    let period = options.interval("period", milliseconds: 100)
    ticker = try Ticker(reactor, every: period / count) { [unowned self] _ in send() }
  }

  var isReady: Bool { flows.allSatisfy { $0.hasAnswered } }
  func mark(at now: Instant) { for index in flows.indices { flows[index].mark(at: now) } }
  func struck(at now: Instant) { for index in flows.indices { flows[index].struck() } }
  func report(at now: Instant) -> Report { Report(flows, at: now) }

  private func send() {
    let index = turn % flows.count
    turn += 1
    let content = FlowMessage(flow: UInt32(index), number: flows[index].next())
    let message = EchoMessage(
      type: EchoMessage.request(family), identifier: EchoLoad.firstIdentifier + UInt16(index),
      content: content)
    Sockets.send(socket, message.octets[...], to: target)
  }

  private func receive() {
    while let (count, _) = Sockets.receive(socket, into: &buffer) {
      guard let message = EchoMessage(received: buffer[..<count], family),
        message.type == EchoMessage.reply(family)
      else { continue }
      let index = Int(message.content.flow)
      guard index < flows.count,
        message.identifier == EchoLoad.firstIdentifier + UInt16(index)
      else { continue }
      flows[index].take(message.content.number, at: MonotonicClock.now())
    }
  }
}

/// Listens on the server's wire and notes under which identifier each echo session arrives.
final class EchoWatch: Load {
  private let family: AddressFamily
  private let socket: Descriptor
  private var identifiers: [UInt32: UInt16] = [:]
  private var changed: Set<UInt32> = []
  private var buffer = [UInt8](repeating: 0, count: 2048)

  init(_ options: LoadOptions, _ reactor: Reactor) throws {
    family = options.family
    socket = try EchoMessage.socket(family)
    try reactor.add(socket.rawValue) { [unowned self] _ in watch() }
  }

  func report(at now: Instant) -> Report {
    var report = Report()
    report.total = identifiers.count
    report.changed = changed.count
    return report
  }

  private func watch() {
    while let (count, _) = Sockets.receive(socket, into: &buffer) {
      guard let message = EchoMessage(received: buffer[..<count], family),
        message.type == EchoMessage.request(family)
      else { continue }
      let flow = message.content.flow
      if let known = identifiers[flow], known != message.identifier { changed.insert(flow) }
      identifiers[flow] = message.identifier
    }
  }
}
