/// A request to the device mapper (`struct dm_ioctl` of linux/dm-ioctl.h), in this machine's order.
///
/// | offset | octets | field                                                  |
/// |--------|--------|--------------------------------------------------------|
/// | 0      | 12     | version of the interface: 4, 0, 0                      |
/// | 12     | 4      | octets of the whole request                            |
/// | 16     | 4      | offset of the target                                   |
/// | 20     | 4      | number of targets                                      |
/// | 28     | 4      | flags; 1: read only                                    |
/// | 40     | 8      | device number, in the answer                           |
/// | 48     | 128    | name                                                   |
/// | 312    | 40     | target: first sector, sectors, status, next, type (16) |
/// | 352    | any    | its parameters, with a zero at the end                 |
struct MapperRequest {
  var bytes: [UInt8]

  private static let headOctets = 312
  private static let readOnly: UInt32 = 1

  /// A request about the device `name`, which has at most 127 octets.
  init(name: String) {
    bytes = [UInt8](repeating: 0, count: Self.headOctets)
    put(UInt32(4), at: 0)
    put(UInt32(bytes.count), at: 12)
    put(UInt32(Self.headOctets), at: 16)
    put(Self.readOnly, at: 28)
    put(Array(name.utf8.prefix(127)), at: 48)
  }

  /// A request with one target over the whole device.
  init(name: String, target: String, sectors: UInt64, parameters: String) {
    self.init(name: name)
    put(UInt32(1), at: 20)
    // A target ends at a multiple of eight.
    let room = (parameters.utf8.count + 1 + 7) / 8 * 8
    bytes += [UInt8](repeating: 0, count: 40 + room)
    put(UInt32(bytes.count), at: 12)
    put(sectors, at: Self.headOctets + 8)
    put(Array(target.utf8.prefix(15)), at: Self.headOctets + 24)
    put(Array(parameters.utf8), at: Self.headOctets + 40)
  }

  /// Minor number of the device in an answer: eight bits at the end, the others above the major.
  var minor: UInt32 {
    let low = (40..<44).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32(bytes[$1]) }
    return low & 0xff | low >> 12 & 0xfff00
  }

  private mutating func put(_ value: some FixedWidthInteger, at offset: Int) {
    var rest = value
    for index in offset..<offset + value.bitWidth / 8 {
      bytes[index] = UInt8(truncatingIfNeeded: rest)
      rest >>= 8
    }
  }

  private mutating func put(_ octets: [UInt8], at offset: Int) {
    for (index, octet) in octets.enumerated() { bytes[offset + index] = octet }
  }
}
