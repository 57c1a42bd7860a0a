import Linux
import Netlink
import Testing
import Wire

@testable import Roles
@testable import SessionSync

/// One connection of every kind that a standby is to take over.
private enum Kind: String, CaseIterable, CustomTestStringConvertible {
  case tcp6, tcp6Destination, halfOpen, closing, udp, udp6, bothTranslated, hairpin, ping6, gre,
    keyed
  case sctp, sctp6, generic, zone

  var testDescription: String { rawValue }

  private static let client6 = FlowAddress(high: 0xfd00_0001 << 32, low: 0x10)
  private static let server6 = FlowAddress(high: 0xfd00_0002 << 32, low: 0xfe)
  private static let gateway6 = FlowAddress(high: 0xfd00_0002 << 32, low: 1)
  private static let client = FlowAddress(IPv4Address(10, 1, 0, 10))
  private static let server = FlowAddress(IPv4Address(198, 51, 100, 7))
  private static let gateway = FlowAddress(IPv4Address(203, 0, 113, 1))
  private static let inside = FlowAddress(IPv4Address(10, 1, 0, 20))

  /// As a standby is told to make it.
  var flow: Flow {
    switch self {
    case .tcp6:
      var flow = Kind.flow6(.tcp)
      flow.tcp = Kind.tracking(.established)
      flow.sourceNAT = Translation(address: Kind.gateway6, port: 5_000)
      return flow
    case .tcp6Destination:
      var flow = Kind.flow6(.tcp)
      flow.tcp = Kind.tracking(.established)
      flow.destinationNAT = Translation(address: Kind.client6, port: 8_080)
      return flow
    case .halfOpen:
      var flow = Kind.flow4(.tcp)
      flow.status = .seenReply
      flow.tcp = Kind.tracking(.synReceived)
      return flow
    case .closing:
      var flow = Kind.flow4(.tcp)
      flow.tcp = Kind.tracking(.closeWait)
      return flow
    case .udp:
      var flow = Kind.flow4(.udp)
      flow.sourceNAT = Translation(address: Kind.gateway, port: 6_000)
      return flow
    case .udp6: return Kind.flow6(.udp)
    case .bothTranslated:
      var flow = Kind.flow4(.tcp)
      flow.tcp = Kind.tracking(.established)
      flow.sourceNAT = Translation(address: Kind.gateway, port: 7_000)
      flow.destinationNAT = Translation(address: Kind.inside, port: 8_080)
      return flow
    case .hairpin:
      // To the gateway's own address, translated to a neighbour, back by the gateway.
      var flow = Kind.flow4(.udp)
      flow.tuple.destination = Kind.gateway
      flow.sourceNAT = Translation(address: Kind.gateway, port: 9_000)
      flow.destinationNAT = Translation(address: Kind.inside, port: 53)
      return flow
    case .ping6:
      var flow = Kind.flow6(.icmpv6)
      flow.tuple.destinationPort = 128 << 8
      flow.sourceNAT = Translation(address: Kind.gateway6, port: 4_321)
      flow.status = .seenReply
      return flow
    case .gre:
      var flow = Kind.flow4(.gre)
      (flow.tuple.sourcePort, flow.tuple.destinationPort) = (0, 0)
      return flow
    case .keyed:
      // Version 1, as PPTP uses it, with a key for either direction.
      var flow = Kind.flow4(.gre)
      flow.sourceNAT = Translation(address: Kind.gateway, port: flow.tuple.sourcePort)
      return flow
    case .sctp, .sctp6:
      var flow = self == .sctp ? Kind.flow4(.sctp) : Kind.flow6(.sctp)
      flow.sctp = SCTPTracking(
        state: SCTPTracking.established, originalTag: 0x1234_5678, replyTag: 0x9abc_def0)
      return flow
    case .generic:
      var flow = Kind.flow4(Transport(rawValue: 50))
      (flow.tuple.sourcePort, flow.tuple.destinationPort) = (0, 0)
      return flow
    case .zone:
      var flow = Kind.flow4(.udp)
      flow.tuple.zone = 9
      return flow
    }
  }

  private static func flow4(_ transport: Transport) -> Flow {
    flow(.ipv4, transport, client, server)
  }

  private static func flow6(_ transport: Transport) -> Flow {
    flow(.ipv6, transport, client6, server6)
  }

  private static func flow(
    _ family: AddressFamily, _ transport: Transport, _ source: FlowAddress,
    _ destination: FlowAddress
  ) -> Flow {
    var flow = Flow(
      tuple: FlowTuple(
        family: family, transport: transport, source: source, destination: destination,
        sourcePort: 4_000, destinationPort: 80))
    flow.status = [.seenReply, .assured]
    flow.mark = 0x2a00_0fa1
    return flow
  }

  private static func tracking(_ state: TCPState) -> TCPTracking? {
    TCPTracking(
      state: state, originalScale: 7, replyScale: 9, originalFlags: .windowScale,
      replyFlags: [.windowScale, .selectiveAcknowledgement])
  }
}

@Suite(
  "Kinds of sessions", .serialized,
  .enabled(if: OwnNamespace.isAllowed, "\(OwnNamespace.reason)"))
struct SessionKindTests {
  @Test("is in the kernel as it was sent", arguments: Kind.allCases)
  fileprivate func create(_ kind: Kind) throws {
    try OwnNamespace.run {
      let fixture = try TableFixture()
      // By the stream, as a standby gets it.
      var writer = ByteWriter(capacity: 256)
      FlowRecord.write(kind.flow, into: &writer)
      var reader = ByteReader(writer.bytes[...])
      guard case .record(.put(let flow), unknownParts: 0) = try FlowRecord.parse(&reader) else {
        Issue.record("the record is not read back")
        return
      }
      #expect(fixture.install([.create(flow, timeoutSeconds: 600)]).isEmpty)
      #expect(fixture.install([.update(flow, timeoutSeconds: 700)]).isEmpty)
      let shown = try #require(try fixture.dump().first)
      #expect(shown.transition(to: kind.flow) == .none, "\(shown)")
      #expect(shown.tuple == kind.flow.tuple && shown.reply == kind.flow.reply)
      #expect(shown.sourceNAT == kind.flow.sourceNAT)
      #expect(shown.destinationNAT == kind.flow.destinationNAT)
      #expect((690...700).contains(shown.timeoutSeconds))
      #expect(fixture.install([.delete(flow.tuple)]).isEmpty)
    }
  }
}
