import Wire

/// An IPv4 advertisement as the author likes it, right or wrong in every field, made without the product's
/// own code.
struct ForgedAdvert {
  var source: IPv4Address
  var addresses: [IPv4Address]
  var priority: UInt8
  var version: UInt8 = 3
  var type: UInt8 = 1
  var router = UInt8(Plan.group)
  /// What the count says; nil = the truth.
  var count: UInt8?
  var centiseconds: UInt16 = 2
  var timeToLive: UInt8 = 255
  /// Put onto the right checksum.
  var checksumError: UInt16 = 0
  /// Octets kept of the message.
  var keptCount = Int.max
  /// A machine that is not there: whoever forges does not move the virtual MAC as well.
  var sourceMAC = MACAddress(0x0200_0000_fe00)

  /// 224.0.0.18.
  private static let group = IPv4Address(224, 0, 0, 18)
  /// 01:00:5e:00:00:12.
  private static let groupMAC = MACAddress(0x0100_5e00_0012)

  /// An advertisement on a port that would be right if its sender were.
  init(_ port: Port, from source: IPv4Address, priority: UInt8) {
    self.source = source
    self.priority = priority
    addresses = [port == .lan ? Plan.lanVirtual : Plan.wanVirtual]
  }

  /// The whole Ethernet frame.
  var frame: [UInt8] {
    let message = Array(message.prefix(keptCount))
    var datagram = ByteWriter(capacity: 20 + message.count)
    datagram.octets([0x45, 0xc0])
    datagram.uint16(UInt16(20 + message.count))
    datagram.uint32(0)
    datagram.octets([timeToLive, 112])
    datagram.uint16(0)
    datagram.octets(source.octets + ForgedAdvert.group.octets)
    var checksum = InternetChecksum()
    checksum.add(datagram.bytes)
    datagram.patch16(checksum.value, at: 10)
    return ForgedAdvert.groupMAC.octets + sourceMAC.octets + [0x08, 0x00] + datagram.bytes
      + message
  }

  /// RFC 9568 5.1, with the pseudo header that Linux routers expect.
  private var message: [UInt8] {
    var writer = ByteWriter(capacity: 8 + 4 * addresses.count)
    writer.octets([version << 4 | type, router, priority, count ?? UInt8(addresses.count)])
    writer.uint16(centiseconds)
    writer.uint16(0)
    for address in addresses { writer.octets(address.octets) }
    var checksum = InternetChecksum()
    checksum.add(source.octets + ForgedAdvert.group.octets)
    checksum.add(UInt16(112))
    checksum.add(UInt16(writer.bytes.count))
    checksum.add(writer.bytes)
    writer.patch16(checksum.value &+ checksumError, at: 6)
    return writer.bytes
  }

  /// Every kind of nonsense that a router must not heed, all in the name of a stranger with a higher
  /// priority.
  static func junk(_ port: Port) -> [[UInt8]] {
    let base = ForgedAdvert(port, from: Plan.asker(port), priority: 254)
    func altered(_ change: (inout ForgedAdvert) -> Void) -> [UInt8] {
      var copy = base
      change(&copy)
      return copy.frame
    }
    return [
      altered { $0.checksumError = 1 }, altered { $0.timeToLive = 1 },
      altered { $0.timeToLive = 254 }, altered { $0.version = 4 }, altered { $0.version = 2 },
      altered { $0.type = 2 }, altered { $0.addresses = [] },
      altered { $0.count = 2 }, altered { $0.count = 0 }, altered { $0.keptCount = 7 },
      altered { $0.keptCount = 8 }, altered { $0.centiseconds = 0 },
    ]
  }
}
