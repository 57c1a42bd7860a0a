import Netlink
import Wire

@testable import SessionSync

/// The octets that a run of hexadecimal digits stands for; spaces are ignored.
func hex(_ text: String) -> [UInt8] {
  let digits = text.compactMap(\.hexDigitValue)
  return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

/// A small generator with a seed, so that every run can be repeated (splitmix64).
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0xd134_2543_de82_ef95 }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
    return z ^ z >> 31
  }
}

func address(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8) -> FlowAddress {
  FlowAddress(IPv4Address(a, b, c, d))
}

func key(_ n: Int, _ transport: Transport = .tcp) -> FlowTuple {
  FlowTuple(
    transport: transport, source: FlowAddress(IPv4Address(0x0a01_0000 + UInt32(n))),
    destination: address(192, 0, 2, 7), sourcePort: 40_000, destinationPort: 443)
}

/// The translated connection of the golden records.
func translated() -> Flow {
  var flow = Flow(tuple: key(5))
  flow.sourceNAT = Translation(address: address(203, 0, 113, 1), port: 20_001)
  flow.status = [.seenReply, .assured]
  flow.timeoutSeconds = 431_999
  flow.tcp = TCPTracking(
    state: .established, originalScale: 7, replyScale: 9,
    originalFlags: [.windowScale, .selectiveAcknowledgement], replyFlags: .windowScale)
  return flow
}

/// Any flow that a sender can write.
func randomFlow(_ random: inout SeededGenerator) -> Flow {
  func word() -> UInt64 { random.next() }
  func port() -> UInt16 { UInt16(truncatingIfNeeded: random.next()) }
  let family: AddressFamily = Bool.random(using: &random) ? .ipv4 : .ipv6
  func address() -> FlowAddress {
    family == .ipv4
      ? FlowAddress(high: 0, low: word() & 0xffff_ffff) : FlowAddress(high: word(), low: word())
  }
  let kinds: [Transport] = [.tcp, .udp, .sctp, .icmp, .icmpv6, .gre]
  let transport = kinds[Int.random(in: 0..<kinds.count, using: &random)]
  var tuple = FlowTuple(
    family: family, transport: transport, source: address(), destination: address(),
    sourcePort: port(), destinationPort: port(), zone: Bool.random(using: &random) ? port() : 0)
  if transport == .icmp { tuple.destinationPort = 8 << 8 }
  if transport == .icmpv6 { tuple.destinationPort = 128 << 8 }
  var flow = Flow(tuple: tuple)
  if Bool.random(using: &random) {
    flow.sourceNAT = Translation(address: address(), port: port())
  }
  if Bool.random(using: &random) {
    flow.destinationNAT = Translation(address: address(), port: port())
  }
  flow.status = FlowStatus(rawValue: UInt32(word() & 6))
  flow.timeoutSeconds = UInt32(word() & 0xff_ffff)
  if transport == .tcp, let state = TCPState(rawValue: UInt8(word() % 11)) {
    flow.tcp = TCPTracking(
      state: state, originalScale: UInt8(word() % 15), replyScale: UInt8(word() % 15),
      originalFlags: TCPFlags(rawValue: UInt8(word() & 7)),
      replyFlags: TCPFlags(rawValue: UInt8(word() & 7)))
  }
  if Bool.random(using: &random) {
    flow.labels = FlowLabels(high: random.next(), low: random.next())
  }
  if transport == .sctp {
    flow.sctp = SCTPTracking(
      state: UInt8(word() % 9), originalTag: UInt32(truncatingIfNeeded: word()),
      replyTag: UInt32(truncatingIfNeeded: word()))
  }
  if Bool.random(using: &random) { flow.mark = UInt32(truncatingIfNeeded: word()) }
  if Bool.random(using: &random) { flow.helper = HelperName("ftp-\(word() % 999)".utf8) ?? .none }
  if Bool.random(using: &random) {
    flow.originalAdjustment = SequenceAdjustment(
      position: UInt32(truncatingIfNeeded: word()), before: -4,
      after: Int32(truncatingIfNeeded: word()))
  }
  if Bool.random(using: &random) { flow.master = key(Int(word() % 1_000)) }
  return flow
}
