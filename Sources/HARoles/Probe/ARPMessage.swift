import Wire

/// A question or an answer of the Address Resolution Protocol for IPv4 on Ethernet (RFC 826):
///
///     0  hardware type 1    2  protocol type 0x0800    4  lengths 6, 4    6  operation
///     8  sender's MAC      14  sender's address       18  target's MAC   24  target's address
struct ARPMessage: Hashable {
  /// What it is.
  enum Operation: UInt16 {
    case request = 1
    case reply = 2
  }

  /// Ethernet's number for the protocol.
  static let etherType: UInt16 = 0x0806

  private static let ethernet: UInt16 = 1
  private static let ipv4: UInt16 = 0x0800
  private static let lengths: UInt16 = 0x0604

  var operation: Operation
  var senderMAC: MACAddress
  var sender: IPv4Address
  var targetMAC: MACAddress
  var target: IPv4Address

  /// Joins the parts.
  init(
    _ operation: Operation, from senderMAC: MACAddress, _ sender: IPv4Address,
    to targetMAC: MACAddress, _ target: IPv4Address
  ) {
    self.operation = operation
    self.senderMAC = senderMAC
    self.sender = sender
    self.targetMAC = targetMAC
    self.target = target
  }

  /// Reads the payload of a frame, which may be padded; nil when it is anything else.
  init?(parsing octets: [UInt8]) {
    var reader = ByteReader(octets)
    do {
      guard try reader.uint16() == Self.ethernet, try reader.uint16() == Self.ipv4,
        try reader.uint16() == Self.lengths,
        let operation = Operation(rawValue: try reader.uint16())
      else { return nil }
      self.operation = operation
      senderMAC = MACAddress(try Self.mac(&reader))
      sender = IPv4Address(try reader.uint32())
      targetMAC = MACAddress(try Self.mac(&reader))
      target = IPv4Address(try reader.uint32())
    } catch { return nil }
  }

  /// The payload of a frame.
  var octets: [UInt8] {
    var writer = ByteWriter(capacity: 28)
    for word in [Self.ethernet, Self.ipv4, Self.lengths, operation.rawValue] {
      writer.uint16(word)
    }
    writer.octets(senderMAC.octets + sender.octets + targetMAC.octets + target.octets)
    return writer.bytes
  }

  private static func mac(_ reader: inout ByteReader) throws(WireError) -> UInt64 {
    try reader.octets(6).reduce(0) { $0 << 8 | UInt64($1) }
  }
}
