/// Why octets are no usable answer of a name server.
public enum DNSError: Error, Hashable, Sendable {
  /// It ends too early, at this offset.
  case truncated(offset: Int)
  /// It answers another question, or is no answer.
  case foreign
  /// A name at this offset is malformed.
  case name(offset: Int)
}

/// One question for the addresses of a name, and its answer (RFC 1035 4.1).
///
///     0   identifier         2   flags: QR, opcode, RD, RA, response code
///     4   questions          6   answers
///     8   authorities        10  additional records
///     12  question: name, type, class; then records: name, type, class, TTL, length, data
public enum DNSMessage {
  private enum Code {
    static let recursionDesired: UInt16 = 0x0100
    static let response: UInt16 = 0x8000
    static let responseCode: UInt16 = 0x000f
    static let typeA: UInt16 = 1
    static let classInternet: UInt16 = 1
    static let pointer: UInt8 = 0xc0
  }

  /// Numbers that bound a message.
  private enum Limits {
    static let labelOctets = 63
    static let nameOctets = 253
    static let records = 64
  }

  /// What a server said.
  public struct Answer: Hashable, Sendable {
    /// 0: the name exists; 3: it does not; others: the server cannot say.
    public let responseCode: Int
    /// The addresses, in the order of the message.
    public let addresses: [IPv4Address]
  }

  /// A question for the A records of `name`; nil when it is no host name.
  public static func question(_ name: String, identifier: UInt16) -> [UInt8]? {
    let labels = name.split(separator: ".", omittingEmptySubsequences: false)
    guard name.utf8.count <= Limits.nameOctets,
      labels.allSatisfy({ (1...Limits.labelOctets).contains($0.utf8.count) })
    else { return nil }
    var writer = ByteWriter()
    writer.uint16(identifier)
    writer.uint16(Code.recursionDesired)
    for count in [1, 0, 0, 0] as [UInt16] { writer.uint16(count) }
    for label in labels {
      writer.uint8(UInt8(label.utf8.count))
      writer.octets(label.utf8)
    }
    writer.uint8(0)
    writer.uint16(Code.typeA)
    writer.uint16(Code.classInternet)
    return writer.bytes
  }

  /// Reads the answer to a question of this identifier.
  public static func answer(_ octets: [UInt8], identifier: UInt16) throws(DNSError) -> Answer {
    var reader = ByteReader(octets)
    do {
      let number = try reader.uint16()
      let flags = try reader.uint16()
      guard number == identifier, flags & Code.response != 0 else { throw DNSError.foreign }
      let questions = try reader.uint16()
      let answers = try reader.uint16()
      _ = try reader.octets(4)
      for _ in 0..<min(Int(questions), Limits.records) {
        try skipName(&reader)
        _ = try reader.octets(4)
      }
      var addresses: [IPv4Address] = []
      for _ in 0..<min(Int(answers), Limits.records) {
        if let address = try address(&reader) { addresses.append(address) }
      }
      return Answer(responseCode: Int(flags & Code.responseCode), addresses: addresses)
    } catch let error as DNSError {
      throw error
    } catch { throw DNSError.truncated(offset: reader.offset) }
  }

  /// One record; its address when it is one.
  private static func address(_ reader: inout ByteReader) throws -> IPv4Address? {
    try skipName(&reader)
    let type = try reader.uint16()
    let `class` = try reader.uint16()
    _ = try reader.uint32()
    let data = try reader.octets(Int(try reader.uint16()))
    guard type == Code.typeA, `class` == Code.classInternet, data.count == 4 else { return nil }
    return IPv4Address(data.reduce(0) { $0 << 8 | UInt32($1) })
  }

  /// Names are not followed: which name a record is for does not matter to somebody who asked for
  /// one only.
  private static func skipName(_ reader: inout ByteReader) throws {
    while true {
      let offset = reader.offset
      let length = try reader.uint8()
      if length == 0 { return }
      if length & Code.pointer == Code.pointer {
        _ = try reader.uint8()
        return
      }
      guard length <= Limits.labelOctets else { throw DNSError.name(offset: offset) }
      _ = try reader.octets(Int(length))
    }
  }
}
