import Glibc
import Linux

/// A kernel parameter of this network namespace.
struct Sysctl: Hashable {
  /// Below `/proc/sys/net`.
  let path: String
  let value: String

  init(_ path: String, _ value: Int) {
    self.path = path
    self.value = String(value)
  }

  /// Writes the value unless it is there already. What the kernel does not have needs no setting
  /// when `optional`.
  func apply(optional: Bool = false) throws(SystemError) {
    let file = "/proc/sys/net/" + path
    do {
      let present = String(decoding: try Files.read(file, limitBytes: 4096), as: UTF8.self)
      if present.split(whereSeparator: \.isWhitespace) == [value[...]] { return }
      try Files.set(file, value)
    } catch {
      if optional && error.code == ENOENT { return }
      throw error
    }
  }

  /// Forwarding between the ports; 0 whenever no policy is in force.
  static func forwarding(_ on: Bool) -> Sysctl { Sysctl("ipv4/ip_forward", on ? 1 : 0) }

  /// What holds for the namespace, whatever its interfaces.
  static let common: [Sysctl] =
    [
      // Entries made while nobody listens are reported later too.
      Sysctl("netfilter/nf_conntrack_events", 1),
      // A lost session is really lost, and a window is really checked.
      Sysctl("netfilter/nf_conntrack_tcp_loose", 0),
      Sysctl("netfilter/nf_conntrack_tcp_be_liberal", 0),
      // The kernel takes the larger of `all` and the interface's own for these.
      Sysctl("ipv4/conf/all/rp_filter", 0), Sysctl("ipv4/conf/default/rp_filter", 0),
      Sysctl("ipv4/conf/all/arp_filter", 0), Sysctl("ipv4/conf/all/send_redirects", 0),
      Sysctl("ipv4/conf/default/send_redirects", 0), Sysctl("ipv4/conf/all/accept_redirects", 0),
      Sysctl("ipv4/conf/all/arp_announce", 2), Sysctl("ipv4/conf/all/arp_ignore", 1),
    ]

  /// For a port or VLAN: it speaks for its own addresses only, and by its own route only.
  static func port(_ name: String) -> [Sysctl] {
    device(name) + [Sysctl("ipv4/conf/\(name)/arp_filter", 1)]
  }

  /// For the carrier of a virtual MAC: it answers for its address although the way back to the
  /// client is by the port.
  static func virtualRouter(_ name: String) -> [Sysctl] {
    device(name) + [
      Sysctl("ipv4/conf/\(name)/arp_filter", 0), Sysctl("ipv4/conf/\(name)/accept_local", 1),
    ]
  }

  private static func device(_ name: String) -> [Sysctl] {
    [
      Sysctl("ipv4/conf/\(name)/rp_filter", 0),
      // Else clients learn the physical MAC for a virtual address.
      Sysctl("ipv4/conf/\(name)/arp_announce", 2), Sysctl("ipv4/conf/\(name)/arp_ignore", 1),
      Sysctl("ipv4/conf/\(name)/send_redirects", 0),
      // Changing an address must not take the others of its network along.
      Sysctl("ipv4/conf/\(name)/promote_secondaries", 1),
    ]
  }

  /// No IPv6 on an interface; kernels without IPv6 have nothing to switch off.
  static func noIPv6(_ name: String) -> Sysctl { Sysctl("ipv6/conf/\(name)/disable_ipv6", 1) }
}
