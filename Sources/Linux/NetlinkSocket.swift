import CLinux
import Glibc

/// A netlink socket that is read many messages at a time into memory allocated once.
///
/// The kernel reports one event per datagram, so that one `recvmmsg` for up to 64 of them saves
/// most of the cost of a busy table.
@safe public final class NetlinkSocket {
  /// `NETLINK_NETFILTER`.
  public static let netfilter = Int32(NETLINK_NETFILTER)

  private let socket: Descriptor
  private let slots: Int
  private let slotBytes: Int
  private let memory: UnsafeMutableRawBufferPointer
  private let vectors: UnsafeMutablePointer<iovec>
  private let headers: UnsafeMutablePointer<mmsghdr>

  /// The number by which the kernel names this socket as the cause of an event.
  public let port: UInt32

  /// Datagrams that were longer than a slot and are lost; a bug when not 0.
  public private(set) var truncated = 0

  /// Opens a socket of a netlink family with room for `receiveBufferBytes` in the kernel (which
  /// counts about 1.3 kB for an event of 200 octets) and for `slots` datagrams of `slotBytes` here.
  ///
  /// Needs `NET_ADMIN` for a buffer beyond the system's limit. Error answers do not repeat the
  /// request (`NETLINK_CAP_ACK`).
  public init(
    _ family: Int32, receiveBufferBytes: Int32, slots: Int, slotBytes: Int
  ) throws(SystemError) {
    let socket = try openSocket(AF_NETLINK, .raw, family)
    try setOption(socket.rawValue, SOL_SOCKET, SO_RCVBUFFORCE, receiveBufferBytes)
    try setOption(socket.rawValue, SOL_SOCKET, SO_SNDBUFFORCE, 1 << 20)
    try setOption(socket.rawValue, Int32(SOL_NETLINK), Int32(NETLINK_CAP_ACK), 1)
    var address = sockaddr_nl()
    address.nl_family = sa_family_t(AF_NETLINK)
    let number = socket.rawValue
    try unsafe withUnsafePointer(to: &address) { pointer throws(SystemError) in
      try unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        rebound throws(SystemError) in
        let size = socklen_t(MemoryLayout<sockaddr_nl>.size)
        try system("bind", "netlink") { unsafe bind(number, .init(__sockaddr__: rebound), size) }
      }
    }
    port = try Self.port(of: number)
    self.slots = slots
    self.slotBytes = slotBytes
    unsafe memory = .allocate(byteCount: slots * slotBytes, alignment: 16)
    unsafe vectors = .allocate(capacity: slots)
    unsafe headers = .allocate(capacity: slots)
    self.socket = socket
    unsafe headers.initialize(repeating: mmsghdr(), count: slots)
    for slot in 0..<slots {
      guard let base = unsafe memory.baseAddress else { preconditionFailure("slots are not empty") }
      unsafe vectors[slot] = unsafe iovec(iov_base: base + slot * slotBytes, iov_len: slotBytes)
      unsafe headers[slot].msg_hdr.msg_iov = unsafe vectors + slot
      unsafe headers[slot].msg_hdr.msg_iovlen = 1
    }
  }

  deinit {
    unsafe memory.deallocate()
    unsafe vectors.deallocate()
    unsafe headers.deallocate()
  }

  private static func port(of socket: Int32) throws(SystemError) -> UInt32 {
    var address = sockaddr_nl()
    var size = socklen_t(MemoryLayout<sockaddr_nl>.size)
    _ = try unsafe withUnsafeMutablePointer(to: &address) { pointer throws(SystemError) in
      try unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        rebound throws(SystemError) in
        try system("getsockname", "netlink") {
          unsafe getsockname(socket, .init(__sockaddr__: rebound), &size)
        }
      }
    }
    return address.nl_pid
  }

  /// The number, for ``Reactor/add(_:_:_:)``.
  public var descriptor: Int32 { socket.rawValue }

  /// Subscribes to a multicast group.
  public func join(group: Int32) throws(SystemError) {
    try setOption(socket.rawValue, Int32(SOL_NETLINK), Int32(NETLINK_ADD_MEMBERSHIP), group)
  }

  /// Leaves a multicast group.
  public func leave(group: Int32) throws(SystemError) {
    try setOption(socket.rawValue, Int32(SOL_NETLINK), Int32(NETLINK_DROP_MEMBERSHIP), group)
  }

  /// Has the kernel drop the echo of changes that were asked for on this socket, which it sends a
  /// subscriber like any event. Answers to questions and errors have a sequence number and stay.
  public func dropOwnEchoes() throws(SystemError) {
    // Filters load in network order what netlink has in the machine's.
    let load = UInt16(BPF_LD | BPF_W | BPF_ABS)
    let equal = UInt16(BPF_JMP | BPF_JEQ | BPF_K)
    let give = UInt16(BPF_RET | BPF_K)
    try attachFilter(
      socket.rawValue,
      [
        sock_filter(code: load, jt: 0, jf: 0, k: HeaderOffset.port),
        sock_filter(code: equal, jt: 0, jf: 3, k: port.bigEndian),
        sock_filter(code: load, jt: 0, jf: 0, k: HeaderOffset.sequence),
        sock_filter(code: equal, jt: 0, jf: 1, k: 0),
        sock_filter(code: give, jt: 0, jf: 0, k: 0),
        sock_filter(code: give, jt: 0, jf: 0, k: .max),
      ])
  }

  /// Offsets in `struct nlmsghdr`.
  private enum HeaderOffset {
    static let sequence: UInt32 = 8
    static let port: UInt32 = 12
  }

  /// Sends requests; the kernel has handled all of them when this returns. False when the socket
  /// cannot take them now.
  public func send(_ requests: UnsafeRawBufferPointer) throws(SystemError) -> Bool {
    try systemOrWouldBlock("send", "netlink") {
      unsafe Glibc.send(socket.rawValue, requests.baseAddress, requests.count, 0)
    } != nil
  }

  /// Takes up to as many datagrams as there are slots without waiting, hands each to `body`, and
  /// returns how many there were.
  ///
  /// Throws `ENOBUFS` once after the kernel dropped events because they were not read in time.
  public func receive(_ body: (RawSpan) -> Void) throws(SystemError) -> Int {
    let count = try systemOrWouldBlock("recvmmsg", "netlink") {
      unsafe recvmmsg(
        socket.rawValue, headers, UInt32(slots), Int32(MSG_DONTWAIT), nil)
    }
    for slot in 0..<Int(count ?? 0) {
      let length = Int(unsafe headers[slot].msg_len)
      if unsafe headers[slot].msg_hdr.msg_flags & Int32(MSG_TRUNC) != 0 {
        truncated += 1
      } else {
        let start = slot * slotBytes
        body(unsafe UnsafeRawBufferPointer(rebasing: memory[start..<start + length]).bytes)
      }
    }
    return Int(count ?? 0)
  }
}
