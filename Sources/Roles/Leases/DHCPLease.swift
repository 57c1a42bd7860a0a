import Wire

/// An address that a host of a LAN has, or had lately.
///
///     address 4, mac 6, term 8, number 8, ends 8,
///     client (length 1, octets), name (length 1, octets)
///
/// All numbers in network order.
struct DHCPLease: Hashable {
  /// Which of two pieces of news about an address is the newer one: that of the later activation, in
  /// one activation that with the higher number. Clocks have no part in it.
  struct Stamp: Hashable, Comparable {
    /// The term of the node that gave the news; 0 on a node that is alone.
    var term: UInt64
    /// Grows with each piece of news.
    var number: UInt64

    static func < (a: Stamp, b: Stamp) -> Bool {
      a.term == b.term ? a.number < b.number : a.term < b.term
    }
  }

  /// Highest term and number that are believed: as many are left for own news.
  static let highestStamp: UInt64 = 1 << 62
  /// Longest client identifier and name, in octets.
  static let textBytes = 255

  /// The address.
  var address: IPv4Address
  /// Who has it.
  var mac: MACAddress
  /// What the host calls itself to servers (option 61); empty: nothing.
  var client: [UInt8] = []
  /// The host's name, for people; empty: none.
  var name = ""
  /// Seconds since 1970 until which it has it; what is not later than now is free.
  var ends: Int64
  /// How new this is.
  var stamp = Stamp(term: 0, number: 0)

  /// Whether both are of one host: by its identifier, else by its Ethernet address.
  func isOfSameHost(as other: DHCPLease) -> Bool {
    client.isEmpty && other.client.isEmpty ? mac == other.mac : client == other.client
  }
}

extension DHCPLease: WireCodable {
  init(from reader: inout ByteReader) throws(WireError) {
    address = try IPv4Address(from: &reader)
    mac = try MACAddress(from: &reader)
    stamp = Stamp(
      term: try DHCPLease.stampNumber(&reader), number: try DHCPLease.stampNumber(&reader))
    ends = Int64(bitPattern: try reader.uint64())
    client = Array(try reader.octets(Int(try reader.uint8())))
    name = DHCPLease.shown(
      String(decoding: try reader.octets(Int(try reader.uint8())), as: UTF8.self))
  }

  func write(into writer: inout ByteWriter) {
    address.write(into: &writer)
    mac.write(into: &writer)
    writer.uint64(stamp.term)
    writer.uint64(stamp.number)
    writer.uint64(UInt64(bitPattern: ends))
    for text in [client, Array(name.utf8)] {
      let kept = text.prefix(DHCPLease.textBytes)
      writer.uint8(UInt8(kept.count))
      writer.octets(kept)
    }
  }

  private static func stampNumber(_ reader: inout ByteReader) throws(WireError) -> UInt64 {
    let offset = reader.offset
    let value = try reader.uint64()
    guard value <= highestStamp else { throw .invalid(offset: offset, value: value) }
    return value
  }

  /// A name without anything that a terminal or a page could stumble over.
  static func shown(_ name: String) -> String {
    let isHarmless =
      name.utf8.count <= textBytes && name.utf8.allSatisfy { (0x21...0x7e).contains($0) }
    return isHarmless ? name : ""
  }
}

/// The lines of dnsmasq's lease file: `ENDS MAC ADDRESS NAME CLIENT`, `*` for what there is not.
extension DHCPLease {
  /// Nil for a line of another kind, a host without Ethernet, or half a line.
  init?(line: Substring) {
    let words = line.split(separator: " ")
    guard words.count == 5, let ends = Int64(words[0]), let mac = MACAddress(words[1]),
      let address = IPv4Address(words[2])
    else { return nil }
    var client: [UInt8] = []
    if words[4] != "*" {
      for pair in words[4].split(separator: ":", omittingEmptySubsequences: false) {
        guard pair.utf8.count == 2, let octet = UInt8(pair, radix: 16) else { return nil }
        client.append(octet)
      }
    }
    guard client.count <= DHCPLease.textBytes else { return nil }
    self.init(
      address: address, mac: mac, client: client,
      name: words[3] == "*" ? "" : DHCPLease.shown(String(words[3])), ends: ends)
  }

  /// Without the name: a reserved one comes from the configuration, any other is not believed.
  var line: String {
    let client =
      client.isEmpty ? "*" : client.map { Hexadecimal.text([$0]) }.joined(separator: ":")
    return "\(ends) \(mac) \(address) * \(client)\n"
  }
}
