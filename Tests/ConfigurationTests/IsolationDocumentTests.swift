import Policy
import Testing
import Wire

@testable import Configuration

/// `lan[].isolation`.
struct IsolationDocumentTests {
  private static let server =
    "{\"mode\": \"server\", \"from\": \"10.1.0.100\", \"to\": \"10.1.0.199\"}"

  private static let route = "{\"to\": \"10.9.0.0/16\", \"via\": \"10.1.0.250\"}"

  private static func text(
    _ isolation: String, dhcp: String = server, routes: String = ""
  ) -> String {
    Sample.replacing(
      ("\"dhcp\": null", "\"dhcp\": \(dhcp), \"isolation\": \(isolation)"), (route, routes))
  }

  @Test(
    "it is read, written and known by interface; without it a document has the form that it had")
  func forms() throws {
    let document = try Sample.parse(Self.text("{\"mode\": \"airgap\"}"))
    let isolation = try #require(document.isolation(on: "ge2"))
    #expect(isolation.mode == .airgap && !isolation.isSeparated)
    #expect(document.addressServices.first?.isolation == isolation)
    #expect(document.isolation(on: "ge3") == nil)
    #expect(try ConfigurationDocument(parsing: document.canonical) == document)
    let lite = try Sample.parse(Self.text("{\"mode\": \"airgap-lite\", \"separated\": true}"))
    #expect(
      lite.lan[0].isolation?.mode == .airgapLite && lite.lan[0].isolation?.isSeparated == true)
    #expect(try ConfigurationDocument(parsing: lite.canonical) == lite)
    let off = try Sample.parse(Self.text("{\"mode\": \"off\"}"))
    let none = try Sample.parse(
      Sample.replacing(("\"dhcp\": null", "\"dhcp\": \(Self.server)"), (Self.route, "")))
    #expect(off == none && off.canonical == none.canonical)
  }

  @Test("each mistake has its place and its remedy")
  func mistakes() {
    #expect(
      Sample.problems(Self.text("{\"mode\": \"airgap\"}", dhcp: "null")) == [
        "lan[0].isolation: who has which address comes from the gateway's leases and reservations; "
          + "give lan[0].dhcp with mode \"server\", or leave isolation out"
      ])
    #expect(
      Sample.problems(Self.text("{\"mode\": \"airgap-lite\"}")) == [
        "lan[0].isolation.separated: with airgap-lite hosts have neighbours to speak to unless the "
          + "switch separates them; set it to true once it does, or mode to airgap"
      ])
    #expect(
      Sample.problems(Self.text("{\"mode\": \"yes\", \"separated\": 1}")) == [
        "lan[0].isolation.mode: \"yes\" is not \"airgap\" or \"airgap-lite\" or \"off\"",
        "lan[0].isolation.separated: 1 is not true or false",
      ])
    let second = Self.text("{\"mode\": \"airgap\"}").replacing(
      "\"10.1.0.2/24\"", with: "\"10.1.0.2/24\", \"address6\": \"fd00:1::2/64\"")
    #expect(
      Sample.problems(second) == [
        "lan[0].isolation: ge2 has IPv6, by which hosts reach each other without the gateway; "
          + "leave its IPv6 addresses or isolation out"
      ])
  }

  @Test("what hosts of one network may do is the policy's to say, and the kernel asks who sends")
  func meaning() throws {
    let rule = """
      "rules": [{"id": "see", "tier": "allow", "from": ["lan"], "to": ["cameras"],
                 "service": "web"},
      """
    func document(_ text: String) throws -> ConfigurationDocument {
      try Sample.parse(text.replacing("\"rules\": [", with: rule))
    }
    let apart = try document(Self.text("{\"mode\": \"airgap\"}"))
    let together = try document(Self.text("{\"mode\": \"off\"}"))
    func outcome(
      _ document: ConfigurationDocument, _ port: UInt16
    ) throws -> PolicyExplanation.Outcome {
      let from = try #require(IPAddress("10.1.0.5"))
      let to = try #require(IPAddress("10.1.0.70"))
      return document.explain(from: from, to: to, protocolNumber: 6, port: port).outcome
    }
    #expect(try outcome(apart, 80) == .allowed(ruleID: "see"))
    #expect(try outcome(apart, 22) == .deniedByDefault)
    guard case .notForwarded = try outcome(together, 80) else {
      Issue.record("neighbours speak by the gateway")
      return
    }
    func rules(_ document: ConfigurationDocument) -> String {
      PolicyCompiler.compile(
        document.policy, document.policyContext(hash: Array(repeating: 0, count: 32))
      ).text
    }
    #expect(
      rules(apart).contains(
        """
        chain forward {
        iifname { "ge2", "vr4-ge2-77" } jump bindings
        """))
    #expect(
      rules(apart).contains(
        """
        chain bindings {
        ether saddr . ip saddr != @bound counter name "c_unbound" drop
        }
        """))
    #expect(!rules(together).contains("bindings {") && !rules(together).contains("jump bindings"))
  }

  @Test("a router among them is known by its reservation, and answers by the gateway")
  func routers() throws {
    let known = Self.server.replacing(
      "\"to\": \"10.1.0.199\"",
      with: "\"to\": \"10.1.0.199\", \"reservations\": "
        + "[{\"mac\": \"02:00:00:00:00:fa\", \"address\": \"10.1.0.250\"}]")
    let separated = "{\"mode\": \"airgap\", \"separated\": true}"
    let document = try Sample.parse(Self.text(separated, dhcp: known, routes: Self.route))
    let text = PolicyCompiler.compile(
      document.policy, document.policyContext(hash: Array(repeating: 0, count: 32))
    ).text
    #expect(
      text.contains(
        """
        chain bindings {
        iifname { "ge2", "vr4-ge2-77" } ether saddr 02:00:00:00:00:fa ip saddr 10.9.0.0/16 return
        ether saddr . ip saddr != @bound
        """))
    #expect(
      Sample.problems(Self.text("{\"mode\": \"airgap\"}", routes: Self.route)) == [
        "routes[0].via: 10.1.0.250 is a router among hosts that are kept apart on ge2; give it a "
          + "reservation there, by which it is known",
        "lan[0].isolation.separated: the router 10.1.0.250 on ge2 would answer hosts past the "
          + "gateway unless the switch separates them; set it to true once it does",
      ])
  }

  @Test(
    "what the standby could not hear is no target of a check",
    arguments: [
      ("icmp", "10.1.0.7", true), ("http", "http://10.1.0.7:8080/health", true),
      ("icmp", "203.0.113.254", false), ("http", "http://www.example/", false),
    ])
  func targets(_ kind: String, _ target: String, _ isRefused: Bool) {
    let check = """
      "track": ["ge2", "ge3"], "checks": [{"name": "a", "kind": "\(kind)", "target": "\(target)"}],
      """
    let text = Self.text("{\"mode\": \"airgap\"}").replacing(
      "\"track\": [\"ge2\", \"ge3\"],", with: check)
    #expect(
      Sample.problems(text)
        == (isRefused
          ? [
            "ha.vrrp.checks[0].target: 10.1.0.7 is a host that is kept apart on ge2 and answers the "
              + "active node alone; ask for something that the standby reaches, too"
          ] : []))
  }
}
