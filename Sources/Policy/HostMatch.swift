public import Wire

/// How a group means hosts whose addresses the gateway gave out, by what it knows of them.
public enum HostMatch: Hashable, Sendable {
  /// This Ethernet address.
  case mac(MACAddress)
  /// An Ethernet address that begins with these three octets, which say who made the card; in the low
  /// 24 bits.
  case oui(UInt32)
  /// A name of this form: `*` is any number of characters, `?` is one. Letters are alike in either case.
  case name(String)
}

extension HostMatch: CustomStringConvertible {
  /// `mac 02:00:00:00:0a:20`, `oui 00:40:8c` or `name cam-*`.
  public var description: String {
    switch self {
    case .mac(let mac): "mac \(mac)"
    case .oui(let oui): "oui \(HostMatch.text(oui: oui))"
    case .name(let form): "name \(form)"
    }
  }

  /// Three octets as people write them.
  public static func text(oui: UInt32) -> String {
    String(MACAddress(UInt64(oui) << 24).description.prefix(8))
  }
}

extension PolicyDocument {
  /// Whether any group means hosts by what is known of them.
  public var matchesHosts: Bool { groups.contains { !$0.match.isEmpty } }

  /// The policy with the hosts of the moment as addresses of the groups that match them.
  ///
  /// A host is in one group. The most exact says which: a group with its Ethernet address, then one with
  /// its IP address or network, then one with its name, then one with the maker of its card; among equals
  /// the one with the lowest id. A group matches hosts on the interfaces of its zone. Of two hosts with
  /// one address the one with the lower Ethernet address counts.
  public func with(_ hosts: some Sequence<LANHost>) -> PolicyDocument {
    guard matchesHosts else { return self }
    let finder = GroupFinder(self)
    var known: Set<IPv4Address> = []
    var members: [Int: [IPPrefix]] = [:]
    for host in hosts.sorted() where known.insert(host.address).inserted {
      guard let found = finder.group(of: host) else { continue }
      members[found, default: []].append(IPAddress.v4(host.address).alone)
    }
    var policy = self
    for indexes in Dictionary(grouping: groups.indices, by: { groups[$0].zone }).values {
      let taken = Set(indexes.flatMap { members[$0] ?? [] })
      guard !taken.isEmpty else { continue }
      for index in indexes {
        policy.groups[index].nets.removeAll(where: taken.contains)
        policy.groups[index].nets += members[index] ?? []
      }
    }
    return policy
  }

  /// Addresses by themselves that are in a group under `self` and not in the same one under `other`, or
  /// the other way round.
  public func movedHosts(to other: PolicyDocument) -> Set<IPv4Address> {
    Set(placedHosts.symmetricDifference(other.placedHosts).map(\.address))
  }

  /// The addresses by themselves that are in groups.
  public var placedHosts: Set<PlacedHost> {
    Set(
      groups.flatMap { group in
        group.nets.compactMap { net in
          net.length == 32 ? net.address.v4.map { PlacedHost(address: $0, group: group.id) } : nil
        }
      })
  }
}

/// An address that is in a group by itself.
public struct PlacedHost: Hashable, Sendable {
  /// The address.
  public let address: IPv4Address
  /// The group's id.
  public let group: UInt16

  /// Joins the parts.
  public init(address: IPv4Address, group: UInt16) {
    self.address = address
    self.group = group
  }
}

/// Which group a host is in because of a match, found without asking every group.
private struct GroupFinder {
  private struct Key<Value: Hashable>: Hashable {
    let zone: String
    let value: Value
  }

  private var zones: [String: String] = [:]
  /// Networks of groups by their length and zone.
  private var places: [Key<Int>: Set<IPv4Address>] = [:]
  private var macs: [Key<MACAddress>: Int] = [:]
  private var ouis: [Key<UInt32>: Int] = [:]
  private var names: [(zone: String, form: String, group: Int)] = []

  init(_ policy: PolicyDocument) {
    for zone in policy.zones { for port in zone.ports { zones[port] = zone.name } }
    for (index, group) in policy.groups.enumerated().sorted(by: { $0.element.id < $1.element.id }) {
      for net in group.nets.compactMap(\.v4) {
        places[Key(zone: group.zone, value: net.length), default: []].insert(net.network.address)
      }
      for match in group.match {
        switch match {
        case .mac(let mac):
          let key = Key(zone: group.zone, value: mac)
          macs[key] = macs[key] ?? index
        case .oui(let oui):
          let key = Key(zone: group.zone, value: oui)
          ouis[key] = ouis[key] ?? index
        case .name(let form): names.append((group.zone, form.lowercased(), index))
        }
      }
    }
  }

  /// The index of the group; nil where none matches it, or its address says where it is.
  func group(of host: LANHost) -> Int? {
    guard let zone = zones[host.interface] else { return nil }
    if let index = macs[Key(zone: zone, value: host.mac)] { return index }
    let hasPlace = places.contains { key, networks in
      key.zone == zone
        && networks.contains(IPv4Prefix(host.address, length: key.value).network.address)
    }
    if hasPlace { return nil }
    let name = Array(host.name.lowercased().utf8)
    if !name.isEmpty,
      let found = names.first(where: { $0.zone == zone && Self.matches(name, $0.form) })
    {
      return found.group
    }
    return ouis[Key(zone: zone, value: UInt32(host.mac.value >> 24))]
  }

  /// Goes back to the last `*` alone, so that the work is bounded by the product of both lengths.
  private static func matches(_ name: [UInt8], _ form: String) -> Bool {
    let form = Array(form.utf8)
    var (at, of) = (0, 0)
    var star: (at: Int, of: Int)?
    while at < name.count {
      if of < form.count, form[of] == UInt8(ascii: "*") {
        star = (at, of)
        of += 1
      } else if of < form.count, form[of] == UInt8(ascii: "?") || form[of] == name[at] {
        at += 1
        of += 1
      } else if let last = star {
        at = last.at + 1
        of = last.of + 1
        star = (at, last.of)
      } else {
        return false
      }
    }
    return form[of...].allSatisfy { $0 == UInt8(ascii: "*") }
  }
}
