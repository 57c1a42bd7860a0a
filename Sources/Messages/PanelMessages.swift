public import Wire

/// Everything `web` needs; its listening socket is descriptor 5.
public struct WebConfiguration: Hashable, Sendable {
  /// The address of the page, such as `192.168.0.1`.
  public var address: String
  /// Further names by which the page may be asked.
  public var hosts: [String]

  /// Joins the parts.
  public init(
    address: String, hosts: [String]
  ) {
    self.address = address
    self.hosts = hosts
  }
}

extension WebConfiguration: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    address = try String(from: &reader)
    hosts = try [String](from: &reader)
  }

  public func write(into writer: inout ByteWriter) {
    address.write(into: &writer)
    hosts.write(into: &writer)
  }
}

/// Everything `console` needs; its terminal is descriptors 0 and 1.
public struct ConsoleConfiguration: Hashable, Sendable {
  /// Seconds without a key after which an administrator is logged out.
  public var idleLimitSeconds: UInt32

  /// Joins the parts.
  public init(
    idleLimitSeconds: UInt32
  ) {
    self.idleLimitSeconds = idleLimitSeconds
  }
}

extension ConsoleConfiguration: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    idleLimitSeconds = try UInt32(from: &reader)
  }

  public func write(into writer: inout ByteWriter) {
    idleLimitSeconds.write(into: &writer)
  }
}

/// Everything `lldp` needs.
public struct NeighbourConfiguration: Hashable, Sendable {
  /// The port whose neighbour counts: the link between the nodes.
  public var port: String
  /// What we call ourselves.
  public var systemName: String
  /// What we are.
  public var description: String

  /// Joins the parts.
  public init(port: String, systemName: String, description: String) {
    self.port = port
    self.systemName = systemName
    self.description = description
  }
}

extension NeighbourConfiguration: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    port = try String(from: &reader)
    systemName = try String(from: &reader)
    description = try String(from: &reader)
  }

  public func write(into writer: inout ByteWriter) {
    port.write(into: &writer)
    systemName.write(into: &writer)
    description.write(into: &writer)
  }
}
