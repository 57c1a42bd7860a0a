import Wire

/// Why a frame is no LLDP frame that counts.
enum LLDPDrop: Error, Hashable {
  /// It ends within a field, or before the end mark's place.
  case truncated(WireError)
  /// The three mandatory fields do not stand at the beginning, in their order, once each.
  case order(type: UInt8)
  /// A field of this type has a length that it cannot have.
  case length(type: UInt8, count: Int)
}

/// What one LLDP frame says (IEEE 802.1AB-2016, 8 and 9): who is at the other end of the cable.
///
/// A list of fields of 7 bits of type and 9 bits of length:
///
///     type 1  chassis   subtype, 1…255 octets    first
///     type 2  port      subtype, 1…255 octets    second
///     type 3  time      seconds that this holds  third
///     type 4  port description, type 5 system name, type 6 system description: text
///     type 0  end
struct LLDPFrame: Hashable {
  private enum Field {
    static let end: UInt8 = 0
    static let chassis: UInt8 = 1
    static let port: UInt8 = 2
    static let time: UInt8 = 3
    static let portDescription: UInt8 = 4
    static let systemName: UInt8 = 5
    static let systemDescription: UInt8 = 6
  }

  private enum Limits {
    static let octets = 255
  }

  /// The chassis, such as its Ethernet address.
  var chassis: LLDPIdentifier
  /// The port, such as the name of the interface.
  var port: LLDPIdentifier
  /// Seconds that the neighbour is to be believed; 0: it says goodbye.
  var seconds: UInt16
  /// What the port is for; empty when not said.
  var portDescription = ""
  /// Name of the system; empty when not said.
  var systemName = ""
  /// What the system is; empty when not said.
  var systemDescription = ""

  /// Joins the mandatory parts.
  init(chassis: LLDPIdentifier, port: LLDPIdentifier, seconds: UInt16) {
    self.chassis = chassis
    self.port = port
    self.seconds = seconds
  }

  /// Reads the payload of a frame; fields that we have no use for are skipped.
  init(parsing octets: [UInt8]) throws(LLDPDrop) {
    var reader = ByteReader(octets)
    chassis = try LLDPIdentifier(
      LLDPFrame.mandatory(&reader, Field.chassis, 2...256), addresses: .chassis)
    port = try LLDPIdentifier(LLDPFrame.mandatory(&reader, Field.port, 2...256), addresses: .port)
    // 9.2.7.7.1: octets behind the two are for later versions.
    seconds = try LLDPFrame.mandatory(&reader, Field.time, 2...511).prefix(2)
      .reduce(0) { $0 << 8 | UInt16($1) }
    // An end mark that is missing is forgiven (9.2.7.7.2): the frame ends.
    while reader.remaining > 0 {
      let (type, value) = try LLDPFrame.field(&reader)
      switch type {
      case Field.end: return
      case Field.chassis, Field.port, Field.time: throw .order(type: type)
      case Field.portDescription: portDescription = LLDPFrame.text(value)
      case Field.systemName: systemName = LLDPFrame.text(value)
      case Field.systemDescription: systemDescription = LLDPFrame.text(value)
      default: break  // Capabilities, management addresses, other people's extensions.
      }
    }
  }

  /// The payload of a frame; texts are cut to what a field holds.
  var octets: [UInt8] {
    var writer = ByteWriter(capacity: 128)
    LLDPFrame.write(Field.chassis, chassis.octets, into: &writer)
    LLDPFrame.write(Field.port, port.octets, into: &writer)
    LLDPFrame.write(Field.time, [UInt8(seconds >> 8), UInt8(seconds & 0xff)], into: &writer)
    for (type, text) in [
      (Field.portDescription, portDescription), (Field.systemName, systemName),
      (Field.systemDescription, systemDescription),
    ] where !text.isEmpty {
      LLDPFrame.write(type, Array(text.utf8.prefix(Limits.octets)), into: &writer)
    }
    writer.uint16(0)
    return writer.bytes
  }

  private static func write(_ type: UInt8, _ value: [UInt8], into writer: inout ByteWriter) {
    writer.uint16(UInt16(type) << 9 | UInt16(value.count))
    writer.octets(value)
  }

  private static func mandatory(
    _ reader: inout ByteReader, _ wanted: UInt8, _ counts: ClosedRange<Int>
  ) throws(LLDPDrop) -> ArraySlice<UInt8> {
    let (type, value) = try field(&reader)
    guard type == wanted else { throw .order(type: type) }
    guard counts.contains(value.count) else { throw .length(type: type, count: value.count) }
    return value
  }

  private static func field(
    _ reader: inout ByteReader
  ) throws(LLDPDrop) -> (type: UInt8, value: ArraySlice<UInt8>) {
    do {
      let head = try reader.uint16()
      return (UInt8(head >> 9), try reader.octets(Int(head & 0x1ff)))
    } catch { throw .truncated(error) }
  }

  /// Text for people: what is not printable or not UTF-8 becomes a question mark.
  static func text(_ octets: ArraySlice<UInt8>) -> String {
    let text = String(decoding: octets.prefix(Limits.octets), as: UTF8.self)
    return String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { scalar in
          let isPrintable = scalar.value >= 0x20 && !(0x7f...0x9f).contains(scalar.value)
          return isPrintable && scalar.value != 0xfffd && !isDirection(scalar) ? scalar : "?"
        }))
  }

  /// Marks that change the order of what follows on a screen.
  private static func isDirection(_ scalar: Unicode.Scalar) -> Bool {
    (0x202a...0x202e).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
  }
}

/// A chassis or a port: a kind, and octets whose meaning depends on it (8.5.2, 8.5.3).
struct LLDPIdentifier: Hashable, CustomStringConvertible {
  /// Whose kinds count; the two number them differently.
  enum Space {
    case chassis
    case port
  }

  private enum Kind {
    static let chassisAddress: UInt8 = 4
    static let portAddress: UInt8 = 3
    static let chassisNetworkAddress: UInt8 = 5
    static let portNetworkAddress: UInt8 = 4
    static let interfaceName: UInt8 = 5
  }

  /// As in the frame, the kind first.
  let octets: [UInt8]
  /// For people: an address, or text.
  let description: String

  /// Reads the value of a field, which has at least two octets.
  init(_ octets: ArraySlice<UInt8>, addresses space: Space) {
    self.octets = Array(octets)
    let kind = octets.first ?? 0
    let value = octets.dropFirst()
    let isAddress = kind == (space == .chassis ? Kind.chassisAddress : Kind.portAddress)
    let isNetwork =
      kind == (space == .chassis ? Kind.chassisNetworkAddress : Kind.portNetworkAddress)
    if isAddress && value.count == 6 {
      description = MACAddress(value.reduce(0) { $0 << 8 | UInt64($1) }).description
    } else if isNetwork && value.count == 5 && value.first == 1 {
      description = IPv4Address(value.dropFirst().reduce(0) { $0 << 8 | UInt32($1) }).description
    } else {
      description = LLDPFrame.text(value)
    }
  }

  /// A chassis by its Ethernet address.
  init(chassis mac: MACAddress) {
    self.init(([Kind.chassisAddress] + mac.octets)[...], addresses: .chassis)
  }

  /// A port by the name of its interface.
  init(interface name: String) {
    self.init(([Kind.interfaceName] + Array(name.utf8.prefix(255)))[...], addresses: .port)
  }
}
