import CLinux
import Glibc

/// The octets of a terminal, or of pipes in its place: keys come in, text goes out and waits when
/// the line is slow.
public final class TerminalLine {
  /// Numbers that bound the line.
  public enum Limits {
    /// Octets that may wait for a slow line; what does not fit is lost.
    public static let waitingOctets = 256 << 10
    /// Octets taken at one time.
    static let readOctets = 4_096
  }

  private let reactor: Reactor
  private let input: Int32
  private let output: Int32
  private let received: ([UInt8]) -> Void
  private let ended: () -> Void
  private var waiting: [UInt8] = []
  private var isOpen = true

  /// Watches `input`, which the caller keeps open and which is another number than `output`; `ended` is called once, at the end of the input
  /// or when the line hangs up.
  public init(
    _ reactor: Reactor, input: Int32, output: Int32, received: @escaping ([UInt8]) -> Void,
    ended: @escaping () -> Void
  ) throws(SystemError) {
    precondition(input != output, "input and output are watched each by its number")
    self.reactor = reactor
    self.input = input
    self.output = output
    self.received = received
    self.ended = ended
    try reactor.add(input) { [unowned self] in read($0) }
  }

  deinit { close() }

  /// Sends text; what cannot be taken now waits.
  public func write(_ text: String) {
    guard isOpen else { return }
    let octets = Array(text.utf8)
    waiting += octets.prefix(max(0, Limits.waitingOctets - waiting.count))
    flush()
  }

  /// Whether everything was sent.
  public var isFlushed: Bool { waiting.isEmpty }

  /// Stops watching; what waits is lost.
  public func close() {
    guard isOpen else { return }
    isOpen = false
    waiting = []
    reactor.remove(input)
    reactor.remove(output)
  }

  private func read(_ readiness: Readiness) {
    var octets = [UInt8](repeating: 0, count: Limits.readOctets)
    let number = input
    do throws(SystemError) {
      let count = try systemOrWouldBlock("read", "terminal") {
        unsafe Glibc.read(number, &octets, octets.count)
      }
      guard let count else { return }
      if count == 0 { return end() }
      received(Array(octets.prefix(count)))
    } catch {
      // EIO: the line has hung up.
      end()
    }
  }

  private func flush() {
    let number = output
    do throws(SystemError) {
      while isOpen, !waiting.isEmpty {
        let count = try systemOrWouldBlock("write", "terminal") {
          unsafe Glibc.write(number, waiting, waiting.count)
        }
        guard let count else { return try awaitRoom() }
        waiting.removeFirst(count)
      }
      reactor.remove(output)
    } catch { end() }
  }

  private func awaitRoom() throws(SystemError) {
    // Two numbers, also where they are one terminal: each is watched for one thing.
    reactor.remove(output)
    try reactor.add(output, .writable) { [unowned self] _ in flush() }
  }

  private func end() {
    guard isOpen else { return }
    close()
    ended()
  }
}
