import Configuration
import Policy
import Testing
import Wire

@Suite struct DocumentTests {
  @Test("every value of a whole document arrives")
  func wholeDocument() throws {
    let document = try Sample.parse()
    #expect(document.gateway.name == "paris-gw-01")
    #expect(document.gateway.profile.name == "zt400")
    #expect(document.wan.address == IPv4Prefix("203.0.113.2/24"))
    #expect(document.wan.subinterface?.vlan == 30)
    #expect(document.wan.proxy?.password == Secret("hunter2"))
    #expect(document.ha?.key.octets == Array(0...31))
    #expect(document.ha?.vrrp.groupID == 77)
    #expect(document.ha?.vrrp.routers.map(\.device) == ["vr4-ge2-77", "vr4-ge3-77"])
    #expect(document.routes.first?.via == .v4(IPv4Address(10, 1, 0, 250)))
    #expect(document.sourceNAT.first?.ports == .preserve)
    #expect(document.policy.services.first?.entries.first?.ports == [80...80, 443...443])
    #expect(document.policy.epoch == 43)
    #expect(document.forwardingNetworks.map(\.interface) == ["ge3", "ge3.30", "ge2"])
  }

  @Test("IPv6: default router, routes, translation and groups arrive and are written again")
  func secondFamily() throws {
    let document = try Sample.parse(
      Sample.replacing(
        (
          "\"gateway\": \"203.0.113.254\"",
          "\"gateway\": \"203.0.113.254\", \"address6\": \"fd00:2::2/64\", "
            + "\"gateway6\": \"fe80::fe\""
        ),
        (
          "\"address\": \"10.1.0.2/24\"",
          "\"address\": \"10.1.0.2/24\", \"address6\": \"fd00:1::2/64\""
        ),
        (
          "{\"port\": \"ge3\", \"address\": \"203.0.113.1/24\"}",
          "{\"port\": \"ge3\", \"address\": \"203.0.113.1/24\"}, "
            + "{\"port\": \"ge3\", \"address\": \"fd00:2::1/64\"}"
        ),
        (
          "\"via\": \"10.1.0.250\"}",
          "\"via\": \"10.1.0.250\"}, {\"to\": \"fd00:9::/48\", \"via\": \"fd00:1::9\"}"
        ),
        (
          "\"nat\": {\"source\": [",
          "\"nat\": {\"source\": [{\"from\": \"fd00:1::/64\", \"to\": \"fd00:2::1\"}, "
        ),
        ("[\"10.1.0.64/28\"]", "[\"10.1.0.64/28\", \"fd00:1::40/122\", \"fd00:1::9\"]")))
    #expect(document.wan.gateway6 == IPv6Address("fe80::fe"))
    #expect(document.routes.last?.via == IPAddress("fd00:1::9"))
    #expect(document.sourceNAT.first?.to == IPAddress("fd00:2::1").map { .address($0) })
    #expect(
      document.policy.groups.first?.nets.map(\.description)
        == ["10.1.0.64/28", "fd00:1::40/122", "fd00:1::9/128"])
    #expect(try ConfigurationDocument(parsing: document.canonical) == document)
    let context = document.policyContext(hash: Array(0...31))
    #expect(
      context.interfaces.last?.networks6.map(\.description) == ["fd00:1::/64", "fd00:9::/48"])
    #expect(context.translations.first?.interfaces == ["ge3"])
  }

  @Test("what has a default may be left out")
  func defaults() throws {
    let document = try Sample.parse(
      """
      {"schema": 1, "gateway": {"name": "a", "profile": "vm", "deployment": "standard_mode_ha"},
       "wan": {"port": "ge3", "mode": "static", "address": "203.0.113.2/24",
               "gateway": "203.0.113.254"},
       "lan": [{"port": "ge2", "address": "10.1.0.2/24"}],
       "ha": {"port": "ge4", "address": "169.254.77.1/30", "peers": ["169.254.77.2"],
              "key": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "node": "secondary",
              "vrrp": {"groupId": 1, "priority": 100,
                       "virtualAddresses": [{"port": "ge3", "address": "203.0.113.1/24"}]}},
       "nat": {"source": [{"from": "10.1.0.0/24", "to": "203.0.113.1"}]},
       "policy": {"schema": 1, "version": 1, "zones": {}, "defaults": {"action": "deny"}}}
      """)
    let vrrp = try #require(document.ha?.vrrp)
    #expect(vrrp.advertIntervalMs == 200)
    #expect(vrrp.version == 3)
    #expect(!vrrp.preempt)
    #expect(vrrp.preemptDelayMs == 30_000)
    #expect(vrrp.track.map(\.interface) == ["ge3"] && vrrp.track.map(\.weight) == [20])
    #expect(document.sourceNAT.first?.ports == .preserve)
    #expect(document.helpers.isEmpty && document.routes.isEmpty && document.controller == nil)
  }

  @Test("the canonical form reads back as the same document, and does not depend on key order")
  func canonicalForm() throws {
    let document = try Sample.parse()
    let again = try ConfigurationDocument(parsing: document.canonical)
    #expect(again == document)
    #expect(again.canonical == document.canonical)
    let pretty = try Sample.parse(document.pretty(redacted: false))
    #expect(pretty.canonical == document.canonical)
    let swapped = Sample.replacing(
      ("\"port\": \"ge3\", \"mode\": \"static\"", "\"mode\": \"static\", \"port\": \"ge3\""))
    #expect(try Sample.parse(swapped).canonical == document.canonical)
  }

  @Test("the shared form leaves out exactly what differs by node")
  func sharedForm() throws {
    let document = try Sample.parse()
    let peer = try Sample.parse(
      Sample.replacing(
        ("paris-gw-01", "paris-gw-02"), ("203.0.113.2/24", "203.0.113.3/24"),
        ("198.51.100.2/24", "198.51.100.3/24"), ("10.1.0.2/24", "10.1.0.3/24"),
        ("169.254.77.1/30", "169.254.77.2/30"), ("[\"169.254.77.2\"]", "[\"169.254.77.1\"]"),
        ("\"primary\"", "\"secondary\""), ("\"priority\": 200", "\"priority\": 100")))
    #expect(peer.canonical != document.canonical)
    #expect(peer.sharedCanonical == document.sharedCanonical)
    let other = try Sample.parse(Sample.replacing(("\"groupId\": 77", "\"groupId\": 78")))
    #expect(other.sharedCanonical != document.sharedCanonical)
  }

  @Test("shown documents hide the key and the passwords")
  func redaction() throws {
    let document = try Sample.parse()
    let shown = document.pretty(redacted: true)
    #expect(!shown.contains("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\", \"node\""))
    #expect(!shown.contains("hunter2"))
    #expect(shown.contains("\"key\": \"(secret)\""))
    #expect(document.pretty(redacted: false).contains("hunter2"))
    #expect("\(document)".contains("hunter2") == false)
  }

  @Test(
    "a profile gives the HA port to the LAN only when the node is alone", arguments: Profile.all)
  func profiles(profile: Profile) {
    let paired = profile.ports(.ha, in: .standardModeHA)
    #expect(paired == ["ge4"])
    #expect(profile.ports(.ha, in: .standalone).isEmpty)
    #expect(profile.ports(.lan, in: .standalone).contains("ge4"))
    #expect(!profile.ports(.lan, in: .standardModeHA).contains("ge4"))
    #expect(profile.ports.contains { $0.fixed && $0.roles == [.wan] })
    #expect(!profile.managementPort.isEmpty)
  }
}
