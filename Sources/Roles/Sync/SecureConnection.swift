import Crypto
import Glibc
import Linux
import Wire

/// One TCP connection to the peer with TLS 1.3 on it.
final class SecureConnection {
  /// What ``advance(_:)`` came to.
  enum Outcome {
    /// Nothing to tell.
    case goesOn
    /// The peer has proved that it holds the key.
    case authenticated
    /// It is over, for this reason.
    case failed(String)
  }

  private enum State {
    case connecting
    case handshake
    case up
  }

  static let identity = "ztb-sync-1"

  /// When it is given up unless it is up by then.
  let deadline: Instant
  private let socket: Descriptor
  private let channel: TLSChannel
  private var state: State
  private var input: [UInt8] = []
  private var output: [UInt8] = []
  private var written = 0

  /// Takes over a socket that connects (`client`) or was accepted (`server`).
  init(
    _ role: TLSChannel.Role, _ socket: consuming Descriptor, key: [UInt8], at now: Instant
  ) throws(CryptoError) {
    channel = try TLSChannel(
      role, descriptor: socket.rawValue, identity: Self.identity, key: key)
    self.socket = socket
    state = role == .client ? .connecting : .handshake
    deadline = now + SyncLimits.handshake
  }

  /// The number, for the loop.
  var descriptor: Int32 { socket.rawValue }

  /// Whether the peer's kernel has not answered yet.
  var isConnecting: Bool { state == .connecting }

  /// Whether octets can be exchanged.
  var isUp: Bool { state == .up }

  /// What to watch for: at first both, then writability only while something could not be written.
  var interest: Readiness {
    isUp && written == output.count ? .readable : [.readable, .writable]
  }

  /// Goes on with connecting and the handshake.
  func advance(_ readiness: Readiness) -> Outcome {
    do {
      if state == .connecting {
        guard readiness.contains(.writable) || readiness.contains(.hangup) else { return .goesOn }
        let code = try StreamSocket.connectionError(descriptor)
        if code != 0 { return .failed("\(SystemError(call: "connect", code: code))") }
        state = .handshake
      }
      switch try channel.handshake() {
      case .done:
        state = .up
        return .authenticated
      case .wantsRead, .wantsWrite: return .goesOn
      case .closed: return .failed("closed in the handshake")
      }
    } catch { return .failed("\(error)") }
  }

  /// Reads what is there, at most a turn's worth; nil when the connection is over.
  func read() -> ArraySlice<UInt8>? {
    input.removeAll(keepingCapacity: true)
    do {
      while input.count < SyncLimits.bytesReadPerTurn {
        switch try channel.read(into: &input) {
        case .done: continue
        case .wantsRead, .wantsWrite: return input[...]
        case .closed: return input.isEmpty ? nil : input[...]
        }
      }
      return input[...]
    } catch { return nil }
  }

  /// Writes what `fill` gives until there is nothing or the socket is full; false when the
  /// connection is over.
  func write(_ fill: (inout [UInt8]) -> Void) -> Bool {
    var total = 0
    do {
      while true {
        if written == output.count {
          output.removeAll(keepingCapacity: true)
          written = 0
          if total < SyncLimits.bytesWrittenPerTurn { fill(&output) }
          if output.isEmpty { return true }
        }
        switch try channel.write(output[written...]) {
        case .done(let count):
          written += count
          total += count
        case .wantsRead, .wantsWrite: return true
        case .closed: return false
        }
      }
    } catch { return false }
  }

  /// Tells the peer that it is over.
  func shutdown() { if isUp { channel.shutdown() } }
}
