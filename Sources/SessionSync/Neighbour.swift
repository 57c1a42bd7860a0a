import Netlink
public import Wire

/// A host beside the pair, as the kernel of the active node knows it (ARP or neighbour discovery).
public struct Neighbour: Hashable, Sendable {
  /// The interface, which has the same name on both nodes.
  public var device: String
  /// Its address.
  public var address: IPAddress
  /// Its Ethernet address.
  public var mac: MACAddress

  /// Joins the three.
  public init(device: String, address: IPAddress, mac: MACAddress) {
    self.device = device
    self.address = address
    self.mac = mac
  }

  /// Whether it can be one machine on an Ethernet.
  var isPlausible: Bool {
    let isGroup = mac.value >> 40 & 1 != 0 || mac.value == 0
    switch address {
    case .v4(let address):
      return !isGroup && !address.isMulticast && !address.isUnspecified && !address.isLoopback
        && address.value != .max
    case .v6(let address):
      return !isGroup && address.high >> 56 != 0xff && (address.high, address.low) != (0, 0)
    }
  }
}

/// The body of ``FrameType/neighbours``: everything that is known, in the place of what was.
///
///     devices u8, each u8 length (1…15) and octets; neighbours u16, each u8 device,
///     u8 family and address (``IPAddress``), 6 octets of Ethernet address
struct NeighbourList: Hashable, WireCodable {
  /// The longest name of an interface (`IFNAMSIZ` less its terminator).
  private static let nameLimit = 15

  var neighbours: [Neighbour]

  init(_ neighbours: [Neighbour]) { self.neighbours = neighbours }

  init(from reader: inout ByteReader) throws(WireError) {
    var devices: [String] = []
    for _ in 0..<(try reader.uint8()) {
      let offset = reader.offset
      let count = Int(try reader.uint8())
      let octets = try reader.octets(count)
      guard (1...Self.nameLimit).contains(count),
        octets.allSatisfy({ (0x21...0x7e).contains($0) })
      else { throw .invalid(offset: offset, value: UInt64(count)) }
      devices.append(String(decoding: octets, as: UTF8.self))
    }
    neighbours = []
    let offset = reader.offset
    let count = try reader.uint16()
    guard count <= Limits.neighbours else { throw .invalid(offset: offset, value: UInt64(count)) }
    for _ in 0..<count {
      let offset = reader.offset
      let device = try reader.uint8()
      guard device < devices.count else { throw .invalid(offset: offset, value: UInt64(device)) }
      neighbours.append(
        Neighbour(
          device: devices[Int(device)], address: try IPAddress(from: &reader),
          mac: try MACAddress(from: &reader)))
    }
    try reader.finish()
  }

  func write(into writer: inout ByteWriter) {
    let listed = neighbours.prefix(Limits.neighbours)
    let devices = Set(listed.map(\.device)).sorted()
    precondition(devices.count < 256, "a node has few ports")
    writer.uint8(UInt8(devices.count))
    for device in devices {
      writer.uint8(UInt8(device.utf8.count))
      writer.octets(Array(device.utf8))
    }
    writer.uint16(UInt16(listed.count))
    for neighbour in listed {
      writer.uint8(UInt8(devices.firstIndex(of: neighbour.device) ?? 0))
      neighbour.address.write(into: &writer)
      neighbour.mac.write(into: &writer)
    }
  }
}

extension SyncNode {
  /// The active node's kernel knows these; the peer is told when they are not what it was told last.
  mutating func neighboursSeen(_ seen: [Neighbour]) {
    guard role == .active else { return }
    let news = seen.count > Limits.neighbours ? Array(seen.prefix(Limits.neighbours)) : seen
    shadow.counters.neighboursOmitted += seen.count - news.count
    guard news != neighbours else { return }
    neighbours = news
    areNeighboursDue = peer != nil
  }

  /// The peer that forwards tells which hosts it knows.
  mutating func neighboursReceived(
    _ reader: inout ByteReader, _ actions: inout [SyncAction]
  ) throws(WireError) {
    let list = try NeighbourList(from: &reader).neighbours
    guard role == .standby, peer?.role == .active else { return }
    let own = configuration.filter.nodeAddresses
    let plausible = list.filter(\.isPlausible)
    shadow.counters.refusedInvalid += list.count - plausible.count
    // The peer knows this node as a neighbour, too.
    neighbours = plausible.filter { !own.contains(FlowAddress($0.address)) }
    actions.append(.neighboursReceived(neighbours))
  }

  /// Writes what waits, in one frame.
  mutating func writeNeighbours() {
    guard areNeighboursDue else { return }
    areNeighboursDue = false
    let list = NeighbourList(neighbours)
    frames.frame(.neighbours, firstSequence: sender.next) { list.write(into: &$0) }
  }
}
