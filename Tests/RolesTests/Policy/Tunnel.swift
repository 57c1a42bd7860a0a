import CLinux
import Glibc
import Linux

/// A port of this namespace whose cable is this process: what it writes has arrived at the port,
/// what it reads has left by it. Packets are bare, without a link below IP.
final class Tunnel {
  let name: String
  private let device: Descriptor

  private enum Requests {
    /// `TUNSETIFF`.
    static let make: UInt = 0x4004_54ca
    /// `IFF_TUN | IFF_NO_PI`, where `struct ifreq` has its flags.
    static let flags: [UInt8] = [0x01, 0x10]
    static let flagsOffset = 16
    static let octets = 40
  }

  init(_ name: String) throws {
    self.name = name
    device = try Descriptor.open("/dev/net/tun", O_RDWR | O_NONBLOCK)
    var request = [UInt8](repeating: 0, count: Requests.octets)
    request.replaceSubrange(0..<name.utf8.count, with: name.utf8)
    request.replaceSubrange(Requests.flagsOffset..<Requests.flagsOffset + 2, with: Requests.flags)
    let number = device.rawValue
    try system("ioctl", name) { unsafe ztb_ioctl_pointer(number, Requests.make, &request) }
    try OwnNamespace.command("ip", "link", "set", name, "up")
  }

  /// Lets a packet arrive; the kernel has forwarded or dropped it when this returns.
  func arrive(_ packet: [UInt8]) throws {
    let written = try device.write(packet)
    precondition(written == packet.count, "a tunnel takes a packet whole")
  }

  /// The next packet that has left; nil when there is none.
  func leave() throws -> [UInt8]? { try device.read(limit: 2_048) }
}
