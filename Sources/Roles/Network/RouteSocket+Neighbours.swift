import CLinux
import CNetlink3
import SessionSync
import Wire

/// What the kernel knows of hosts beside the node: ARP and neighbour discovery.
extension RouteSocket {
  /// One of them, with the state (`NUD_*`).
  struct KnownNeighbour {
    var neighbour: Neighbour
    var state: Int32

    /// Whether the host has answered lately; lower is better known.
    var rank: Int {
      switch state {
      case NUD_REACHABLE: 0
      case NUD_DELAY, NUD_PROBE: 1
      default: 2
      }
    }
  }

  /// The hosts of the given interfaces whose Ethernet address the kernel has found out. Those that
  /// it looks for or has given up are none, nor are those that somebody has entered for good.
  func neighbours(_ names: [Int32: String]) throws(NetworkError) -> [KnownNeighbour] {
    try unsafe dump("list neighbours", { unsafe rtnl_neigh_alloc_cache(socket, &$0) }) { entry in
      let state = unsafe rtnl_neigh_get_state(entry)
      guard state & (NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE) != 0,
        let device = names[unsafe rtnl_neigh_get_ifindex(entry)],
        let address = unsafe IPAddress(nlAddress: rtnl_neigh_get_dst(entry)),
        let mac = unsafe MACAddress(nlAddress: rtnl_neigh_get_lladdr(entry))
      else { return nil }
      return KnownNeighbour(
        neighbour: Neighbour(device: device, address: address, mac: mac), state: state)
    }
  }

  /// Enters a host as `NUD_STALE`: the first packet goes at once, and the kernel asks the host
  /// itself before it believes this for longer. Without `replacing` an entry that is there stays;
  /// whether there was none.
  func add(
    _ neighbour: Neighbour, on link: Int32, replacing: Bool
  ) throws(NetworkError) -> Bool {
    var isEntered = true
    try unsafe withNeighbour(neighbour, on: link) { (object: OpaquePointer) throws(NetworkError) in
      unsafe rtnl_neigh_set_state(object, NUD_STALE)
      let flags = NLM_F_CREATE | (replacing ? NLM_F_REPLACE : NLM_F_EXCL)
      let code = unsafe rtnl_neigh_add(socket, object, flags)
      if code == -NLE_EXIST && !replacing {
        isEntered = false
        return
      }
      try check("enter neighbour \(neighbour.address) on \(neighbour.device)", code)
    }
    return isEntered
  }

  /// Removes a host; one that is gone already is no error.
  func delete(_ neighbour: Neighbour, on link: Int32) throws(NetworkError) {
    try unsafe withNeighbour(neighbour, on: link) { (object: OpaquePointer) throws(NetworkError) in
      let code = unsafe rtnl_neigh_delete(socket, object, 0)
      if code == -NLE_OBJ_NOTFOUND { return }
      try check("remove neighbour \(neighbour.address) from \(neighbour.device)", code)
    }
  }

  private func withNeighbour(
    _ neighbour: Neighbour, on link: Int32, _ body: (OpaquePointer) throws(NetworkError) -> Void
  ) throws(NetworkError) {
    guard let object = unsafe rtnl_neigh_alloc() else {
      throw NetworkError("rtnl_neigh_alloc", -NLE_NOMEM)
    }
    defer { unsafe rtnl_neigh_put(object) }
    unsafe rtnl_neigh_set_ifindex(object, link)
    unsafe rtnl_neigh_set_family(object, Int32(neighbour.address.family.rawValue))
    unsafe withAddress(Int32(neighbour.address.family.rawValue), neighbour.address.octets) {
      _ = unsafe rtnl_neigh_set_dst(object, $0)
    }
    unsafe withAddress(AF_LLC, neighbour.mac.octets) { unsafe rtnl_neigh_set_lladdr(object, $0) }
    try unsafe body(object)
  }
}
