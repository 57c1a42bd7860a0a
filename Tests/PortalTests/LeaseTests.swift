import Configuration
import Glibc
import SQLite
import Testing
import Wire

@testable import Portal

@Suite("What gateways lend to hosts") struct LeaseTests {
  private static func range(_ network: String, _ taken: String...) throws -> String? {
    LeaseRange(
      try #require(IPv4Prefix(network)), without: Set(taken.compactMap { IPv4Address($0) })
    )
    .map { "\($0)" }
  }

  @Test("the upper half of the network, without the gateways and no more than a branch needs")
  func ranges() throws {
    #expect(try Self.range("10.1.0.2/24", "10.1.0.1", "10.1.0.2") == "10.1.0.128 – 10.1.0.254")
    #expect(
      try Self.range("10.1.0.254/24", "10.1.0.254", "10.1.0.253") == "10.1.0.128 – 10.1.0.252")
    #expect(try Self.range("10.1.0.0/24", "10.1.0.128") == "10.1.0.129 – 10.1.0.254")
    #expect(try Self.range("10.1.0.0/24", "10.1.0.140") == "10.1.0.141 – 10.1.0.254")
    #expect(try Self.range("10.1.0.0/24", "10.1.0.191") == "10.1.0.128 – 10.1.0.190")
    #expect(try Self.range("10.0.0.0/8") == "10.128.0.0 – 10.128.3.255")
    #expect(try Self.range("10.1.0.0/29", "10.1.0.4", "10.1.0.6") == "10.1.0.5 – 10.1.0.5")
    #expect(try Self.range("10.1.0.0/30") == "10.1.0.2 – 10.1.0.2")
    #expect(try Self.range("10.1.0.0/30", "10.1.0.2") == nil)
    #expect(try Self.range("10.1.0.0/31") == nil && Self.range("10.1.0.0/32") == nil)
    #expect(try Self.range("0.0.0.0/0") == "128.0.0.0 – 128.0.3.255")
  }

  @Test(
    "a template's DHCP service is in the documents of both gateways; one that finds no room is said"
  )
  func documents() throws {
    let portal = try TestPortal()
    var template = TemplateInput(try portal.template())
    template.name = "served"
    template.dhcpService = "server"
    let served = try portal.service.createTemplate(template, by: portal.admin)
    #expect(served.notes.count == 1 && !served.notes[0].contains("not served"))
    var input = try portal.input()
    input.templateID = served.id
    let site = try portal.service.createSite(input, by: portal.admin)
    for gateway in site.gateways { try portal.enroll(gateway) }
    let documents = try site.gateways.map { gateway in
      try ConfigurationDocument(
        parsing: Array(portal.service.gateways.document(gateway.id).utf8))
    }
    #expect(documents[0].sharedCanonical == documents[1].sharedCanonical, "the pair must agree")
    for document in documents {
      guard case .server(let server) = document.lan.first?.dhcp else {
        Issue.record("no DHCP service")
        continue
      }
      #expect("\(server.from) \(server.to)" == "10.1.0.128 10.1.0.254")
      #expect(server.dns.isEmpty && server.reservations.isEmpty)
    }
    input.name = "small"
    input.lanVirtualIP = "10.1.0.3/29"
    input.gateways[0].lanAddress = "10.1.0.4/29"
    input.gateways[1].lanAddress = "10.1.0.5/29"
    _ = try portal.service.createSite(input, by: portal.admin)
    input.name = "none"
    input.lanVirtualIP = "10.1.0.6/29"
    input.gateways[0].lanAddress = "10.1.0.4/30"
    #expect(
      TestPortal.paths { _ = try portal.service.createSite(input, by: portal.admin) }.isEmpty
        == false)
  }

  @Test(
    "a template that does not fit one of its sites is not switched; what does not fit holds up nobody"
  )
  func unfit() throws {
    let portal = try TestPortal()
    var template = TemplateInput(try portal.template())
    template.name = "shared"
    let shared = try portal.service.createTemplate(template, by: portal.admin)
    let sites = try (1...6).map { number in
      var input = try portal.input("site\(number)")
      input.templateID = shared.id
      // The second has no room.
      input.lanVirtualIP = number == 2 ? "10.1.0.6" : input.lanVirtualIP
      for index in 0...1 where number == 2 {
        input.gateways[index].lanAddress = "10.1.0.\(4 + index)/29"
      }
      return try portal.service.createSite(input, by: portal.admin)
    }
    template.dhcpService = "server"
    let error = TestPortal.error {
      _ = try portal.service.updateTemplate(shared.id, template, by: portal.admin)
    }
    #expect(error?.message.contains("site2") == true)
    for site in sites { for gateway in site.gateways { try portal.enroll(gateway) } }
    // As if a later version of the portal had another idea of what fits.
    var stored = shared
    stored.dhcpService = .server
    try portal.service.database.write { () throws(PortalError) in
      try portal.service.templates.update(stored)
      try portal.service.sites.setStale(template: shared.id)
    }
    while try portal.service.renewSome() {}
    #expect(try portal.service.sites.stale(limit: 10).isEmpty)
    let served = try sites.map { site in
      try portal.service.gateways.document(site.gateways[0].id).contains(#""mode":"server""#)
    }
    #expect(served == [true, false, true, true, true, true])
    let unfit = try sites.map { site in
      try portal.service.listEvents(site: site.site.id, by: portal.admin)
        .filter { $0.kind == "template.unfit" }
    }
    #expect(unfit.map(\.count) == [0, 1, 0, 0, 0, 0])
    #expect(unfit[1].first?.cause.contains("lan") == true, "\(unfit[1])")
  }

  @Test("a template that said server before it had an effect says none")
  func olderDatabase() throws {
    let path = "/tmp/ztb-portal-test-\(getpid())-older.db"
    defer { TemporaryFiles.remove(path) }
    for (dhcp, version, expected) in [
      ("server", Schema.steps.count - 1, Template.DHCPService.none),
      ("relay", Schema.steps.count - 1, .relay), ("server", Schema.steps.count, .server),
    ] {
      TemporaryFiles.remove(path)
      var template = TemplateInput(try TestPortal(path: path).template())
      template.name = "old"
      let portal = try TestPortal(path: path)
      let made = try portal.service.createTemplate(template, by: portal.admin)
      let older = try Database(path: path)
      try older.run("UPDATE template SET dhcp = '\(dhcp)' WHERE id = \(made.id)")
      try older.run("PRAGMA user_version = \(version)")
      #expect(try TestPortal(path: path).template("old").dhcpService == expected, "\(dhcp)")
    }
  }
}
