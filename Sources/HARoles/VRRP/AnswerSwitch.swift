import Glibc
import Linux

/// Stops and starts ARP answers on a virtual interface, in microseconds.
///
/// Setting an interface down makes the kernel wait for every processor (17 ms each were measured),
/// and until then it may answer the new active's announcements with the virtual MAC, which turns
/// the switches back to the old one. `arp_ignore` has no such wait: 8 answers nobody, 1 answers for
/// the addresses of the interface itself.
struct AnswerSwitch: ~Copyable {
  private let file: Descriptor

  /// Opens the switch of an interface; the file stays open, so that nothing is looked up later.
  init(device: String) throws(SystemError) {
    file = try Descriptor.open("/proc/sys/net/ipv4/conf/\(device)/arp_ignore", O_WRONLY)
  }

  /// Whether the interface may answer from now on; false when the kernel refused.
  borrowing func set(answers: Bool) -> Bool {
    let octets: [UInt8] = [answers ? 0x31 : 0x38, 0x0a]
    let number = file.rawValue
    return unsafe pwrite(number, octets, octets.count, 0) == octets.count
  }
}
