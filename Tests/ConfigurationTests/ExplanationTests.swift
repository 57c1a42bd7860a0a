import Configuration
import Policy
import Testing
import Wire

@Suite struct ExplanationTests {
  private func explain(
    _ from: String, _ to: String, _ number: UInt8 = 6, _ port: UInt16 = 443,
    _ text: String = Sample.text
  ) throws -> PolicyExplanation {
    let from = try #require(IPAddress(from))
    let to = try #require(IPAddress(to))
    return try Sample.parse(text).explain(from: from, to: to, protocolNumber: number, port: port)
  }

  @Test("an allowed connection: rule, ways, zones, group and translation")
  func allowed() throws {
    let answer = try explain("10.1.0.70", "198.18.0.9")
    #expect(answer.outcome == .allowed(ruleID: "lan-out"))
    #expect(answer.from.interface == "ge2" && answer.from.group == "cameras")
    #expect(answer.to.interface == "ge3" && answer.to.zone == "wan" && answer.to.group == nil)
    #expect(answer.translation?.to == IPAddress("203.0.113.1"))
  }

  @Test("what no rule allows, and what a rule denies")
  func denied() throws {
    #expect(try explain("198.18.0.9", "10.1.0.70").outcome == .deniedByDefault)
    let text = Sample.replacing(
      (
        "\"rules\": [",
        "\"rules\": [{\"id\": \"no-web\", \"tier\": \"deny\", \"from\": [\"cameras\"],"
          + "\"to\": [\"any\"], \"service\": \"web\"},"
      ))
    #expect(
      try explain("10.1.0.70", "198.18.0.9", 6, 443, text).outcome == .denied(ruleID: "no-web"))
    #expect(
      try explain("10.1.0.71", "198.18.0.9", 6, 22, text).outcome == .allowed(ruleID: "lan-out"))
  }

  @Test("quarantine, kill switch and monitor mode are named; what is let through is translated")
  func containment() throws {
    func outcome(_ members: String, _ from: String, _ to: String) throws -> PolicyExplanation {
      try explain(
        from, to, 6, 443,
        Sample.replacing(("\"version\": 42,", "\"version\": 42, \(members),")))
    }
    let address = try #require(IPAddress("10.1.0.70"))
    let quarantine =
      "\"quarantine\": {\"members\": [{\"address\": \"10.1.0.70\", \"reason\": \"a\"}]}"
    let quarantined = try outcome(quarantine, "10.1.0.70", "198.18.0.9")
    #expect(quarantined.outcome == .quarantined(address) && quarantined.translation == nil)
    let red = "\"killSwitch\": {\"level\": \"red\"}"
    #expect(try outcome(red, "10.1.0.70", "198.18.0.9").outcome == .closed(.red))
    let monitor = "\"mode\": \"monitor\""
    #expect(
      try outcome(monitor, "198.18.0.9", "10.1.0.70").outcome == .monitored(ruleID: nil))
    #expect(
      try outcome(monitor, "10.1.0.70", "198.18.0.9").outcome == .allowed(ruleID: "lan-out"))
    // Nothing but what is forwarded has a translation, and monitored packets are.
    let closed =
      "\"mode\": \"monitor\", \"rules\": [{\"id\": \"no\", \"tier\": \"deny\", "
      + "\"from\": [\"lan\"], \"to\": [\"wan\"], \"service\": \"any\"},"
    let text = Sample.replacing(("\"rules\": [", "\(closed)"))
    let monitored = try explain("10.1.0.70", "198.18.0.9", 6, 443, text)
    #expect(monitored.outcome == .monitored(ruleID: "no"))
    #expect(monitored.translation?.to == IPAddress("203.0.113.1"))
  }

  @Test("the longest route leads; an interface in no zone allows nothing")
  func ways() throws {
    // Behind a router on the LAN.
    #expect(try explain("10.9.4.4", "198.18.0.9").from.interface == "ge2")
    let second = try explain("10.1.0.5", "198.51.100.77")
    #expect(second.to.interface == "ge3.30" && second.to.zone == nil)
    #expect(second.outcome == .deniedByDefault)
  }

  @Test("IPv6: allowed by its rule and its way; a group without IPv6 is a warning")
  func secondFamily() throws {
    let text = Sample.replacing(
      (
        "\"gateway\": \"203.0.113.254\"",
        "\"gateway\": \"203.0.113.254\", \"address6\": \"fd00:2::2/64\", "
          + "\"gateway6\": \"fe80::fe\""
      ),
      (
        "\"address\": \"10.1.0.2/24\"",
        "\"address\": \"10.1.0.2/24\", \"address6\": \"fd00:1::2/64\""
      ))
    let answer = try explain("fd00:1::40", "2001:db8::9", 6, 443, text)
    #expect(answer.outcome == .allowed(ruleID: "lan-out"))
    #expect(answer.from.interface == "ge2" && answer.from.group == nil)
    #expect(answer.to.interface == "ge3" && answer.translation == nil)
    #expect(
      try Sample.parse(text).policyWarnings == [
        "group cameras has no IPv6 network: its members are ordinary members of lan when they speak "
          + "IPv6"
      ])
    #expect(try Sample.parse().policyWarnings.isEmpty)
  }

  @Test("what never comes to the policy says why")
  func notForwarded() throws {
    func reason(_ from: String, _ to: String) throws -> String {
      guard case .notForwarded(let reason) = try explain(from, to).outcome else { return "" }
      return reason
    }
    #expect(
      try reason("10.1.0.5", "10.1.0.6")
        == "both are on 10.1.0.0/24, where hosts speak without the gateway")
    #expect(try reason("10.1.0.5", "10.1.0.1") == "10.1.0.1 is the gateway's own address")
    #expect(try reason("10.1.0.5", "fd00::1") == "10.1.0.5 and fd00::1 are of different families")
    #expect(try reason("fd00:1::5", "fd00:2::5") == "no network or route leads to fd00:1::5")
    #expect(try reason("10.1.0.1", "198.18.0.9") == "10.1.0.1 is the gateway's own address")
    #expect(try reason("10.1.0.5", "169.254.77.1") == "169.254.77.1 is the gateway's own address")
    for address in ["224.0.0.251", "255.255.255.255", "169.254.77.2", "0.0.0.0"] {
      #expect(try reason("10.1.0.5", address) == "\(address) is valid on one link only")
    }
  }
}
