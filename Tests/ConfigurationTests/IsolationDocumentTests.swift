import Policy
import Testing
import Wire

@testable import Configuration

/// `lan[].isolation`.
struct IsolationDocumentTests {
  private static let server =
    "{\"mode\": \"server\", \"from\": \"10.1.0.100\", \"to\": \"10.1.0.199\"}"

  private static func text(_ isolation: String, dhcp: String = server) -> String {
    Sample.replacing(("\"dhcp\": null", "\"dhcp\": \(dhcp), \"isolation\": \(isolation)"))
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
    let none = try Sample.parse(Sample.replacing(("\"dhcp\": null", "\"dhcp\": \(Self.server)")))
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
    // The network of the LAN alone: who is behind a router of it comes by the router's address.
    #expect(
      rules(apart).contains(
        "iifname { \"ge2\", \"vr4-ge2-77\" } meta pkttype host ip saddr 10.1.0.0/24 ip daddr != { ")
    )
    #expect(!rules(together).contains("@bound"))
  }
}
