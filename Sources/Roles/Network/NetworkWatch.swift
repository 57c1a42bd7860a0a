import CLinux
import Linux

/// Hears from the kernel that interfaces, addresses or routes of this network namespace have
/// changed, whoever changed them.
///
/// What changed is not read: who is told looks at the whole state, which is also right after the
/// kernel dropped news because there were too many.
final class NetworkWatch {
  private let socket: NetlinkSocket
  private let reactor: Reactor

  /// Calls `changed` after each change, those of this process included.
  init(_ reactor: Reactor, changed: @escaping () -> Void) throws(SystemError) {
    socket = try NetlinkSocket(
      Int32(NETLINK_ROUTE), receiveBufferBytes: 1 << 18, slots: 16, slotBytes: 8 << 10)
    self.reactor = reactor
    for group in [
      RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV4_ROUTE,
      RTNLGRP_IPV6_ROUTE,
    ] {
      try socket.join(group: Int32(group.rawValue))
    }
    try reactor.add(socket.descriptor) { [unowned self] _ in
      // The rest comes with the next wake-up; an error only says that news were dropped.
      _ = try? socket.receive { _ in }
      changed()
    }
  }

  deinit { reactor.remove(socket.descriptor) }
}
