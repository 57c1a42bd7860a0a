import Configuration
import Testing

/// One spoilt value and the one line it must give.
struct Mistake: CustomTestStringConvertible {
  let from: String
  let to: String
  let line: String

  init(_ from: String, _ to: String, _ line: String) {
    self.from = from
    self.to = to
    self.line = line
  }

  var testDescription: String { line }
}

@Suite struct ProblemTests {
  static let values = [
    Mistake("\"groupId\": 77", "\"groupId\": 300", "ha.vrrp.groupId: 300 is not in 1…255"),
    Mistake("\"schema\": 1,\n", "\"schema\": 2,\n", "schema: 2 is not in 1…1"),
    Mistake(
      "\"priority\": 200", "\"priority\": 256", "ha.vrrp.priority: 256 is not in 1…255"),
    Mistake("\"priority\": 200", "\"priority\": 1.5", "ha.vrrp.priority: 1.5 is not in 1…255"),
    Mistake(
      "\"dns\": [\"1.1.1.1\"", "\"dns\": [\"1.1.1\"",
      "wan.dns[0]: \"1.1.1\" is not an IPv4 address such as 10.1.0.1"),
    Mistake(
      "\"203.0.113.2/24\"", "\"203.0.113.2\"",
      "wan.address: \"203.0.113.2\" is not an IPv4 address with its length such as 10.1.0.2/24"),
    Mistake("\"preempt\": false", "\"preempt\": 0", "ha.vrrp.preempt: 0 is not true or false"),
    Mistake(
      "\"profile\": \"zt400\"", "\"profile\": \"zt1\"",
      "gateway.profile: \"zt1\" is not one of "
        + "\"zt400\", \"zt600\", \"zt800\", \"zt8010\", \"vm\""),
    Mistake(
      "\"node\": \"primary\"", "\"node\": \"third\"",
      "ha.node: \"third\" is not \"primary\" or \"secondary\""),
    Mistake("\"port\": 1883", "\"port\": 65536", "wan.proxy.port: 65536 is not in 1…65535"),
    Mistake("HR8=\", \"node\"", "HR8\", \"node\"", ""),
    Mistake(
      "paris-gw-01", "paris gw",
      "gateway.name: \"paris gw\" is not "
        + "a host name label of 1…63 letters, digits or '-'"),
    Mistake(
      "\"helpers\": [\"ftp\"]", "\"helpers\": [\"irc\"]",
      "helpers[0]: \"irc\" is not \"ftp\" or \"tftp\" or \"sip\""),
    Mistake(
      "\"helpers\": [\"ftp\"]", "\"helpers\": [\"ftp\", \"ftp\"]",
      "helpers[1]: 'ftp' is in the list twice; keep one"),
    Mistake(
      "\"dhcp\": null", "\"dhcp\": 5",
      "lan[0].dhcp: a number is not an object"),
    Mistake(
      "\"ports\": \"preserve\"", "\"ports\": \"keep\"",
      "nat.source[0].ports: \"keep\" is not \"preserve\" or \"random\""),
    Mistake(
      "\"from\": \"10.1.0.0/24\"", "\"from\": \"10.1.0.1/24\"",
      "nat.source[0].from: \"10.1.0.1/24\" is not "
        + "a network without host bits such as 10.1.0.0/24 or fd00:1::/64"),
    Mistake(
      "[\"80\", \"443\"]", "[\"80\", \"9-1\"]",
      "policy.services.web[0].ports[1]: \"9-1\" is not "
        + "a port 1…65535 or a range such as \"8000-8010\", in quotes"),
    Mistake(
      "\"tier\": \"allow\"", "\"tier\": \"permit\"",
      "policy.rules[0].tier: \"permit\" is not \"guard\" or \"deny\" or \"allow\""),
    Mistake(
      "{\"action\": \"deny\"}", "{\"action\": \"allow\"}",
      "policy.defaults.action: \"allow\" is not \"deny\", the only default there is"),
    Mistake(
      "https://portal", "http://portal",
      "controller.url: \"http://portal.example:8443\" is not "
        + "a URL such as https://portal.example:8443"),
  ].filter { !$0.line.isEmpty }

  static let structure = [
    Mistake(
      "\"mode\": \"static\"", "\"mode\": \"static\", \"mtu\": 9000",
      "wan.mtu: unknown key; known are "
        + "port, mode, address, address6, gateway, gateway6, vlan, dns, proxy, subinterface"),
    Mistake(
      "\"groupId\": 77", "\"groupId\": 77, \"groupId\": 78",
      "ha.vrrp.groupId: the key is given twice; keep one"),
    Mistake("\"groupId\": 77, ", "", "ha.vrrp.groupId: missing; must be in 1…255"),
    Mistake("\"groupId\": 77", "\"groupId\": null", "ha.vrrp.groupId: null; must be in 1…255"),
    Mistake("\"schema\": 1,\n", "", "schema: missing; must be in 1…1"),
    Mistake(
      "\"peers\": [\"169.254.77.2\"]", "\"peers\": []",
      "ha.peers: the list is empty; name at least one"),
    Mistake(
      "\"peers\": [\"169.254.77.2\"]", "\"peers\": \"169.254.77.2\"",
      "ha.peers: \"169.254.77.2\" is not a list"),
    Mistake(
      "\"zones\": {\"lan\"", "\"zones\": {\"l n\": {\"ports\": [\"ge3.30\"]}, \"lan\"",
      "policy.zones.\"l n\": the name is not 1…32 letters, digits, '-' or '_'"),
  ]

  static let comparisons = [
    Mistake(
      "\"wan\": {\"port\": \"ge3\"", "\"wan\": {\"port\": \"ge9\"",
      "wan.port: 'ge9' is not a port of zt400; WAN ports are ge2, ge3"),
    Mistake(
      "\"ha\": {\"port\": \"ge4\"", "\"ha\": {\"port\": \"ge3\"",
      "ha.port: 'ge3' is not for HA on a standard_mode_ha zt400; HA ports are ge4"),
    Mistake(
      "\"wan\": {\"port\": \"ge3\"", "\"wan\": {\"port\": \"ge2\"",
      "lan[0].port: 'ge2' is the port of wan already; use another"),
    Mistake(
      "\"gateway\": \"203.0.113.254\"", "\"gateway\": \"203.0.114.254\"",
      "wan.gateway: 203.0.114.254 is not in 203.0.113.0/24; it must be on that network"),
    Mistake(
      "\"gateway\": \"203.0.113.254\"", "\"gateway\": \"203.0.113.2\"",
      "wan.gateway: 203.0.113.2 is this node's own address; name the other end"),
    Mistake(
      "\"gateway\": \"203.0.113.254\"", "\"gateway\": \"203.0.113.1\"",
      "wan.gateway: 203.0.113.1 is a virtual address of this pair; name the other end"),
    Mistake(
      "\"gateway\": \"203.0.113.254\"", "\"gateway\": null",
      "wan.gateway: missing; mode \"static\" needs it"),
    Mistake(
      "198.51.100.2/24", "203.0.113.9/30",
      "wan.subinterface.address: 203.0.113.9/30 overlaps wan.address 203.0.113.2/24; "
        + "use another network"),
    Mistake(
      "10.1.0.2/24", "10.1.0.255/24",
      "lan[0].address: 10.1.0.255 is the broadcast address of 10.1.0.0/24; "
        + "use an address within"),
    Mistake(
      "[\"169.254.77.2\"]", "[\"169.254.78.2\"]",
      "ha.peers[0]: 169.254.78.2 is not in 169.254.77.0/30; it must be on that network"),
    Mistake(
      "\"advertIntervalMs\": 20", "\"advertIntervalMs\": 25",
      "ha.vrrp.advertIntervalMs: 25 is not a multiple of 10, as version 3 needs"),
    Mistake(
      "\"advertIntervalMs\": 20", "\"advertIntervalMs\": 50000",
      "ha.vrrp.advertIntervalMs: 50000 is not in 10…40950, as version 3 needs"),
    Mistake(
      "\"10.1.0.1/24\"", "\"10.2.0.1/24\"",
      "ha.vrrp.virtualAddresses[0].address: 10.2.0.1 is not in 10.1.0.0/24, "
        + "the network of lan[0]"),
    Mistake(
      "\"10.1.0.1/24\"", "\"10.1.0.2/24\"",
      "ha.vrrp.virtualAddresses[0].address: 10.1.0.2 is the node's own address in lan[0]; "
        + "use a third, or priority 255"),
    Mistake(
      "{\"port\": \"ge2\", \"address\": \"10.1.0.1/24\"}",
      "{\"port\": \"ge4\", \"address\": \"10.1.0.1/24\"}",
      "ha.vrrp.virtualAddresses[0].port: 'ge4' is not a LAN or WAN interface of this document "
        + "(ge3, ge3.30, ge2)"),
    Mistake(
      "[\"ge2\", \"ge3\"]", "[\"ge2\", \"ge1\"]",
      "ha.vrrp.track[1]: 'ge1' is not a LAN or WAN interface of this document "
        + "(ge3, ge3.30, ge2)"),
    Mistake(
      "\"via\": \"10.1.0.250\"", "\"via\": \"10.5.0.1\"",
      "routes[0].via: 10.5.0.1 is on no LAN or WAN network "
        + "(203.0.113.0/24, 198.51.100.0/24, 10.1.0.0/24)"),
    Mistake(
      "\"via\": \"10.1.0.250\"", "\"via\": \"fd00:1::250\"",
      "routes[0].via: fd00:1::250 is no IPv4 address, as the router of 10.9.0.0/16 is"),
    Mistake(
      "{\"to\": \"10.9.0.0/16\", \"via\": \"10.1.0.250\"}",
      "{\"to\": \"fd00:9::/48\", \"via\": \"fe80::9\"}",
      "routes[0].via: fe80::9 may be on any link; "
        + "name the router's address on a LAN or WAN network"),
    Mistake(
      "10.9.0.0/16", "224.0.0.0/4", "routes[0].to: 224.0.0.0/4 is no network behind a router"),
    Mistake(
      "\"gateway\": \"203.0.113.254\"",
      "\"gateway\": \"203.0.113.254\", \"gateway6\": \"fe80::fe\"",
      "wan.gateway6: needs wan.address6; add that or leave wan.gateway6 out"),
    Mistake(
      "\"gateway\": \"203.0.113.254\"",
      "\"gateway\": \"203.0.113.254\", \"address6\": \"fd00:2::2/64\","
        + " \"gateway6\": \"fd00:3::fe\"",
      "wan.gateway6: fd00:3::fe is not in fd00:2::/64; it must be on that network"),
    Mistake(
      "\"to\": \"203.0.113.1\"", "\"to\": \"fd00:2::1\"",
      "nat.source[0].to: fd00:2::1 is no IPv4 address, as those of 10.1.0.0/24 are"),
    Mistake(
      "10.9.0.0/16", "0.0.0.0/0",
      "routes[0].to: the default route comes from wan.gateway; name a network"),
    Mistake(
      "\"to\": \"203.0.113.1\"", "\"to\": \"203.0.113.2\"",
      "nat.source[0].to: 203.0.113.2 is not a virtual address; name one of 10.1.0.1, 203.0.113.1"),
    Mistake(
      "\"to\": \"203.0.113.1\"", "\"to\": \"masquerade\"",
      "nat.source[0].to: masquerade does not survive a failover; name a virtual address"),
    Mistake(
      "\"standard_mode_ha\"", "\"standalone\"",
      "ha: a standalone deployment has none; leave it out or change the deployment"),
  ]

  static let policy = [
    Mistake(
      "{\"ports\": [\"ge3\"]}", "{\"ports\": [\"ge4\"]}",
      "policy.zones.wan.ports[0]: 'ge4' is not a LAN or WAN interface of this document "
        + "(ge3, ge3.30, ge2)"),
    Mistake(
      "{\"ports\": [\"ge3\"]}", "{\"ports\": [\"ge2\"]}",
      "policy.zones.wan.ports[0]: 'ge2' is in zone 'lan' already; an interface is in one zone"),
    Mistake(
      "\"to\": [\"wan\"]", "\"to\": [\"wam\"]",
      "policy.rules[0].to[0]: no zone or group is called 'wam'; add it or correct the name"),
    Mistake(
      "\"service\": \"any\"", "\"service\": \"ssh\"",
      "policy.rules[0].service: no service is called 'ssh'; add it or correct the name"),
    Mistake(
      "\"service\": \"any\"}",
      "\"service\": \"any\"},"
        + "{\"id\": \"lan-out\", \"tier\": \"allow\", \"from\": [\"lan\"], \"to\": [\"wan\"],"
        + "\"service\": \"web\"}",
      "policy.rules[1].id: 'lan-out' is the id of rules[0] already; ids are unique"),
    Mistake(
      "\"zone\": \"lan\"", "\"zone\": \"dmz\"",
      "policy.groups.cameras.zone: no zone is called 'dmz'; add it or correct the name"),
    Mistake(
      "[\"10.1.0.64/28\"]", "[\"10.1.0.64/28\", \"10.1.0.70\"]",
      "policy.groups.cameras.nets[1]: 10.1.0.70/32 overlaps 10.1.0.64/28 of 'cameras'; "
        + "an address is in one group"),
  ]

  @Test(
    "one mistake gives one line, with path and remedy",
    arguments: values + structure + comparisons + policy)
  func oneLine(mistake: Mistake) {
    #expect(Sample.problems(Sample.replacing((mistake.from, mistake.to))) == [mistake.line])
  }

  @Test("ten mistakes in one document give ten lines")
  func tenMistakes() {
    let spoilt = Sample.replacing(
      ("\"groupId\": 77", "\"groupId\": 300"), ("\"gateway\": \"203.0.113.254\"", "\"gatway\": 1"),
      ("\"helpers\": [\"ftp\"]", "\"helpers\": [\"irc\"]"),
      ("\"via\": \"10.1.0.250\"", "\"via\": \"10.5.0.1\""),
      ("\"to\": [\"wan\"]", "\"to\": [\"wam\"]"), ("\"schema\": 1,\n", "\"schema\": 9,\n"),
      ("\"advertIntervalMs\": 20", "\"advertIntervalMs\": 25"),
      ("[\"169.254.77.2\"]", "[\"169.254.78.2\"]"), ("\"10.1.0.1/24\"", "\"10.2.0.1/24\""))
    let lines = Sample.problems(spoilt)
    #expect(lines.count == 10, "\(lines.joined(separator: "\n"))")
    #expect(Set(lines).count == 10)
  }

  @Test("an HA key of the wrong length is refused without being shown")
  func keyLength() {
    let key = "\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\", \"node\""
    let short = Sample.problems(Sample.replacing((key, "\"c2VjcmV0\", \"node\"")))
    #expect(short.count == 1)
    #expect(short.first?.hasPrefix("ha.key: the key is 6 octets;") == true)
    let broken = Sample.problems(Sample.replacing((key, "\"c2VjcmV0=\", \"node\"")))
    #expect(broken.first?.hasPrefix("ha.key: the key is not base64;") == true)
    #expect(!(short + broken).joined().contains("c2Vj"))
  }

  @Test("a document of a hostile size is refused soon, with a bounded number of lines")
  func hostileSizes() {
    let many = { (element: String, count: Int) in
      Array(repeating: element, count: count).joined(separator: ", ")
    }
    let lans = Sample.problems(
      Sample.replacing(
        (
          "\"lan\": [{\"port\": \"ge2\", \"vlan\": null",
          "\"lan\": ["
            + many("{\"port\": \"ge2\", \"address\": \"10.1.0.2/24\"}", 20_000)
            + ", {\"port\": \"ge2\", \"vlan\": null"
        )))
    #expect(lans.contains("lan: 20001 are more than the 1000 supported"))
    #expect(lans.count <= 200)
    let keys = Sample.problems(
      Sample.replacing(("\"schema\": 1,\n", many("\"x\": 1", 200_000) + ", \"schema\": 1,\n")))
    #expect(
      keys == [
        "x: unknown key; known are schema, gateway, wan, lan, ha, routes, nat, "
          + "helpers, policy, controller"
      ])
  }

  @Test("a document that is no JSON says where")
  func syntax() {
    #expect(
      Sample.problems("{\"schema\": 1,\n \"gateway\" 3}")
        == ["line 2 column 12: expected ':' after the key"])
    #expect(Sample.problems("[]") == ["a list is not an object"])
    #expect(Sample.problems("") == ["line 1 column 1: expected a value"])
  }

  @Test("a missing section is one problem each, not one per key")
  func missingSections() {
    let lines = Sample.problems("{}")
    #expect(lines.map { $0.prefix { $0 != ":" } } == ["schema", "gateway", "wan", "lan", "policy"])
  }
}
