import Configuration
import Policy
import Testing
import Wire

@Suite struct PortForwardDocumentTests {
  private static let whole = Sample.replacing(
    (
      "\"nat\": {",
      """
      "nat": {"forwards": [
        {"id": "web", "address": "203.0.113.1", "proto": "tcp", "port": "8443", "to": "10.1.0.9",
         "toPort": 443, "hairpin": true},
        {"id": "games", "address": "203.0.113.1", "proto": "udp", "port": "3000-3010",
         "to": "10.9.4.4"}],
      """
    ))

  @Test("every value arrives, defaults are filled in, and the canonical form is the same document")
  func values() throws {
    let document = try Sample.parse(Self.whole)
    let (web, games) = (try #require(document.portForwards.first), document.portForwards[1])
    #expect(web.id == "web" && web.address == IPAddress("203.0.113.1"))
    #expect(web.transport == .tcp && web.ports == 8443...8443 && web.toPort == 443)
    #expect(web.to == IPAddress("10.1.0.9") && web.isHairpin)
    #expect(games.ports == 3000...3010 && games.toPort == 3000 && !games.isHairpin)
    #expect(try ConfigurationDocument(parsing: document.canonical) == document)
    let form = String(decoding: document.sharedCanonical, as: UTF8.self)
    #expect(
      form.contains("\"port\":\"3000-3010\",\"proto\":\"udp\",\"to\":\"10.9.4.4\",\"toPort\":3000"))
  }

  @Test("a document without the key has the canonical form, and so the hash, of before")
  func canonicalOfBefore() throws {
    let empty = Sample.replacing(("\"nat\": {", "\"nat\": {\"forwards\": [], "))
    let document = try Sample.parse(empty)
    #expect(document.canonical == (try Sample.parse().canonical))
    #expect(!String(decoding: document.canonical, as: UTF8.self).contains("forwards"))
  }

  @Test("neighbours are reached by an address that moves with the role, behind routers too")
  func reflections() throws {
    let context = try Sample.parse(Self.whole).policyContext(hash: [])
    #expect(context.reflections.map(\.to) == Array(repeating: IPAddress("10.1.0.1"), count: 2))
    #expect(context.reflections.map(\.from.description) == ["10.1.0.0/24", "10.9.0.0/16"])
    #expect(context.reflections.allSatisfy { $0.interfaces == ["ge2"] && !$0.randomPorts })
    #expect(context.interfaces.filter(\.isOutside).map(\.name) == ["ge3", "ge3.30"])
    let without = Self.whole.replacing("\"hairpin\": true", with: "\"hairpin\": false")
    #expect(try Sample.parse(without).policyContext(hash: []).reflections.isEmpty)
  }

  @Test("explained: the rule is about the host inside, the forward and the translation are named")
  func explained() throws {
    func explain(_ from: String, _ port: UInt16, _ text: String) throws -> PolicyExplanation {
      try Sample.parse(text).explain(
        from: try #require(IPAddress(from)), to: try #require(IPAddress("203.0.113.1")),
        protocolNumber: 6, port: port)
    }
    let closed = try explain("198.18.0.9", 8443, Self.whole)
    #expect(closed.outcome == .deniedByDefault && closed.forward?.id == "web")
    #expect(closed.to.address == IPAddress("10.1.0.9") && closed.to.zone == "lan")
    let rule =
      "\"rules\": [{\"id\": \"in\", \"tier\": \"allow\", \"from\": [\"any\"], \"to\": [\"lan\"], "
      + "\"service\": \"web\"},"
    let open = Self.whole.replacing("\"rules\": [", with: rule)
    let outside = try explain("198.18.0.9", 8443, open)
    #expect(outside.outcome == .allowed(ruleID: "in") && outside.translation == nil)
    let inside = try explain("10.1.0.70", 8443, open)
    #expect(inside.outcome == .allowed(ruleID: "in"))
    #expect(inside.translation?.to == IPAddress("10.1.0.1"))
    // No forward, or not for hosts inside: the gateway itself.
    let own = PolicyExplanation.Outcome.notForwarded("203.0.113.1 is the gateway's own address")
    #expect(try explain("198.18.0.9", 443, open).outcome == own)
    let plain = open.replacing("\"hairpin\": true", with: "\"hairpin\": false")
    #expect(try explain("10.1.0.70", 8443, plain).outcome == own)
  }

  @Test(
    "what makes no sense is a problem with its path",
    arguments: [
      (
        "\"id\": \"games\"", "\"id\": \"web\"",
        "nat.forwards[1].id: 'web' is the id of nat.forwards[0] already; ids are unique"
      ),
      (
        "\"id\": \"web\"", "\"id\": \"add table\"",
        "nat.forwards[0].id: \"add table\" is not 1…32 letters, digits, '-' or '_'"
      ),
      (
        "\"proto\": \"tcp\", \"port\": \"8443\"", "\"proto\": \"icmp\", \"port\": \"8443\"",
        "nat.forwards[0].proto: \"icmp\" is not \"tcp\" or \"udp\" or \"sctp\""
      ),
      (
        "\"8443\"", "\"0\"",
        "nat.forwards[0].port: \"0\" is not a port 1…65535 or a range such as \"8000-8010\", in quotes"
      ),
      (
        "\"8443\"", "8443",
        "nat.forwards[0].port: 8443 is not a port 1…65535 or a range such as \"8000-8010\", in quotes"
      ),
      (
        "\"address\": \"203.0.113.1\", \"proto\": \"tcp\"",
        "\"address\": \"203.0.113.2\", \"proto\": \"tcp\"",
        "nat.forwards[0].address: 203.0.113.2 is no virtual address on a WAN; name one of 203.0.113.1"
      ),
      (
        "\"address\": \"203.0.113.1\", \"proto\": \"tcp\"",
        "\"address\": \"fd00::1\", \"proto\": \"tcp\"",
        "nat.forwards[0].address: fd00::1 is no virtual address on a WAN; "
          + "there is no IPv6 one that is written down"
      ),
      (
        "\"10.1.0.9\"", "\"198.18.0.9\"",
        "nat.forwards[0].to: 198.18.0.9 is on no LAN and behind none; name a host inside"
      ),
      (
        "\"10.1.0.9\"", "\"10.1.0.1\"",
        "nat.forwards[0].to: 10.1.0.1 is no host inside; name one"
      ),
      (
        "\"10.1.0.9\"", "\"fd00:1::9\"",
        "nat.forwards[0].to: fd00:1::9 is no IPv4 address, as 203.0.113.1 is"
      ),
      (
        "\"toPort\": 443", "\"toPort\": 65536",
        "nat.forwards[0].toPort: 65536 is not in 1…65535"
      ),
      (
        "\"port\": \"8443\"", "\"port\": \"8443-8450\", \"x\": 1",
        "nat.forwards[0].x: unknown key; known are id, address, proto, port, to, toPort, hairpin"
      ),
      (
        "\"to\": \"10.9.4.4\"", "\"to\": \"10.9.4.4\", \"toPort\": 65530",
        "nat.forwards[1].toPort: 11 ports from 65530 on end above 65535"
      ),
      (
        "\"proto\": \"udp\", \"port\": \"3000-3010\"",
        "\"proto\": \"tcp\", \"port\": \"8440-8450\"",
        "nat.forwards[1].port: tcp 8440-8450 of 203.0.113.1 is forwarded by nat.forwards[0] already"
      ),
      (
        "\"3000-3010\"", "\"3000-9000\"",
        "nat.forwards: 6002 ports are more than the 4096 supported"
      ),
    ])
  func problems(_ old: String, _ new: String, _ problem: String) {
    #expect(Self.whole.contains(old))
    let text = Self.whole.replacing(old, with: new, maxReplacements: 1)
    #expect(Sample.problems(text) == [problem])
  }

  @Test("a hairpin needs a virtual address on the host's LAN to survive a failover")
  func hairpinWithoutAddress() {
    let text = Self.whole.replacing(
      "{\"port\": \"ge2\", \"address\": \"10.1.0.1/24\"},\n", with: "", maxReplacements: 1
    ).replacing("\"track\": [\"ge2\", \"ge3\"]", with: "\"track\": [\"ge3\"]")
    #expect(
      Sample.problems(text).contains(
        "nat.forwards[0].hairpin: ge2 has no virtual IPv4 address that neighbours could answer to; "
          + "add one"))
  }
}
