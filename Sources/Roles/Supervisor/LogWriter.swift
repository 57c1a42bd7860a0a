import CLinux
import Glibc
import Linux
import Messages

/// The log: one line an event, stamped, to standard error and to a ring of files.
///
/// `TIME LEVEL ROLE TEXT`. A reader of standard error that does not read never stops the gateway:
/// what does not fit is in the file only.
final class LogWriter {
  private let path: String
  private let echoes: Bool
  private var file: Int32 = -1
  private var size = 0
  /// Lines of each role in the running second, for the limit.
  private var counts: [String: Int] = [:]
  private var second: Int64 = 0

  /// Opens `DIRECTORY/ztbd.log`; without it (read-only, full) only standard error is written, and
  /// that only if the log `echoes`.
  init(directory: String, echoes: Bool = true) {
    path = directory + "/ztbd.log"
    self.echoes = echoes
    open()
  }

  deinit { if file >= 0 { close(file) } }

  /// Writes one line; line breaks in `text` become spaces.
  func write(_ level: LogLevel, _ role: String, _ text: String) {
    let now = WallClock.secondsSince1970()
    if now != second { startSecond(now) }
    counts[role, default: 0] += 1
    guard counts[role, default: 0] <= SupervisorLimits.logLinesPerSecond else { return }
    emit("\(WallClock.timestamp()) \(level) \(role) \(oneLine(text))\n")
  }

  /// Forgets everything that was written, for a factory reset.
  func erase() {
    if file >= 0 { close(file) }
    for suffix in [""] + (1...SupervisorLimits.logFilesKept).map({ ".\($0)" }) {
      unsafe unlink(path + suffix)
    }
    open()
  }

  private func startSecond(_ now: Int64) {
    second = now
    let dropped = counts.mapValues { $0 - SupervisorLimits.logLinesPerSecond }
    counts.removeAll(keepingCapacity: true)
    for (role, count) in dropped.sorted(by: { $0.key < $1.key }) where count > 0 {
      emit("\(WallClock.timestamp()) notice supervise log lines dropped role=\(role) n=\(count)\n")
    }
  }

  private func emit(_ line: String) {
    let bytes = Array(line.utf8)
    if echoes { echo(bytes) }
    guard file >= 0 else { return }
    if size + bytes.count > SupervisorLimits.logFileBytes { rotate() }
    let written = unsafe Glibc.write(file, bytes, bytes.count)
    size += max(0, written)
  }

  private func echo(_ bytes: [UInt8]) {
    var terminal = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
    guard unsafe poll(&terminal, 1, 0) > 0, terminal.revents & Int16(POLLOUT) != 0 else { return }
    // A short or failed write concerns the reader of standard error alone.
    _ = unsafe Glibc.write(STDERR_FILENO, bytes, min(bytes.count, 4_096))
  }

  private func rotate() {
    close(file)
    for number in stride(from: SupervisorLimits.logFilesKept - 1, through: 1, by: -1) {
      unsafe rename("\(path).\(number)", "\(path).\(number + 1)")
    }
    unsafe rename(path, path + ".1")
    open()
  }

  private func open() {
    file = unsafe ztb_open(path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    size = file >= 0 ? max(0, lseek(file, 0, SEEK_END)) : 0
  }

  private func oneLine(_ text: String) -> String {
    String(text.map { $0.isNewline ? " " : $0 })
  }
}
