import Glibc
import Linux
import Netlink
import Wire

/// One session of every kind that a pair may have, made in a node's kernel as packets would make it.
struct SessionKinds {
  /// A session with what people call it.
  struct Kind {
    var name: String
    var flow: Flow
  }

  private(set) var kinds: [Kind] = []
  private var number: UInt16 = 0

  private static let client = FlowAddress(IPv4Address(10, 1, 0, 140))
  private static let server = FlowAddress(IPv4Address(203, 0, 113, 240))
  private static let client6 = FlowAddress(high: 0xfd00_0001 << 32, low: 0x140)
  private static let server6 = FlowAddress(high: 0xfd00_0002 << 32, low: 0x240)
  private static let outside = FlowAddress(Plan.wanVirtual)
  private static let inside = FlowAddress(IPv4Address(10, 1, 0, 141))

  init() {
    let states: [(String, TCPState)] = [
      ("SYN_RECV", .synReceived), ("ESTABLISHED", .established), ("FIN_WAIT", .finWait),
      ("CLOSE_WAIT", .closeWait), ("LAST_ACK", .lastAck), ("TIME_WAIT", .timeWait),
      ("CLOSE", .close),
    ]
    for (name, state) in states {
      add("TCP \(name)", .tcp) { $0.tcp = SessionKinds.tracking(state) }
    }
    add("TCP over IPv6", .tcp, .ipv6) { $0.tcp = SessionKinds.tracking(.established) }
    add("UDP answered", .udp) { $0.status = .seenReply }
    add("UDP assured", .udp) { _ in }
    add("UDP over IPv6", .udp, .ipv6) { _ in }
    add("ICMP echo", .icmp) { $0.status = .seenReply }
    add("ICMPv6 echo", .icmpv6, .ipv6) { $0.status = .seenReply }
    add("SCTP", .sctp) {
      $0.sctp = SCTPTracking(
        state: SCTPTracking.established, originalTag: 0x1234_5678, replyTag: 0x9abc_def0)
    }
    add("GRE", .gre) { $0.tuple.sourcePort = 0 }
    add("protocol 50", Transport(rawValue: 50)) { $0.tuple.sourcePort = 0 }
    add("SNAT", .tcp) {
      $0.tcp = SessionKinds.tracking(.established)
      $0.sourceNAT = Translation(address: SessionKinds.outside, port: 45_001)
    }
    add("DNAT", .tcp) {
      $0.tcp = SessionKinds.tracking(.established)
      $0.destinationNAT = Translation(address: SessionKinds.inside, port: 8_080)
    }
    add("SNAT and DNAT", .udp) {
      $0.sourceNAT = Translation(address: SessionKinds.outside, port: 45_002)
      $0.destinationNAT = Translation(address: SessionKinds.inside, port: 53)
    }
    add("ICMP with SNAT", .icmp) {
      $0.status = .seenReply
      $0.sourceNAT = Translation(address: SessionKinds.outside, port: 45_003)
    }
    add("mark", .udp) { $0.mark = 0x2a00_0fa1 }
    add("label", .udp) {
      $0.labels = FlowLabels(high: 0x8100_0000_0000_0040, low: 0x0102_0304_0506_0708)
    }
    add("zone", .udp) { $0.tuple.zone = 9 }
    addHelped()
  }

  /// A session with a helper, which corrects sequence numbers, and one that it has expected.
  private mutating func addHelped() {
    var master: FlowTuple?
    add("helper, sequence", .tcp) {
      $0.tcp = SessionKinds.tracking(.established)
      $0.tuple.destinationPort = 21
      $0.helper = HelperName("ftp".utf8) ?? .none
      $0.sourceNAT = Translation(address: SessionKinds.outside, port: 45_004)
      $0.originalAdjustment = SequenceAdjustment(position: 1_000, before: 0, after: 4)
      $0.replyAdjustment = SequenceAdjustment(position: 2_000, before: -3, after: -7)
      master = $0.tuple
    }
    add("related", .tcp) {
      $0.tcp = SessionKinds.tracking(.established)
      $0.master = master
    }
  }

  private mutating func add(
    _ name: String, _ transport: Transport, _ family: AddressFamily = .ipv4,
    _ shape: (inout Flow) -> Void
  ) {
    number += 1
    let isIPv4 = family == .ipv4
    let isEcho = transport == .icmp || transport == .icmpv6
    var flow = Flow(
      tuple: FlowTuple(
        family: family, transport: transport,
        source: isIPv4 ? SessionKinds.client : SessionKinds.client6,
        destination: isIPv4 ? SessionKinds.server : SessionKinds.server6,
        sourcePort: 4_000 + number,
        destinationPort: isEcho ? (isIPv4 ? 8 : 128) << 8 : transport.hasPorts ? 443 : 0))
    flow.status = [.seenReply, .assured]
    shape(&flow)
    kinds.append(Kind(name: name, flow: flow))
  }

  private static func tracking(_ state: TCPState) -> TCPTracking? {
    TCPTracking(
      state: state, originalScale: 7, replyScale: 9,
      originalFlags: [.windowScale, .selectiveAcknowledgement],
      replyFlags: [.windowScale, .selectiveAcknowledgement])
  }

  /// Makes all of them in a machine's kernel; throws when it refuses one.
  func make(in host: Host) throws {
    let socket = try host.inside {
      try NetlinkSocket(
        NetlinkSocket.netfilter, receiveBufferBytes: 1 << 20, slots: 8, slotBytes: 4096)
    }
    for kind in kinds {
      var request = MessageBatch()
      guard request.create(kind.flow, timeoutSeconds: 600, strict: true) != nil else {
        throw LabError.failed("\(kind.name): no such session can be")
      }
      request.acknowledgeLast()
      _ = try unsafe request.withBytes { try unsafe socket.send($0) }
      var code: Int32 = 0
      while try socket.receive({ datagram in
        // nlmsghdr is 16 octets, then the error.
        if datagram.byteCount >= 20 {
          code = unsafe datagram.unsafeLoadUnaligned(fromByteOffset: 16, as: Int32.self)
        }
      }) > 0 {}
      guard code == 0 else { throw LabError.failed("\(kind.name): the kernel answers \(-code)") }
    }
  }
}
