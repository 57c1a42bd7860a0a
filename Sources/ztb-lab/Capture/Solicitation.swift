import Glibc
import Wire

/// A neighbour solicitation of the machine that is not there (RFC 4861 4.3).
enum Solicitation {
  /// The whole frame that asks on `port` for an address written as text.
  static func frame(_ text: String, _ port: Port) -> [UInt8] {
    let target = octets(text)
    let low = target.suffix(3)
    let source = octets("fe80::fb:\(port.rawValue)")
    let destination = octets("ff02::1:ff00:0").dropLast(3) + low
    let mac = Capture.askerMAC(port).octets
    var message = ByteWriter(capacity: 32)
    message.octets([135, 0, 0, 0, 0, 0, 0, 0] + target + [1, 1] + mac)
    var checksum = InternetChecksum()
    checksum.add(source + destination)
    checksum.add(UInt16(message.bytes.count))
    checksum.add(UInt16(58))
    checksum.add(message.bytes)
    message.patch16(checksum.value, at: 2)
    var frame = ByteWriter(capacity: 86)
    frame.octets([0x33, 0x33, 0xff] + low + mac + [0x86, 0xdd])
    frame.octets([0x60, 0, 0, 0, 0, UInt8(message.bytes.count), 58, 255])
    frame.octets(source + destination + message.bytes)
    return frame.bytes
  }

  /// The 16 octets of an address that the lab itself wrote.
  static func octets(_ text: String) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 16)
    let result = unsafe inet_pton(AF_INET6, text, &bytes)
    precondition(result == 1, "\(text) is an address")
    return bytes
  }
}
