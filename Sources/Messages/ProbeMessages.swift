public import Wire

/// What `probe` asks the neighbourhood during a drill: who answers for a virtual address.
public struct ProbeConfiguration: Hashable, Sendable {
  /// The port.
  public var port: String
  /// The macvlan that is up while this node has the address itself.
  public var device: String
  /// This node's own address on the port: who asks.
  public var nodeAddress: IPv4Address
  /// The virtual address.
  public var virtualAddress: IPv4Address
  /// Its virtual MAC, where the questions go.
  public var virtualMAC: MACAddress

  /// Joins the parts.
  public init(
    port: String, device: String, nodeAddress: IPv4Address, virtualAddress: IPv4Address,
    virtualMAC: MACAddress
  ) {
    self.port = port
    self.device = device
    self.nodeAddress = nodeAddress
    self.virtualAddress = virtualAddress
    self.virtualMAC = virtualMAC
  }
}

extension ProbeConfiguration: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    port = try String(from: &reader)
    device = try String(from: &reader)
    nodeAddress = try IPv4Address(from: &reader)
    virtualAddress = try IPv4Address(from: &reader)
    virtualMAC = MACAddress(try UInt64(from: &reader))
  }

  public func write(into writer: inout ByteWriter) {
    port.write(into: &writer)
    device.write(into: &writer)
    nodeAddress.write(into: &writer)
    virtualAddress.write(into: &writer)
    virtualMAC.value.write(into: &writer)
  }
}

/// One move of the address, as a neighbour sees it.
public struct ProbeReport: Hashable, Sendable {
  /// Whether the address came to this node; else it went to the other one.
  public var isArrival: Bool
  /// How long nobody answered.
  public var outage: Interval
  /// Questions in that time.
  public var lost: UInt32

  /// Joins the parts.
  public init(isArrival: Bool, outage: Interval, lost: UInt32) {
    self.isArrival = isArrival
    self.outage = outage
    self.lost = lost
  }
}

extension ProbeReport: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    isArrival = try Bool(from: &reader)
    outage = try Interval(from: &reader)
    lost = try UInt32(from: &reader)
  }

  public func write(into writer: inout ByteWriter) {
    isArrival.write(into: &writer)
    outage.write(into: &writer)
    lost.write(into: &writer)
  }
}
