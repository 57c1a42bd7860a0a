import Configuration
import Linux
import Testing
import Wire

@testable import Roles

@Suite(.enabled(if: OwnNamespace.isAllowed, "\(OwnNamespace.reason)"))
struct NodeNetworkTests {
  /// A paired node; `edits` replace parts of its text.
  static func document(_ edits: (String, String)...) throws -> ConfigurationDocument {
    let text = """
      {"schema": 1, "gateway": {"name": "a", "profile": "zt400", "deployment": "standard_mode_ha"},
       "wan": {"port": "ge3", "mode": "static", "address": "203.0.113.2/24",
               "gateway": "203.0.113.254"},
       "lan": [{"port": "ge2", "address": "10.1.0.2/24"}],
       "ha": {"port": "ge4", "address": "169.254.77.1/30", "peers": ["169.254.77.2"],
              "key": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "node": "primary",
              "vrrp": {"groupId": 77, "priority": 200,
                       "virtualAddresses": [{"port": "ge2", "address": "10.1.0.1/24"},
                                            {"port": "ge3", "address": "203.0.113.1/24"}]}},
       "routes": [{"to": "10.9.0.0/16", "via": "10.1.0.250"}],
       "policy": {"schema": 1, "version": 1, "zones": {}, "defaults": {"action": "deny"}}}
      """
    let edited = edits.reduce(text) { text, edit in
      text.split(separator: edit.0, omittingEmptySubsequences: false).joined(separator: edit.1)
    }
    return try ConfigurationDocument(parsing: Array(edited.utf8))
  }

  /// What the kernel has, by name instead of index.
  private struct Picture: Equatable {
    var links: [LinkStatus]
    var addresses: [AddressSpec]
    var routes: [RouteSpec]

    init() throws {
      let socket = try RouteSocket()
      links = try socket.links()
      let names = Dictionary(links.map { ($0.index, $0.name) }, uniquingKeysWith: { $1 })
      // Link-local addresses that ports give themselves come and go with IPv6 on them.
      addresses = try socket.addresses(names).map(\.spec)
        .filter { $0.isVirtual || !$0.address.address.isLinkLocal }
      routes = try socket.routes(names)
    }

    func link(_ name: String) -> LinkStatus? { links.first { $0.name == name } }

    func has(_ device: String, _ prefix: String) -> Bool {
      addresses.contains { $0.device == device && $0.address.description == prefix }
    }
  }

  @Test("the whole state is reached, a second time changes nothing, and removal leaves nothing")
  func wholeLife() throws {
    try OwnNamespace.run {
      try OwnNamespace.makePorts("ge1", "ge2", "ge3", "ge4")
      let before = try Picture()
      let network = try NodeNetwork()
      #expect(network.lowerLeftovers() == [])
      #expect(network.apply(try Self.document()) == [])
      let first = try Picture()
      #expect(first.has("ge2", "10.1.0.2/24") && first.has("ge3", "203.0.113.2/24"))
      #expect(first.has("vr4-ge2-77", "10.1.0.1/32") && first.has("vr4-ge3-77", "203.0.113.1/32"))
      #expect(first.link("vr4-ge2-77")?.mac == .virtualRouterIPv4(77))
      #expect(first.link("vr4-ge2-77")?.isUp == false)
      #expect(first.link("ge2")?.isUp == true && first.link("ge1")?.ignoresARP == true)
      #expect(first.routes.count == 2)
      #expect(
        first.routes.contains { $0.to.length == 0 && $0.source == IPv4Address(203, 0, 113, 2) })
      #expect(try Self.sysctl("ipv4/conf/ge2/arp_announce") == "2")
      #expect(try Self.sysctl("ipv4/ip_forward") == "0")
      #expect(network.apply(try Self.document()) == [])
      #expect(try Picture() == first)
      try network.setForwarding(true)
      #expect(try Self.sysctl("ipv4/ip_forward") == "1")
      #expect(network.remove() == [])
      let after = try Picture()
      #expect(after.addresses == before.addresses && after.routes == before.routes)
      #expect(after.links.map(\.name) == before.links.map(\.name))
      #expect(try Self.sysctl("ipv4/ip_forward") == "0")
    }
  }

  @Test("a successor lowers what a killed one left, keeps what is right, removes what is not")
  func successor() throws {
    try OwnNamespace.run {
      try OwnNamespace.makePorts("ge1", "ge2", "ge3", "ge4")
      #expect(try NodeNetwork().apply(try Self.document()) == [])
      try OwnNamespace.command("ip", "link", "set", "vr4-ge2-77", "up")
      let left = try Picture()
      let next = try NodeNetwork()
      #expect(next.lowerLeftovers() == [])
      #expect(try Picture().link("vr4-ge2-77")?.isUp == false)
      let changed = try Self.document(
        ("\"groupId\": 77", "\"groupId\": 78"), ("10.1.0.2/24", "10.1.0.3/24"),
        ("10.9.0.0/16", "10.8.0.0/16"))
      #expect(next.apply(changed) == [])
      let now = try Picture()
      #expect(now.link("vr4-ge2-77") == nil && now.link("vr4-ge2-78") != nil)
      #expect(now.has("ge2", "10.1.0.3/24") && !now.has("ge2", "10.1.0.2/24"))
      #expect(now.routes.map(\.to.description).sorted() == ["0.0.0.0/0", "10.8.0.0/16"])
      #expect(now.link("ge3") == left.link("ge3"))
      #expect(next.remove() == [])
    }
  }

  @Test("a raised virtual interface stays up when the unchanged document is applied again")
  func noFlap() throws {
    try OwnNamespace.run {
      try OwnNamespace.makePorts("ge1", "ge2", "ge3", "ge4")
      let network = try NodeNetwork()
      #expect(network.apply(try Self.document()) == [])
      try OwnNamespace.command("ip", "link", "set", "vr4-ge2-77", "up")
      let before = try Picture()
      #expect(network.apply(try Self.document()) == [])
      #expect(try Picture() == before)
      #expect(before.link("vr4-ge2-77")?.isUp == true)
      // No prefix route by the macvlan: packets to the network leave by the port.
      #expect(network.remove() == [])
    }
  }

  @Test("an absent port is reported, and everything else is done")
  func absentPort() throws {
    try OwnNamespace.run {
      try OwnNamespace.makePorts("ge2", "ge4")
      let network = try NodeNetwork()
      let failures = network.apply(try Self.document())
      #expect(failures.count == 2, "\(failures)")
      #expect(failures.allSatisfy { $0.contains("ge3 is not there") })
      #expect(try Picture().has("vr4-ge2-77", "10.1.0.1/32"))
      #expect(network.remove() == [])
    }
  }

  /// A node with IPv6 inside, and two routers more on the port.
  static func document6() throws -> ConfigurationDocument {
    try document(
      (
        "\"address\": \"10.1.0.2/24\"",
        "\"address\": \"10.1.0.2/24\", \"address6\": \"fd00:1::2/64\""
      ),
      (
        "{\"port\": \"ge2\", \"address\": \"10.1.0.1/24\"}",
        "{\"port\": \"ge2\", \"address\": \"10.1.0.1/24\"},"
          + "{\"port\": \"ge2\", \"address\": \"fd00:1::1/64\"},"
          + "{\"port\": \"ge2\", \"address\": \"10.1.0.5/24\", \"groupId\": 78}"
      ))
  }

  @Test("IPv6: the node's own address on the port, the virtual ones on a macvlan of their own")
  func addresses6() throws {
    try OwnNamespace.run {
      try OwnNamespace.makePorts("ge1", "ge2", "ge3", "ge4")
      let before = try Picture()
      let network = try NodeNetwork()
      #expect(network.apply(try Self.document6()) == [])
      let first = try Picture()
      #expect(first.has("ge2", "fd00:1::2/64"))
      #expect(first.has("vr6-ge2-77", "fe80::200:5eff:fe00:24d/128"))
      #expect(first.has("vr6-ge2-77", "fd00:1::1/128") && first.has("vr4-ge2-78", "10.1.0.5/32"))
      #expect(first.link("vr6-ge2-77")?.mac == .virtualRouterIPv6(77))
      #expect(first.link("vr6-ge2-77")?.isUp == false)
      #expect(try Self.sysctl("ipv6/conf/ge2/accept_ra") == "0")
      #expect(try Self.sysctl("ipv6/conf/ge3/disable_ipv6") == "1")
      #expect(try Self.sysctl("ipv6/conf/all/forwarding") == "0")
      #expect(network.apply(try Self.document6()) == [])
      #expect(try Picture().links.map(\.name) == first.links.map(\.name))
      try network.setForwarding(true)
      for name in ["ge2", "vr6-ge2-77"] {
        #expect(try Self.sysctl("ipv6/conf/\(name)/forwarding") == "1")
      }
      #expect(network.apply(try Self.document()) == [])
      let without = try Picture()
      #expect(!without.has("ge2", "fd00:1::2/64") && without.link("vr6-ge2-77") == nil)
      #expect(network.apply(try Self.document6()) == [] && network.remove() == [])
      #expect(try Self.sysctl("ipv6/conf/all/forwarding") == "0")
      let after = try Picture()
      #expect(after.links.map(\.name) == before.links.map(\.name))
      #expect(!after.addresses.contains { $0.address.description.hasPrefix("fd00") })
    }
  }

  @Test("the kernel takes a link-local address from an interface that is lowered; it is put back")
  func linkLocalReturns() throws {
    try OwnNamespace.run {
      try OwnNamespace.makePorts("ge1", "ge2", "ge3", "ge4")
      let network = try NodeNetwork()
      #expect(network.apply(try Self.document6()) == [])
      try OwnNamespace.command("ip", "link", "set", "vr6-ge2-77", "up")
      // Nothing but the two: no address by itself, and no duplicate is looked for.
      #expect(try Picture().addresses.filter { $0.device == "vr6-ge2-77" }.count == 2)
      try OwnNamespace.command("ip", "link", "set", "vr6-ge2-77", "down")
      #expect(try !Picture().has("vr6-ge2-77", "fe80::200:5eff:fe00:24d/128"))
      #expect(try Picture().has("vr6-ge2-77", "fd00:1::1/128"))
      // Nobody removed it, so nobody hears of it.
      #expect(network.repair() == NetworkRepair())
      #expect(try Picture().has("vr6-ge2-77", "fe80::200:5eff:fe00:24d/128"))
      #expect(network.remove() == [])
    }
  }

  @Test("IPv6: routes by a neighbour's address or its link-local one, replaced and removed")
  func routes6() throws {
    try OwnNamespace.run {
      try OwnNamespace.makePorts("ge1", "ge2", "ge3", "ge4")
      func document(_ router: String, _ via: String) throws -> ConfigurationDocument {
        try Self.document(
          (
            "\"gateway\": \"203.0.113.254\"",
            "\"gateway\": \"203.0.113.254\", \"address6\": \"fd00:2::2/64\", "
              + "\"gateway6\": \"\(router)\""
          ),
          ("\"routes\": [", "\"routes\": [{\"to\": \"fd00:9::/48\", \"via\": \"\(via)\"},"))
      }
      let network = try NodeNetwork()
      func routes() throws -> [String] {
        try Picture().routes.filter { $0.to.family == .ipv6 }
          .map { "\($0.to) via \($0.via) \($0.device)" }.sorted()
      }
      #expect(network.apply(try document("fe80::fe", "fd00:2::9")) == [])
      #expect(try routes() == ["::/0 via fe80::fe ge3", "fd00:9::/48 via fd00:2::9 ge3"])
      #expect(network.repair() == NetworkRepair())
      #expect(network.apply(try document("fd00:2::fe", "fd00:2::8")) == [])
      #expect(try routes() == ["::/0 via fd00:2::fe ge3", "fd00:9::/48 via fd00:2::8 ge3"])
      try OwnNamespace.command("ip", "-6", "route", "delete", "default")
      #expect(network.repair().missing == ["route to ::/0 via fd00:2::fe"])
      #expect(try routes().count == 2)
      #expect(network.remove() == [])
      #expect(try routes().isEmpty)
    }
  }

  @Test("addresses, routes and interfaces that somebody removed are put back, and named")
  func removedByHand() throws {
    try OwnNamespace.run {
      try OwnNamespace.makePorts("ge1", "ge2", "ge3", "ge4")
      let network = try NodeNetwork()
      #expect(network.repair() == NetworkRepair())
      #expect(network.apply(try Self.document()) == [])
      let before = try Picture()
      #expect(network.repair() == NetworkRepair())
      #expect(try Picture() == before)
      // The default route goes with the address that it is sent from.
      try OwnNamespace.command("ip", "address", "delete", "203.0.113.2/24", "dev", "ge3")
      try OwnNamespace.command("ip", "address", "delete", "10.1.0.1/32", "dev", "vr4-ge2-77")
      try OwnNamespace.command("ip", "link", "delete", "vr4-ge3-77")
      let repair = network.repair()
      #expect(repair.failures == [])
      #expect(
        repair.missing == [
          "interface vr4-ge3-77", "203.0.113.2/24 of ge3", "10.1.0.1/32 of vr4-ge2-77",
          "route to 0.0.0.0/0 via 203.0.113.254",
        ])
      let after = try Picture()
      #expect(Set(after.addresses) == Set(before.addresses))
      #expect(Set(after.routes) == Set(before.routes))
      #expect(after.link("vr4-ge3-77")?.isUp == false)
      #expect(network.repair() == NetworkRepair())
      #expect(network.remove() == [])
      #expect(network.repair() == NetworkRepair())
      #expect(try Picture().routes.isEmpty)
    }
  }

  @Test("a port that is made anew is told, as the whole state has to be reached again for it")
  func remadePort() throws {
    try OwnNamespace.run {
      try OwnNamespace.makePorts("ge1", "ge2", "ge3", "ge4")
      let network = try NodeNetwork()
      #expect(network.apply(try Self.document()) == [])
      #expect(!network.repair().hasNewPort)
      try OwnNamespace.command("ip", "link", "delete", "ge2")
      #expect(!network.repair().hasNewPort)
      try OwnNamespace.makePorts("ge2")
      #expect(network.repair().hasNewPort)
      #expect(network.apply(try Self.document()) == [])
      #expect(try Picture().has("ge2", "10.1.0.2/24") && Picture().has("vr4-ge2-77", "10.1.0.1/32"))
      #expect(!network.repair().hasNewPort)
      #expect(network.remove() == [])
    }
  }

  @Test("a port that somebody lowered stays down; its routes return when it is raised")
  func loweredByHand() throws {
    try OwnNamespace.run {
      try OwnNamespace.makePorts("ge1", "ge2", "ge3", "ge4")
      let network = try NodeNetwork()
      #expect(network.apply(try Self.document()) == [])
      let before = try Picture()
      try OwnNamespace.command("ip", "link", "set", "ge3", "down")
      #expect(network.repair() == NetworkRepair())
      let lowered = try Picture()
      #expect(lowered.link("ge3")?.isUp == false && lowered.routes.count == 1)
      try OwnNamespace.command("ip", "link", "set", "ge3", "up")
      #expect(network.repair().missing == ["route to 0.0.0.0/0 via 203.0.113.254"])
      #expect(Set(try Picture().routes) == Set(before.routes))
      #expect(network.remove() == [])
    }
  }

  @Test("where a switch separates hosts, who holds their router's address answers for all of them")
  func proxy() throws {
    try OwnNamespace.run {
      try OwnNamespace.makePorts("ge1", "ge2", "ge3", "ge4")
      let network = try NodeNetwork()
      let dhcp = """
        "dhcp": {"mode": "server", "from": "10.1.0.100", "to": "10.1.0.109", "reservations": [
          {"mac": "02:00:00:00:00:fa", "address": "10.1.0.250"}]}, "isolation":
        """
      for (isolation, isOn) in [
        ("{\"mode\": \"airgap\", \"separated\": true}", true), ("{\"mode\": \"off\"}", false),
      ] {
        let document = try Self.document(
          ("\"10.1.0.2/24\"}", "\"10.1.0.2/24\", \(dhcp) \(isolation)}"))
        #expect(network.apply(document) == [])
        let values = [
          "ipv4/conf/vr4-ge2-77/proxy_arp", "ipv4/conf/vr4-ge2-77/drop_gratuitous_arp",
          "ipv4/neigh/vr4-ge2-77/proxy_delay",
        ]
        #expect(
          try values.map { try Self.sysctl($0) } == (isOn ? ["1", "1", "0"] : ["0", "0", "80"]))
        // The standby has the port, too, and must be silent.
        for other in ["ge2", "ge3"] {
          #expect(try Self.sysctl("ipv4/conf/\(other)/proxy_arp_pvlan") == "0")
          #expect(try Self.sysctl("ipv4/conf/\(other)/proxy_arp") == "0")
        }
      }
      #expect(network.remove() == [])
    }
  }

  @Test("a gateway that is alone answers for them on the port itself")
  func proxyAlone() throws {
    try OwnNamespace.run {
      try OwnNamespace.makePorts("ge1", "ge2", "ge3")
      let network = try NodeNetwork()
      let text = """
        {"schema": 1, "gateway": {"name": "a", "profile": "zt400", "deployment": "standalone"},
         "wan": {"port": "ge3", "mode": "static", "address": "203.0.113.2/24",
                 "gateway": "203.0.113.254"},
         "lan": [{"port": "ge2", "address": "10.1.0.1/24",
                  "dhcp": {"mode": "server", "from": "10.1.0.100", "to": "10.1.0.109"},
                  "isolation": {"mode": "airgap", "separated": true}}],
         "policy": {"schema": 1, "version": 1, "zones": {}, "defaults": {"action": "deny"}}}
        """
      #expect(network.apply(try ConfigurationDocument(parsing: Array(text.utf8))) == [])
      #expect(try Self.sysctl("ipv4/conf/ge2/proxy_arp_pvlan") == "1")
      // That is for other devices, and would answer for the whole world.
      #expect(try Self.sysctl("ipv4/conf/ge2/proxy_arp") == "0")
      #expect(try Self.sysctl("ipv4/neigh/ge2/proxy_delay") == "0")
      #expect(try Self.sysctl("ipv4/conf/ge3/proxy_arp_pvlan") == "0")
      #expect(network.remove() == [])
    }
  }

  @Test("RFC 9568 8.1.2: the port of an owner leaves the answers to the virtual MAC")
  func owner() throws {
    try OwnNamespace.run {
      try OwnNamespace.makePorts("ge1", "ge2", "ge3", "ge4")
      let network = try NodeNetwork()
      let owner = try Self.document(
        ("\"priority\": 200", "\"priority\": 255"), ("\"10.1.0.1/24\"", "\"10.1.0.2/24\""),
        ("\"203.0.113.1/24\"", "\"203.0.113.2/24\""))
      #expect(network.apply(owner) == [])
      #expect(try Self.sysctl("ipv4/conf/ge2/arp_ignore") == "8")
      #expect(try Self.sysctl("ipv4/conf/vr4-ge2-77/arp_ignore") == "1")
      #expect(try Picture().has("vr4-ge2-77", "10.1.0.2/32"))
      #expect(network.apply(try Self.document()) == [])
      #expect(try Self.sysctl("ipv4/conf/ge2/arp_ignore") == "1")
      #expect(network.remove() == [])
    }
  }

  private static func sysctl(_ path: String) throws -> String {
    let text = String(decoding: try Files.read("/proc/sys/net/" + path), as: UTF8.self)
    return text.split(separator: "\n").first.map(String.init) ?? ""
  }
}
