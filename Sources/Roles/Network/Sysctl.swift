import Glibc
import Linux

/// A kernel parameter of this network namespace.
struct Sysctl: Hashable {
  /// Below `/proc/sys/net`.
  let path: String
  let value: String
  /// What a kernel does not have needs no setting.
  let isOptional: Bool

  init(_ path: String, _ value: Int, optional: Bool = false) {
    self.path = path
    self.value = String(value)
    isOptional = optional
  }

  /// Writes the value unless it is there already.
  func apply() throws(SystemError) {
    let file = "/proc/sys/net/" + path
    do {
      let present = String(decoding: try Files.read(file, limitBytes: 4096), as: UTF8.self)
      if present.split(whereSeparator: \.isWhitespace) == [value[...]] { return }
      try Files.set(file, value)
    } catch {
      if isOptional && error.code == ENOENT { return }
      throw error
    }
  }

  /// Forwarding between the ports; 0 whenever no policy is in force. That of IPv6 is also the Router
  /// flag of every neighbour advertisement (RFC 4861 4.4).
  static func forwarding(_ on: Bool) -> [Sysctl] {
    [
      Sysctl("ipv4/ip_forward", on ? 1 : 0),
      Sysctl("ipv6/conf/all/forwarding", on ? 1 : 0, optional: true),
    ]
  }

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

  /// For a port or VLAN: it speaks for its own addresses only, and by its own route only. That of
  /// an owner leaves the answers to the virtual MAC, for every address that it has.
  static func port(_ name: String, isOwner: Bool = false) -> [Sysctl] {
    device(name) + [
      Sysctl("ipv4/conf/\(name)/arp_ignore", isOwner ? 8 : 1),
      Sysctl("ipv4/conf/\(name)/arp_filter", 1),
    ]
  }

  /// For the carrier of a virtual MAC: it answers for its address although the way back to the
  /// client is by the port.
  static func virtualRouter(_ name: String) -> [Sysctl] {
    device(name) + [
      Sysctl("ipv4/conf/\(name)/arp_ignore", 1), Sysctl("ipv4/conf/\(name)/arp_filter", 0),
      Sysctl("ipv4/conf/\(name)/accept_local", 1),
    ]
  }

  /// Whether hosts that ask for each other's Ethernet address are given this device's.
  ///
  /// The way to the hosts is by the port. That is the same device, for which the kernel has a switch of
  /// its own (RFC 3069), or, for the carrier of a virtual MAC, another. There the ordinary switch
  /// would also answer a host that only tells its address, and have it believe that somebody else uses it.
  static func proxy(_ name: String, isPort: Bool, on: Bool) -> [Sysctl] {
    [
      Sysctl("ipv4/conf/\(name)/\(isPort ? "proxy_arp_pvlan" : "proxy_arp")", on ? 1 : 0),
      Sysctl("ipv4/conf/\(name)/drop_gratuitous_arp", on && !isPort ? 1 : 0),
      // A proxy waits up to 0.8 s for the host itself, which cannot be heard here.
      Sysctl("ipv4/neigh/\(name)/proxy_delay", on ? 0 : 80),
    ]
  }

  private static func device(_ name: String) -> [Sysctl] {
    [
      Sysctl("ipv4/conf/\(name)/rp_filter", 0),
      // Else clients learn the physical MAC for a virtual address.
      Sysctl("ipv4/conf/\(name)/arp_announce", 2), Sysctl("ipv4/conf/\(name)/send_redirects", 0),
      // Changing an address must not take the others of its network along.
      Sysctl("ipv4/conf/\(name)/promote_secondaries", 1),
    ]
  }

  /// No IPv6 on an interface; kernels without IPv6 have nothing to switch off.
  static func noIPv6(_ name: String) -> Sysctl {
    Sysctl("ipv6/conf/\(name)/disable_ipv6", 1, optional: true)
  }

  /// IPv6 on a port or VLAN, with a link-local address by itself and all others from the document:
  /// nobody on the wire tells a router its addresses and routes.
  static func ipv6(_ name: String) -> [Sysctl] {
    [
      Sysctl("ipv6/conf/\(name)/accept_ra", 0), Sysctl("ipv6/conf/\(name)/autoconf", 0),
      Sysctl("ipv6/conf/\(name)/accept_redirects", 0),
      Sysctl("ipv6/conf/\(name)/addr_gen_mode", 0), Sysctl("ipv6/conf/\(name)/disable_ipv6", 0),
    ]
  }

  /// IPv6 on the carrier of a virtual MAC: the addresses of the document and no other, there at once
  /// when it is raised (RFC 9568 8.2.2).
  static func virtualRouter6(_ name: String) -> [Sysctl] {
    [
      Sysctl("ipv6/conf/\(name)/accept_ra", 0), Sysctl("ipv6/conf/\(name)/autoconf", 0),
      Sysctl("ipv6/conf/\(name)/accept_redirects", 0),
      // None: that of the virtual MAC is the document's to give.
      Sysctl("ipv6/conf/\(name)/addr_gen_mode", 1),
      Sysctl("ipv6/conf/\(name)/accept_dad", 0), Sysctl("ipv6/conf/\(name)/dad_transmits", 0),
      Sysctl("ipv6/conf/\(name)/keep_addr_on_down", 1),
      Sysctl("ipv6/conf/\(name)/disable_ipv6", 0),
    ]
  }
}

extension [Sysctl] {
  /// Writes every value, whatever becomes of the others; throws the first failure.
  func apply() throws(SystemError) {
    var failure: SystemError?
    for setting in self {
      do throws(SystemError) { try setting.apply() } catch { failure = failure ?? error }
    }
    if let failure { throw failure }
  }
}
