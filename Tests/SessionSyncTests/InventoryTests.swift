import Netlink
import Testing
import Wire

@testable import SessionSync

@Suite("Inventory")
struct InventoryTests {
  private func flow(
    _ transport: Transport, _ family: AddressFamily = .ipv4, _ port: UInt16 = 1
  ) -> Flow {
    Flow(
      tuple: FlowTuple(
        family: family, transport: transport, source: FlowAddress(high: 1, low: 2),
        destination: FlowAddress(high: 1, low: 3), sourcePort: port, destinationPort: 8 << 8))
  }

  @Test("each session is of one kind, and has what it has")
  func kinds() {
    var inventory = Inventory()
    let all: [(Transport, AddressFamily)] = [
      (.tcp, .ipv4), (.tcp, .ipv6), (.udp, .ipv4), (.udp, .ipv6), (.icmp, .ipv4),
      (.icmpv6, .ipv6), (.sctp, .ipv4), (.gre, .ipv4), (Transport(rawValue: 50), .ipv4),
    ]
    for (transport, family) in all { inventory.count(flow(transport, family)) }
    for kind in Inventory.Kind.allCases {
      #expect(inventory[kind] == (kind.rawValue <= Inventory.Kind.generic.rawValue ? 1 : 0))
    }
    var rich = flow(.tcp)
    rich.tuple.zone = 9
    rich.mark = 1
    rich.labels = FlowLabels(low: 1)
    rich.helper = HelperName("ftp".utf8) ?? .none
    rich.master = flow(.tcp).tuple
    rich.replyAdjustment = SequenceAdjustment(position: 1, before: 0, after: 1)
    rich.destinationNAT = Translation(address: FlowAddress(high: 0, low: 1), port: 1)
    inventory.count(rich)
    let parts: [Inventory.Kind] = [
      .translated, .marked, .labelled, .helped, .related, .adjusted, .zoned,
    ]
    #expect(parts.allSatisfy { inventory[$0] == 1 } && inventory[.tcp4] == 2)
    #expect(inventory.helpers.map { "\($0.key) \($0.value)" } == ["ftp 1"])
  }

  @Test("a shorter count and a longer one are read; every other truncation is refused")
  func codec() throws {
    var inventory = Inventory()
    inventory[.tcp4] = 7
    inventory[.neighbours] = 9
    let octets = inventory.encoded
    #expect(try Inventory(decoding: octets) == inventory)
    for count in 0..<octets.count {
      #expect(throws: WireError.self) { try Inventory(decoding: Array(octets[..<count])) }
    }
    #expect(try Inventory(decoding: [1, 0, 0, 0, 7])[.tcp4] == 7)
    var longer = octets + [0, 0, 0, 5]
    longer[0] += 1
    #expect(try Inventory(decoding: longer) == inventory)
  }

  @Test("a large table is counted in parts")
  func parts() {
    var table = FlowTable(seed: 1)
    let count = Limits.walk + 10
    for n in 0..<count {
      var flow = flow(.udp, .ipv4, UInt16(n & 0xffff))
      flow.tuple.source = FlowAddress(high: 0, low: UInt64(n >> 16))
      _ = table.insert(flow, known: .all, marks: .installed)
    }
    var census = Census()
    #expect(census.proceed(table) { _ in true } == false)
    #expect(census.inventory[.udp4] == 0)
    #expect(census.proceed(table) { _ in true })
    #expect(census.inventory[.udp4] == count)
    #expect(census.proceed(table) { _ in false } == false)
    #expect(census.proceed(table) { _ in false } && census.inventory[.udp4] == 0)
  }
}
