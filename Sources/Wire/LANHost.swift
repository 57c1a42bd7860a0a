/// A host of a LAN that has its address from the gateway: leased or reserved.
///
///     interface (text), mac 6, address 4, name (text)
public struct LANHost: Hashable, Sendable {
  /// The LAN's interface, such as `ge2`.
  public var interface: String
  /// Its Ethernet address.
  public var mac: MACAddress
  /// The address that it was given.
  public var address: IPv4Address
  /// What its reservation calls it; empty: nothing.
  public var name: String

  /// Joins the parts.
  public init(interface: String, mac: MACAddress, address: IPv4Address, name: String = "") {
    self.interface = interface
    self.mac = mac
    self.address = address
    self.name = name
  }
}

extension LANHost: Comparable {
  /// By address.
  public static func < (a: LANHost, b: LANHost) -> Bool {
    (a.address, a.mac.value, a.interface, a.name) < (b.address, b.mac.value, b.interface, b.name)
  }
}

extension LANHost: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    interface = try String(from: &reader)
    mac = try MACAddress(from: &reader)
    address = try IPv4Address(from: &reader)
    name = try String(from: &reader)
  }

  public func write(into writer: inout ByteWriter) {
    interface.write(into: &writer)
    mac.write(into: &writer)
    address.write(into: &writer)
    name.write(into: &writer)
  }
}
