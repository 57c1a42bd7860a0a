import Netlink
import SessionSync
import Simulation
import Wire

/// Connections for the tests: number `n` comes from its own client address and port.
enum Sample {
  static let virtualAddress = FlowAddress(IPv4Address(203, 0, 113, 1))

  static func key(_ n: Int, _ transport: Transport = .tcp) -> FlowTuple {
    FlowTuple(
      transport: transport, source: FlowAddress(IPv4Address(0x0a01_0000 + UInt32(n & 0xffff))),
      destination: FlowAddress(IPv4Address(192, 0, 2, 7)),
      sourcePort: UInt16(1024 + (n >> 16)), destinationPort: transport == .icmp ? 0x0800 : 443)
  }

  /// A translated TCP connection in `state`.
  static func tcp(_ n: Int, _ state: TCPState = .established, seconds: UInt32? = nil) -> Flow {
    var flow = Flow(tuple: key(n))
    flow.sourceNAT = Translation(
      address: virtualAddress, port: UInt16(truncatingIfNeeded: 20_000 + n))
    flow.status = .confirmed
    if state.rawValue >= TCPState.synReceived.rawValue { flow.status.insert(.seenReply) }
    if state.rawValue >= TCPState.established.rawValue { flow.status.insert(.assured) }
    flow.timeoutSeconds = seconds ?? (state == .established ? 432_000 : 120)
    flow.tcp = TCPTracking(
      state: state, originalScale: 7, replyScale: 8,
      originalFlags: [.windowScale, .selectiveAcknowledgement],
      replyFlags: [.windowScale, .selectiveAcknowledgement])
    return flow
  }

  /// A UDP or ICMP flow that was answered.
  static func datagrams(_ n: Int, _ transport: Transport = .udp, seconds: UInt32 = 30) -> Flow {
    var flow = Flow(tuple: key(n, transport))
    flow.sourceNAT = Translation(
      address: virtualAddress, port: UInt16(truncatingIfNeeded: 30_000 + n))
    flow.status = [.confirmed, .seenReply]
    flow.timeoutSeconds = seconds
    return flow
  }

  /// The attributes of an expectation of a data connection, as netlink lays them out.
  static func expectation(master: FlowTuple) -> [UInt8] {
    var data = master
    data.sourcePort = 0
    data.destinationPort = 5_000
    return attribute(1, tuple(master)) + attribute(2, tuple(data)) + attribute(3, tuple(data))
      + attribute(4, [0, 0, 1, 44])
  }

  private static func tuple(_ tuple: FlowTuple) -> [UInt8] {
    let addresses =
      attribute(1, tuple.source.ipv4.octets) + attribute(2, tuple.destination.ipv4.octets)
    let ports = [tuple.sourcePort, tuple.destinationPort].map { port in
      [UInt8(port >> 8), UInt8(truncatingIfNeeded: port)]
    }
    return attribute(1, addresses)
      + attribute(
        2,
        attribute(1, [tuple.transport.rawValue]) + attribute(2, ports[0])
          + attribute(3, ports[1]))
  }

  private static func attribute(_ type: UInt8, _ value: [UInt8]) -> [UInt8] {
    let length = value.count + 4
    let padding = [UInt8](repeating: 0, count: (4 - length % 4) % 4)
    return [UInt8(length), 0, type, value.count > 4 ? 0x80 : 0] + value + padding
  }
}

/// What of a flow must be alike on both nodes.
struct Essence: Hashable {
  var tuple: FlowTuple
  var sourceNAT: Translation?
  var destinationNAT: Translation?
  var state: TCPState?
  var status: FlowStatus
  var mark: UInt32
  var helper: HelperName
  var adjustment: SequenceAdjustment?
  var master: FlowTuple?

  init(_ flow: Flow) {
    tuple = flow.tuple
    sourceNAT = flow.sourceNAT
    destinationNAT = flow.destinationNAT
    state = flow.tcp?.state
    status = flow.status.intersection([.seenReply, .assured])
    mark = flow.mark
    helper = flow.helper
    adjustment = flow.originalAdjustment
    master = flow.master
  }
}

extension SessionKernel {
  /// What a peer should have of this table.
  var essence: Set<Essence> {
    Set(entries.values.map(\.flow).filter { $0.status.contains(.seenReply) }.map(Essence.init))
  }
}

extension SessionPair {
  /// Node 0 active, node 1 standby, connected and in agreement.
  static func settled(seed: UInt64 = 1, flows: [Flow] = []) -> SessionPair {
    var pair = SessionPair(seed: seed)
    for flow in flows { pair.nodes[0].kernel.carry(flow, at: pair.now) }
    pair.setRole(0, .active, term: 1)
    pair.setRole(1, .standby, term: 1)
    pair.connect()
    pair.run(.seconds(1))
    return pair
  }

  func status(_ index: Int) -> SyncStatus { nodes[index].sync?.status ?? SyncStatus() }

  /// Whether the standby has exactly what the active has.
  func tablesAgree(active: Int) -> Bool {
    nodes[active].kernel.essence == nodes[1 - active].kernel.essence
      && nodes[1 - active].kernel.entries.count == nodes[active].kernel.essence.count
  }
}
