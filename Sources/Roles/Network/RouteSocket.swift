import CLinux
import CNetlink3
import Wire

/// A change of the network that the kernel refused.
public struct NetworkError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was tried, on what, and why it failed.
  public let description: String

  init(_ action: String, _ code: Int32) {
    let reason = unsafe nl_geterror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
    description = "\(action): \(reason)"
  }

  init(absent interface: String) {
    description = "interface \(interface) is not there; plug it in or correct the document"
  }
}

/// libnl-route with Swift values on the outside. Every call is one request and its answer.
@safe final class RouteSocket {
  /// Marks our routes, so that a successor finds them (`rtm_protocol`; 200…254 are unassigned).
  static let routeProtocol: UInt8 = 212
  /// Marks the interfaces that we make (`IFLA_IFALIAS`).
  static let linkAlias = "ztb"
  /// The label of the IPv4 addresses that we add to a port (`IFA_LABEL`); nil on a device that we
  /// made, whose addresses are ours anyway. Programs such as dnsmasq take a label for the name of
  /// the interface. IPv6 addresses have none; those
  /// that we add to a port are marked as its home (`IFA_F_HOMEADDRESS`), which nobody else does and
  /// which makes them the preferred source.
  static func label(on device: String) -> String? {
    DeviceSpec.carriesVirtualMAC(device) ? nil : device + labelSuffix
  }
  private static let labelSuffix = ":ztb"

  let socket: OpaquePointer

  /// Opens a socket to rtnetlink in this network namespace.
  init() throws(NetworkError) {
    guard let socket = unsafe nl_socket_alloc() else {
      throw NetworkError("nl_socket_alloc", -NLE_NOMEM)
    }
    unsafe self.socket = unsafe socket
    let code = unsafe nl_connect(socket, Int32(NETLINK_ROUTE))
    guard code >= 0 else { throw NetworkError("connect to rtnetlink", code) }
  }

  deinit { unsafe nl_socket_free(socket) }

  /// Every interface.
  func links() throws(NetworkError) -> [LinkStatus] {
    try unsafe dump("list interfaces", { unsafe rtnl_link_alloc_cache(socket, AF_UNSPEC, &$0) }) {
      unsafe RouteSocket.linkStatus($0)
    }
  }

  /// Every address; `names` gives the interface of an index.
  func addresses(_ names: [Int32: String]) throws(NetworkError) -> [AddressStatus] {
    try unsafe dump("list addresses", { unsafe rtnl_addr_alloc_cache(socket, &$0) }) { entry in
      guard let local = unsafe IPAddress(nlAddress: rtnl_addr_get_local(entry)),
        let device = names[unsafe rtnl_addr_get_ifindex(entry)]
      else { return nil }
      let spec = AddressSpec(
        device: device, address: local.prefix(Int(unsafe rtnl_addr_get_prefixlen(entry))))
      switch local {
      case .v4:
        let label = unsafe rtnl_addr_get_label(entry).map { unsafe String(cString: $0) } ?? ""
        let isMarked = label.hasSuffix(RouteSocket.labelSuffix)
        return AddressStatus(spec: spec, isOurs: isMarked || spec.isVirtual)
      case .v6:
        let flags = unsafe rtnl_addr_get_flags(entry)
        let isMarked = flags & UInt32(IFA_F_HOMEADDRESS) != 0
        return AddressStatus(spec: spec, isOurs: isMarked || spec.isVirtual)
      }
    }
  }

  /// Our routes in the main table.
  func routes(_ names: [Int32: String]) throws(NetworkError) -> [RouteSpec] {
    try routes(.ipv4, names) + routes(.ipv6, names)
  }

  private func routes(
    _ family: AddressFamily, _ names: [Int32: String]
  ) throws(NetworkError) -> [RouteSpec] {
    let number = Int32(family.rawValue)
    return try unsafe dump(
      "list routes", { unsafe rtnl_route_alloc_cache(socket, number, 0, &$0) }
    ) { entry in
      guard unsafe rtnl_route_get_protocol(entry) == RouteSocket.routeProtocol,
        unsafe rtnl_route_get_table(entry) == UInt32(RT_TABLE_MAIN.rawValue),
        let hop = unsafe rtnl_route_nexthop_n(entry, 0),
        let via = unsafe IPAddress(nlAddress: rtnl_route_nh_get_gateway(hop)),
        let device = names[unsafe rtnl_route_nh_get_ifindex(hop)]
      else { return nil }
      let to = unsafe rtnl_route_get_dst(entry)
      let length = unsafe Int(nl_addr_get_prefixlen(to))
      // The default route has no octets.
      let everywhere: IPAddress =
        family == .ipv4 ? .v4(IPv4Address(0)) : .v6(IPv6Address(high: 0, low: 0))
      let network = unsafe IPAddress(nlAddress: to) ?? everywhere
      return RouteSpec(
        to: network.prefix(length), via: via, device: device,
        source: unsafe IPv4Address(nlAddress: rtnl_route_get_pref_src(entry)))
    }
  }

  /// Turns the answer of a dump into values; `convert` gives nil for what is not of interest.
  func dump<T>(
    _ action: String, _ fill: (inout OpaquePointer?) -> Int32, _ convert: (OpaquePointer) -> T?
  ) throws(NetworkError) -> [T] {
    var cache: OpaquePointer?
    let code = unsafe fill(&cache)
    guard code >= 0, let cache = unsafe cache else { throw NetworkError(action, code) }
    defer { unsafe nl_cache_free(cache) }
    var values: [T] = []
    var entry = unsafe nl_cache_get_first(cache)
    while let object = unsafe entry {
      if let value = unsafe convert(object) { values.append(value) }
      unsafe entry = unsafe nl_cache_get_next(object)
    }
    return values
  }

  private static func linkStatus(_ link: OpaquePointer) -> LinkStatus? {
    guard let name = unsafe rtnl_link_get_name(link) else { return nil }
    let kind = unsafe rtnl_link_get_type(link).map { unsafe String(cString: $0) }
    let flags = unsafe rtnl_link_get_flags(link)
    let isVLAN = unsafe rtnl_link_is_vlan(link) != 0
    return LinkStatus(
      index: unsafe rtnl_link_get_ifindex(link), name: unsafe String(cString: name), kind: kind,
      parent: unsafe rtnl_link_get_link(link),
      mac: unsafe MACAddress(nlAddress: rtnl_link_get_addr(link)),
      isUp: flags & UInt32(IFF_UP) != 0,
      ignoresARP: flags & UInt32(IFF_NOARP) != 0,
      vlan: isVLAN ? UInt16(truncatingIfNeeded: unsafe rtnl_link_vlan_get_id(link)) : nil,
      alias: unsafe rtnl_link_get_ifalias(link).map { unsafe String(cString: $0) })
  }
}

extension IPv4Address {
  /// The address in a `struct nl_addr`; nil when there is none or it is of another family.
  init?(nlAddress address: OpaquePointer?) {
    guard let address = unsafe address, unsafe nl_addr_get_family(address) == AF_INET,
      unsafe nl_addr_get_len(address) == 4, let octets = unsafe nl_addr_get_binary_addr(address)
    else { return nil }
    self.init(UInt32(bigEndian: unsafe octets.loadUnaligned(as: UInt32.self)))
  }
}

extension IPAddress {
  /// The address in a `struct nl_addr`; nil when there is none or it is no IP address.
  init?(nlAddress address: OpaquePointer?) {
    if let address = unsafe IPv4Address(nlAddress: address) {
      self = .v4(address)
      return
    }
    guard let address = unsafe address, unsafe nl_addr_get_family(address) == AF_INET6,
      unsafe nl_addr_get_len(address) == 16,
      let octets = unsafe nl_addr_get_binary_addr(address)
    else { return nil }
    self.init(octets: (0..<16).map { unsafe octets.load(fromByteOffset: $0, as: UInt8.self) })
  }

  /// The address with the length of its network, which the kernel keeps within the family's.
  fileprivate func prefix(_ length: Int) -> IPPrefix {
    switch self {
    case .v4(let address): .v4(IPv4Prefix(address, length: min(length, 32)))
    case .v6(let address): .v6(IPv6Prefix(address, length: min(length, 128)))
    }
  }
}

extension MACAddress {
  /// The address in a `struct nl_addr`; nil when it is not of six octets.
  init?(nlAddress address: OpaquePointer?) {
    guard let address = unsafe address, unsafe nl_addr_get_len(address) == 6,
      let octets = unsafe nl_addr_get_binary_addr(address)
    else { return nil }
    var value: UInt64 = 0
    for index in 0..<6 {
      value = value << 8 | UInt64(unsafe octets.load(fromByteOffset: index, as: UInt8.self))
    }
    self.init(value)
  }
}
