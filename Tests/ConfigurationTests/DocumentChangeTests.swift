import Configuration
import JSON
import Policy
import Testing
import Wire

@Suite("Documents made from others") struct DocumentChangeTests {
  private func dhcp(_ text: String) -> String {
    text.replacingFirst("\"mode\": \"static\"", with: "\"mode\": \"dhcp\"")
      .replacingFirst("\"address\": \"203.0.113.2/24\"", with: "\"address\": null")
      .replacingFirst("\"gateway\": \"203.0.113.254\"", with: "\"gateway\": null")
  }

  private func leased(
    _ given: ConfigurationDocument, _ address: String, _ router: String
  ) throws -> ConfigurationDocument {
    try given.leased(
      try #require(IPv4Prefix(address)), router: try #require(IPv4Address(router)))
  }

  @Test("every model has a factory document: its WAN by DHCP, nothing inside, no rules")
  func factory() throws {
    for profile in Profile.all {
      let document = ConfigurationDocument.factory(profile)
      #expect(document.wan.port == profile.wanPort)
      #expect(document.lan.isEmpty && document.ha == nil && document.policy.rules.isEmpty)
      #expect(try ConfigurationDocument(parsing: document.canonical) == document)
    }
  }

  @Test("only a factory document may have no LAN")
  func noLAN() throws {
    let text = String(
      decoding: ConfigurationDocument.factory(Profile.all[0]).canonical, as: UTF8.self
    )
    .replacingFirst("\"factory\"", with: "\"standalone\"")
    let problems = #expect(throws: ConfigurationProblems.self) {
      try ConfigurationDocument(parsing: Array(text.utf8))
    }
    #expect(problems?.problems.map(\.path) == ["lan"])
  }

  @Test("a lease gives a DHCP document address and router, and nothing else")
  func leased() throws {
    let given = ConfigurationDocument.factory(Profile.all[0])
    let document = try leased(given, "203.0.113.17/24", "203.0.113.254")
    #expect(document.wan.address?.description == "203.0.113.17/24")
    #expect(document.wan.gateway?.description == "203.0.113.254")
    #expect(document.policyCanonical == given.policyCanonical)
  }

  @Test("a virtual address outside the network of the lease is a problem with its path")
  func virtualOutsideLease() throws {
    let text = dhcp(Sample.text)
    let given = try ConfigurationDocument(parsing: Array(text.utf8))
    #expect(given.wan.mode == .dhcp)
    _ = try leased(given, "203.0.113.17/24", "203.0.113.254")
    let problems = #expect(throws: ConfigurationProblems.self) {
      try leased(given, "198.51.100.17/24", "198.51.100.1")
    }
    #expect(
      problems?.problems.contains { $0.path.hasPrefix("ha.vrrp.virtualAddresses") } == true)
  }

  @Test("replacing keys of the WAN keeps the others and checks the result whole")
  func replacing() throws {
    let given = ConfigurationDocument.factory(Profile.all[0])
    let fixed = try given.replacing(wan: [
      .init("mode", .string("static")), .init("address", .string("192.0.2.2/24")),
      .init("gateway", .string("192.0.2.1")),
    ])
    #expect(fixed.wan.port == given.wan.port && fixed.wan.mode == .static)
    let problems = #expect(throws: ConfigurationProblems.self) {
      try given.replacing(wan: [.init("mode", .string("static")), .init("vlan", .number("5000"))])
    }
    #expect(problems?.problems.contains { $0.path == "wan.vlan" } == true)
  }
}

extension String {
  func replacingFirst(_ old: String, with new: String) -> String {
    guard let range = firstRange(of: old) else { return self }
    return replacingCharacters(in: range, with: new)
  }

  private func replacingCharacters(in range: Range<Index>, with new: String) -> String {
    String(self[..<range.lowerBound]) + new + String(self[range.upperBound...])
  }
}
