/// Which address a host may use.
///
///     mac 6, address 4
public struct HostBinding: Hashable, Sendable, Comparable {
  /// Its Ethernet address.
  public var mac: MACAddress
  /// The address that it was given.
  public var address: IPv4Address

  /// Joins the parts.
  public init(mac: MACAddress, address: IPv4Address) {
    self.mac = mac
    self.address = address
  }

  /// By address.
  public static func < (a: HostBinding, b: HostBinding) -> Bool {
    (a.address, a.mac.value) < (b.address, b.mac.value)
  }
}

extension HostBinding: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    mac = try MACAddress(from: &reader)
    address = try IPv4Address(from: &reader)
  }

  public func write(into writer: inout ByteWriter) {
    mac.write(into: &writer)
    address.write(into: &writer)
  }
}
