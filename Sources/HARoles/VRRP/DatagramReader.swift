import CLinux
import Glibc
import Linux
import Wire

/// Takes datagrams with the moment at which the kernel received them.
///
/// A late reader must not take its own sleep for the sender's silence, so the stamp of the kernel
/// counts, not the moment of reading.
@safe final class DatagramReader {
  /// One datagram.
  struct Datagram {
    /// The octets as delivered.
    var octets: [UInt8]
    /// When the kernel got it, on the monotonic clock.
    var received: Instant
    /// Sender's address; nil on packet sockets.
    var source: IPv4Address?
    /// Time to live, where the socket asks for it.
    var timeToLive: Int32?
  }

  /// When the sockets were empty last.
  var emptiedAt = Instant.zero

  private static let limitBytes = 2_048
  private static let controlBytes = 256
  private let memory: UnsafeMutableRawBufferPointer
  private let control: UnsafeMutableRawBufferPointer

  /// Allocates the memory that every receive uses.
  init() {
    unsafe memory = .allocate(byteCount: Self.limitBytes, alignment: 16)
    unsafe control = .allocate(byteCount: Self.controlBytes, alignment: 16)
  }

  deinit {
    unsafe memory.deallocate()
    unsafe control.deallocate()
  }

  /// Asks the kernel to stamp what `socket` receives.
  static func enableStamps(_ socket: Int32) throws(SystemError) {
    try setOption(socket, SOL_SOCKET, SO_TIMESTAMPNS, 1)
  }

  /// Takes one datagram without waiting; nil when there is none.
  ///
  /// `offset` turns wall-clock stamps into monotonic time. A stamp is never later than `now` and
  /// never earlier than ``emptiedAt``, so that a step of the wall clock changes little.
  func receive(
    _ socket: Int32, now: Instant, offset: Interval
  ) throws(SystemError) -> Datagram? {
    var name = sockaddr_in()
    var vector = unsafe iovec(iov_base: memory.baseAddress, iov_len: Self.limitBytes)
    var message = unsafe msghdr()
    let count = try unsafe withUnsafeMutablePointer(to: &name) { name throws(SystemError) in
      try unsafe withUnsafeMutablePointer(to: &vector) { vector throws(SystemError) in
        unsafe message.msg_name = UnsafeMutableRawPointer(name)
        unsafe message.msg_namelen = socklen_t(MemoryLayout<sockaddr_in>.size)
        unsafe message.msg_iov = unsafe vector
        unsafe message.msg_iovlen = 1
        unsafe message.msg_control = unsafe control.baseAddress
        unsafe message.msg_controllen = Self.controlBytes
        return try systemOrWouldBlock("recvmsg") {
          unsafe recvmsg(socket, &message, Int32(MSG_DONTWAIT))
        }
      }
    }
    guard let count else { return nil }
    var datagram = Datagram(
      octets: unsafe [UInt8](UnsafeRawBufferPointer(rebasing: memory[..<count])), received: now)
    if name.sin_family == sa_family_t(AF_INET) {
      datagram.source = IPv4Address(UInt32(bigEndian: name.sin_addr.s_addr))
    }
    unsafe readControl(&message, into: &datagram, now: now, offset: offset)
    return datagram
  }

  private func readControl(
    _ message: inout msghdr, into datagram: inout Datagram, now: Instant, offset: Interval
  ) {
    var header = unsafe ztb_cmsg_first(&message)
    while let current = unsafe header {
      let data = unsafe ztb_cmsg_data(current)
      switch unsafe (current.pointee.cmsg_level, current.pointee.cmsg_type) {
      case (SOL_SOCKET, SO_TIMESTAMPNS):
        if let data = unsafe data {
          let stamp = unsafe data.loadUnaligned(as: timespec.self)
          let time = Instant(
            nanoseconds: Int64(stamp.tv_sec) * 1_000_000_000 + Int64(stamp.tv_nsec))
          datagram.received = min(now, max(emptiedAt, time + offset))
        }
      case (Int32(IPPROTO_IP), IP_TTL):
        if let data = unsafe data {
          datagram.timeToLive = unsafe data.loadUnaligned(as: Int32.self)
        }
      default: break  // Control messages that we did not ask for.
      }
      unsafe header = unsafe ztb_cmsg_next(&message, current)
    }
  }
}
