import CLinux
import Glibc

/// Two descriptors that belong together.
///
/// Frozen so that other modules can take the ends over one by one.
@frozen public struct DescriptorPair: ~Copyable {
  /// One end.
  public let first: Descriptor
  /// The other end.
  public let second: Descriptor
}

/// One end of a `SOCK_SEQPACKET` pair between two of our processes: whole messages, in order.
public struct PacketChannel: ~Copyable {
  /// What ``receive()`` found.
  public enum Received: Hashable, Sendable {
    /// One message.
    case message([UInt8])
    /// Nothing now.
    case nothing
    /// The other end is gone.
    case closed
  }

  /// Largest message, in octets; also the size of the socket buffers.
  public static let messageLimitBytes = 8 << 20

  private let socket: Descriptor

  /// Takes over an end, such as descriptor 3 of a role.
  public init(owning socket: consuming Descriptor) throws(SystemError) {
    try socket.setNonBlocking()
    self.socket = socket
  }

  /// Two connected ends.
  public static func pair() throws(SystemError) -> DescriptorPair {
    var ends: [Int32] = [-1, -1]
    try system("socketpair") {
      unsafe socketpair(
        AF_UNIX, Int32(SOCK_SEQPACKET.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends)
    }
    let pair = DescriptorPair(
      first: Descriptor(owning: ends[0]), second: Descriptor(owning: ends[1]))
    for end in ends {
      // Without the privilege the buffer stays at the system's limit, enough for small messages.
      _ = try? setOption(end, SOL_SOCKET, SO_SNDBUFFORCE, Int32(messageLimitBytes))
    }
    return pair
  }

  /// The number, for ``Reactor/add(_:_:_:)`` and ``ProcessSpecification/descriptors``.
  public var rawValue: Int32 { socket.rawValue }

  /// Sends one message; false when the other end does not read and the buffer is full.
  ///
  /// Throws `EPIPE` or `ECONNRESET` when the other end is gone.
  public borrowing func send(_ message: [UInt8]) throws(SystemError) -> Bool {
    precondition(message.count <= PacketChannel.messageLimitBytes, "the message is too long")
    let number = socket.rawValue
    var result: Swift.Result<Int?, SystemError> = .success(nil)
    unsafe message.withUnsafeBytes { buffer in
      do throws(SystemError) {
        result = .success(
          try systemOrWouldBlock("send") {
            unsafe Glibc.send(number, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL))
          })
      } catch { result = .failure(error) }
    }
    return try result.get() != nil
  }

  /// Takes one message without waiting.
  public borrowing func receive() throws(SystemError) -> Received {
    let number = socket.rawValue
    let flags = Int32(MSG_PEEK | MSG_TRUNC)
    var probe: UInt8 = 0
    do throws(SystemError) {
      guard
        let size = try systemOrWouldBlock("recv", "", { unsafe recv(number, &probe, 1, flags) })
      else { return .nothing }
      if size == 0 { return .closed }
      var bytes = [UInt8](repeating: 0, count: size)
      let count = try system("recv") { unsafe recv(number, &bytes, size, 0) }
      return .message(Array(bytes.prefix(count)))
    } catch {
      if error.code == ECONNRESET { return .closed }
      throw error
    }
  }
}
