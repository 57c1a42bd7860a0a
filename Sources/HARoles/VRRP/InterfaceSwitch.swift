import CLinux
import Glibc
import Linux

/// Raises and lowers interfaces: one RTM_NEWLINK each, all of them in one send.
///
/// Nothing else about an interface is touched, so the change is as short as the kernel can make
/// it; the addresses are on the interface already.
final class InterfaceSwitch {
  private let socket: NetlinkSocket

  /// Opens the netlink socket. Needs `NET_ADMIN`.
  init() throws(SystemError) {
    socket = try NetlinkSocket(
      Int32(NETLINK_ROUTE), receiveBufferBytes: 1 << 16, slots: 8, slotBytes: 512)
  }

  /// Sets every interface of `indexes` up or down; the `errno` of each that failed.
  ///
  /// The kernel has made the change when this returns.
  func set(up: Bool, _ indexes: [Int32]) throws(SystemError) -> [Int32: Int32] {
    guard !indexes.isEmpty else { return [:] }
    let requests = indexes.flatMap { Self.request(up: up, $0) }
    var result: Swift.Result<Bool, SystemError> = .success(true)
    unsafe requests.withUnsafeBytes { octets in
      do throws(SystemError) {
        result = .success(try unsafe socket.send(octets))
      } catch { result = .failure(error) }
    }
    guard try result.get() else { throw SystemError(call: "send", code: EAGAIN) }
    var failures: [Int32: Int32] = [:]
    while try socket.receive({ Self.readError($0, into: &failures) }) > 0 {}
    return failures
  }

  /// `nlmsghdr` and `ifinfomsg`; no acknowledgement, so that only failures are answered. The
  /// sequence is the index, by which a failure is told apart.
  private static func request(up: Bool, _ index: Int32) -> [UInt8] {
    var header = nlmsghdr()
    header.nlmsg_len = 32
    header.nlmsg_type = UInt16(RTM_NEWLINK)
    header.nlmsg_flags = UInt16(NLM_F_REQUEST)
    header.nlmsg_seq = UInt32(bitPattern: index)
    var link = ifinfomsg()
    link.ifi_index = index
    link.ifi_flags = up ? 1 : 0  // IFF_UP
    link.ifi_change = 1
    return unsafe withUnsafeBytes(of: header) { unsafe Array($0) }
      + withUnsafeBytes(of: link) { unsafe Array($0) }
  }

  private static func readError(_ datagram: RawSpan, into failures: inout [Int32: Int32]) {
    guard datagram.byteCount >= 20 else { return }
    let type = unsafe datagram.unsafeLoadUnaligned(fromByteOffset: 4, as: UInt16.self)
    let index = unsafe datagram.unsafeLoadUnaligned(fromByteOffset: 8, as: Int32.self)
    let code = unsafe datagram.unsafeLoadUnaligned(fromByteOffset: 16, as: Int32.self)
    if type == UInt16(NLMSG_ERROR), code != 0 { failures[index] = -code }
  }
}
