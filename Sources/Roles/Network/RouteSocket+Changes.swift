import CLinux
import CNetlink3
import Wire

extension RouteSocket {
  /// Makes an interface on top of another; it starts down.
  func add(_ device: DeviceSpec, parent: Int32) throws(NetworkError) {
    let link: OpaquePointer?
    switch device.kind {
    case .vlan(let identifier):
      unsafe link = unsafe rtnl_link_vlan_alloc()
      unsafe rtnl_link_vlan_set_id(link, identifier)
    case .virtualRouter(let mac):
      unsafe link = unsafe rtnl_link_macvlan_alloc()
      // Private: macvlans of one port do not see each other, and none sees its own frames.
      unsafe rtnl_link_macvlan_set_mode(link, UInt32(MACVLAN_MODE_PRIVATE.rawValue))
      unsafe withAddress(AF_LLC, mac.octets) { unsafe rtnl_link_set_addr(link, $0) }
    }
    defer { unsafe rtnl_link_put(link) }
    unsafe rtnl_link_set_name(link, device.name)
    unsafe rtnl_link_set_link(link, parent)
    unsafe rtnl_link_set_ifalias(link, RouteSocket.linkAlias)
    try check("make \(device.name)", unsafe rtnl_link_add(socket, link, NLM_F_CREATE | NLM_F_EXCL))
  }

  /// Makes an interface with the Ethernet address of the port below it, in another network
  /// namespace; everything that the port receives goes there from then on.
  ///
  /// Older kernels (6.1) look for `name` where the port is too, so it has to be another one.
  func addPassthrough(
    of port: LinkStatus, named name: String, inNamespace namespace: Int32
  ) throws(NetworkError) {
    let link = unsafe rtnl_link_macvlan_alloc()
    defer { unsafe rtnl_link_put(link) }
    unsafe rtnl_link_macvlan_set_mode(link, UInt32(MACVLAN_MODE_PASSTHRU.rawValue))
    unsafe rtnl_link_set_name(link, name)
    unsafe rtnl_link_set_link(link, port.index)
    unsafe rtnl_link_set_ns_fd(link, namespace)
    let action = "pass \(port.name) through"
    try check(action, unsafe rtnl_link_add(socket, link, NLM_F_CREATE | NLM_F_EXCL))
  }

  /// Removes an interface.
  func deleteLink(_ link: LinkStatus) throws(NetworkError) {
    let object = unsafe rtnl_link_alloc()
    defer { unsafe rtnl_link_put(object) }
    unsafe rtnl_link_set_ifindex(object, link.index)
    try check("remove \(link.name)", unsafe rtnl_link_delete(socket, object))
  }

  /// Raises or lowers an interface; `ignoreARP` also stops it from answering and asking.
  func setLink(_ link: LinkStatus, up: Bool, ignoreARP: Bool = false) throws(NetworkError) {
    let current = unsafe rtnl_link_alloc()
    let change = unsafe rtnl_link_alloc()
    defer {
      unsafe rtnl_link_put(current)
      unsafe rtnl_link_put(change)
    }
    unsafe rtnl_link_set_ifindex(current, link.index)
    let flag = UInt32(IFF_UP)
    if up {
      unsafe rtnl_link_set_flags(change, flag)
    } else {
      unsafe rtnl_link_unset_flags(change, flag)
    }
    if ignoreARP { unsafe rtnl_link_set_flags(change, UInt32(IFF_NOARP)) }
    let action = "\(up ? "raise" : "lower") \(link.name)"
    try check(action, unsafe rtnl_link_change(socket, current, change, 0))
  }

  /// Adds an address, under a label of ours where a successor must find it.
  func add(_ spec: AddressSpec, on link: Int32, labelled: Bool = true) throws(NetworkError) {
    try unsafe withAddressObject(spec, on: link) { (object: OpaquePointer) throws(NetworkError) in
      switch spec.address {
      case .v4(let address):
        if labelled, let label = RouteSocket.label(on: spec.device) {
          unsafe rtnl_addr_set_label(object, label)
        }
        if address.length < 31 {
          unsafe withAddress(AF_INET, address.broadcast.octets) {
            _ = unsafe rtnl_addr_set_broadcast(object, $0)
          }
        }
      case .v6:
        let flag = spec.isVirtual ? IFA_F_NODAD : IFA_F_HOMEADDRESS
        unsafe rtnl_addr_set_flags(object, UInt32(flag))
      }
      let action = "add \(spec.address) to \(spec.device)"
      try check(action, unsafe rtnl_addr_add(socket, object, NLM_F_CREATE | NLM_F_EXCL))
    }
  }

  /// Removes an address.
  func delete(_ spec: AddressSpec, on link: Int32) throws(NetworkError) {
    try unsafe withAddressObject(spec, on: link) { (object: OpaquePointer) throws(NetworkError) in
      let action = "remove \(spec.address) from \(spec.device)"
      try check(action, unsafe rtnl_addr_delete(socket, object, 0))
    }
  }

  /// Adds a route, in the place of another to the same network.
  func replace(_ spec: RouteSpec, on link: Int32) throws(NetworkError) {
    try unsafe withRoute(spec, on: link) { (route: OpaquePointer) throws(NetworkError) in
      let flags = NLM_F_CREATE | NLM_F_REPLACE
      try check("route \(spec.to) via \(spec.via)", unsafe rtnl_route_add(socket, route, flags))
    }
  }

  /// Removes a route.
  func delete(_ spec: RouteSpec, on link: Int32) throws(NetworkError) {
    try unsafe withRoute(spec, on: link) { (route: OpaquePointer) throws(NetworkError) in
      let action = "remove route \(spec.to) via \(spec.via)"
      try check(action, unsafe rtnl_route_delete(socket, route, 0))
    }
  }

  private func withAddressObject(
    _ spec: AddressSpec, on link: Int32, _ body: (OpaquePointer) throws(NetworkError) -> Void
  ) throws(NetworkError) {
    guard let object = unsafe rtnl_addr_alloc() else {
      throw NetworkError("rtnl_addr_alloc", -NLE_NOMEM)
    }
    defer { unsafe rtnl_addr_put(object) }
    unsafe rtnl_addr_set_ifindex(object, link)
    let family = Int32(spec.address.family.rawValue)
    unsafe withAddress(family, spec.address.address.octets, length: spec.address.length) {
      _ = unsafe rtnl_addr_set_local(object, $0)
    }
    try unsafe body(object)
  }

  private func withRoute(
    _ spec: RouteSpec, on link: Int32, _ body: (OpaquePointer) throws(NetworkError) -> Void
  ) throws(NetworkError) {
    guard let route = unsafe rtnl_route_alloc(), let hop = unsafe rtnl_route_nh_alloc() else {
      throw NetworkError("rtnl_route_alloc", -NLE_NOMEM)
    }
    defer { unsafe rtnl_route_put(route) }
    let family = Int32(spec.to.family.rawValue)
    unsafe rtnl_route_set_family(route, spec.to.family.rawValue)
    unsafe rtnl_route_set_table(route, UInt32(RT_TABLE_MAIN.rawValue))
    unsafe rtnl_route_set_protocol(route, RouteSocket.routeProtocol)
    unsafe rtnl_route_set_scope(route, UInt8(RT_SCOPE_UNIVERSE.rawValue))
    unsafe withAddress(family, spec.to.address.octets, length: spec.to.length) {
      _ = unsafe rtnl_route_set_dst(route, $0)
    }
    if let source = spec.source {
      unsafe withAddress(family, source.octets) { _ = unsafe rtnl_route_set_pref_src(route, $0) }
    }
    unsafe rtnl_route_nh_set_ifindex(hop, link)
    unsafe withAddress(family, spec.via.octets) { unsafe rtnl_route_nh_set_gateway(hop, $0) }
    // The route owns the hop from here.
    unsafe rtnl_route_add_nexthop(route, hop)
    try unsafe body(route)
  }

  /// Lends a `struct nl_addr`; the setters take a reference of their own.
  func withAddress(
    _ family: Int32, _ octets: [UInt8], length: Int? = nil, _ body: (OpaquePointer?) -> Void
  ) {
    let address = unsafe octets.withUnsafeBytes { buffer in
      unsafe nl_addr_build(family, buffer.baseAddress, buffer.count)
    }
    defer { unsafe nl_addr_put(address) }
    if let length { unsafe nl_addr_set_prefixlen(address, Int32(length)) }
    unsafe body(address)
  }

  /// Turns a result of libnl into a thrown error.
  func check(_ action: String, _ code: Int32) throws(NetworkError) {
    guard code >= 0 else { throw NetworkError(action, code) }
  }
}
