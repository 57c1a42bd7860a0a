import CLinux
import Glibc

/// The settings of a terminal: raw while we draw on it, as they were before afterwards.
///
/// Raw: every key comes as it is typed, without echo and without signals. Output keeps the
/// translation of line ends, so that lines of others on the same terminal stay readable. The
/// carrier of a serial line is ignored: three wires are enough.
public struct TerminalMode {
  private let descriptor: Int32
  private let before: termios

  /// Remembers the settings of a terminal; nil when `descriptor` is none.
  public init?(_ descriptor: Int32) {
    var settings = termios()
    guard unsafe tcgetattr(descriptor, &settings) == 0 else { return nil }
    self.descriptor = descriptor
    before = settings
  }

  /// Makes the terminal raw.
  public func makeRaw() throws(SystemError) {
    var settings = before
    settings.c_iflag &= ~tcflag_t(
      BRKINT | PARMRK | INPCK | ISTRIP | INLCR | IGNCR | ICRNL | IXON | IXOFF)
    settings.c_iflag |= tcflag_t(IGNBRK | IGNPAR)
    settings.c_oflag |= tcflag_t(OPOST | ONLCR)
    settings.c_lflag &= ~tcflag_t(ICANON | ECHO | ECHONL | ISIG | IEXTEN)
    settings.c_cflag |= tcflag_t(CLOCAL | CREAD)
    settings.c_cc.6 = 1  // VMIN
    settings.c_cc.5 = 0  // VTIME
    try apply(settings)
  }

  /// Shows nothing of what is typed, line by line: for a password.
  public func hideInput() throws(SystemError) {
    var settings = before
    settings.c_lflag &= ~tcflag_t(ECHO)
    try apply(settings)
  }

  /// Makes the terminal as a shell expects to find it, and forgets what was typed so far. Never
  /// waits for a line that is held up.
  public func makeOrdinary() throws(SystemError) {
    var settings = before
    settings.c_iflag |= tcflag_t(BRKINT | ICRNL | IXON)
    settings.c_oflag |= tcflag_t(OPOST | ONLCR)
    settings.c_lflag |= tcflag_t(ICANON | ECHO | ECHOE | ECHOK | ISIG | IEXTEN)
    settings.c_cflag |= tcflag_t(CLOCAL | CREAD)
    try system("tcflush", "terminal") { tcflush(descriptor, TCIFLUSH) }
    try system("tcsetattr", "terminal") { unsafe tcsetattr(descriptor, TCSANOW, &settings) }
  }

  /// Sets the terminal back; a terminal that is gone needs nothing.
  public func restore() {
    // Nobody is left to tell when the terminal is gone.
    _ = try? apply(before)
  }

  /// Makes the terminal the one of this session, so that its end is ours to know. Fails harmlessly
  /// when another session has it.
  public func takeOver() { _ = ztb_ioctl_pointer(descriptor, UInt(TIOCSCTTY), nil) }

  private func apply(_ settings: termios) throws(SystemError) {
    var settings = settings
    try system("tcsetattr", "terminal") { unsafe tcsetattr(descriptor, TCSADRAIN, &settings) }
  }
}
