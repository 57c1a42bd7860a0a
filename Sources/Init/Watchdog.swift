import CLinux
import Glibc
import Linux

/// The hardware that resets the machine unless it is fed.
struct Watchdog: ~Copyable {
  private let device: Descriptor

  /// Opens the first one, which is armed from now on.
  /// - Throws: where there is none.
  init(timeoutSeconds: Int32) throws(SystemError) {
    device = try Descriptor.open("/dev/watchdog0", O_WRONLY)
    let number = device.rawValue
    var seconds = timeoutSeconds
    // WDIOC_SETTIMEOUT; hardware that knows only other times keeps its own.
    _ = unsafe ztb_ioctl_pointer(number, Watchdog.setTimeout, &seconds)
  }

  /// Gives it another while.
  borrowing func feed() {
    // An octet that is not the magic `V`, so that closing does not disarm it.
    _ = try? device.write([0])
  }

  /// `_IOWR('W', 6, int)` of linux/watchdog.h.
  private static let setTimeout: UInt = 0xc004_5706
}
