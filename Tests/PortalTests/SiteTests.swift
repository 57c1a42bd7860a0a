import Activation
import Configuration
import Crypto
import Testing
import Wire

@testable import Portal

/// What can be wrong with a site, and the path that says so.
private let mistakes: [(String, @Sendable (inout SiteInput) -> Void)] = [
  ("name", { $0.name = " x" }),
  ("gateways[0].lanAddress", { $0.gateways[0].lanAddress = "10.1.0.0/24" }),
  ("gateways[1].lanAddress", { $0.gateways[1].lanAddress = "10.2.0.3/24" }),
  ("gateways[1].lanAddress", { $0.gateways[1].lanAddress = "10.1.0.2/24" }),
  ("gateways[0].wan.mode", { $0.gateways[0].mode = "pppoe" }),
  ("gateways[0].wan.address", { $0.gateways[0].address = "192.0.2.1/24" }),
  ("gateways[0].wan.vlan", { $0.gateways[0].vlan = "4095" }),
  ("gateways[1].name", { $0.gateways[1].name = "paris-gw-01" }),
  ("gateways[0].name", { $0.gateways[0].name = "has space" }),
  ("lanVirtualIP", { $0.lanVirtualIP = "10.1.0.2" }),
  ("lanVirtualIP", { $0.lanVirtualIP = "10.9.0.1" }),
  ("wanVirtualIP", { $0.wanVirtualIP = "" }),
  ("wanVirtualIP", { $0.wanVirtualIP = "203.0.113.1" }),
  ("proxy.port", { $0.proxy = .init(host: "proxy", port: "0") }),
  ("proxy.host", { $0.proxy = .init(host: "http://proxy", port: "80") }),
  ("timeZone", { $0.timeZone = "Europe/Paris; rm" }),
  ("template", { $0.templateID = 999 }),
]

@Suite("Templates and sites")
struct SiteTests {
  @Test("P2: every model has a default template for one gateway and for a pair")
  func defaults() throws {
    let portal = try TestPortal()
    let names = try portal.service.listTemplates(by: portal.admin).map(\.name)
    for profile in Profile.all {
      #expect(names.contains("\(profile.name)-standalone-default"))
      #expect(names.contains("\(profile.name)-ha-default"))
    }
    #expect(try portal.template().deployment.rawValue == "standard_mode_ha")
  }

  @Test("a default template can be cloned, and neither changed nor deleted")
  func cloneOnly() throws {
    let portal = try TestPortal()
    let preset = try portal.template()
    #expect(
      TestPortal.error {
        try portal.service.deleteTemplate(preset.id, by: portal.admin)
      }?.status == 409)
    #expect(
      TestPortal.error {
        _ = try portal.service.updateTemplate(preset.id, .init(preset), by: portal.admin)
      }?.status == 409)
    let clone = try portal.service.cloneTemplate(preset.id, name: "mine", by: portal.admin)
    #expect(!clone.isDefault && clone.platforms == preset.platforms)
    try portal.service.deleteTemplate(clone.id, by: portal.admin)
    #expect(try portal.service.listTemplates(by: portal.admin).allSatisfy { $0.id != clone.id })
  }

  @Test("every wrong value of a template is named at once")
  func wrongTemplate() throws {
    let portal = try TestPortal()
    var input = TemplateInput()
    input.deploymentType = "cluster"
    input.platform1 = "zt1"
    input.primaryDNS = "dns"
    input.dhcpService = "yes"
    let paths = TestPortal.paths {
      _ = try portal.service.createTemplate(input, by: portal.admin)
    }
    #expect(paths == ["name", "deploymentType", "platformType", "primaryDns", "dhcpService"])
  }

  @Test("C3: two models in one pair need an explicit override")
  func differentPlatforms() throws {
    let portal = try TestPortal()
    var input = TemplateInput(try portal.template())
    input.name = "mixed"
    input.platform2 = "vm"
    #expect(
      TestPortal.paths { _ = try portal.service.createTemplate(input, by: portal.admin) }
        == ["platformType2"])
    input.allowDifferentPlatforms = true
    #expect(
      try portal.service.createTemplate(input, by: portal.admin).platforms == ["zt400", "vm"])
  }

  @Test("a template that sites use is not deleted, and not made another kind")
  func used() throws {
    let portal = try TestPortal()
    let clone = try portal.service.cloneTemplate(
      try portal.template().id, name: "mine", by: portal.admin)
    var input = try portal.input()
    input.templateID = clone.id
    _ = try portal.service.createSite(input, by: portal.admin)
    #expect(
      TestPortal.error { try portal.service.deleteTemplate(clone.id, by: portal.admin) }?.status
        == 409)
    var change = TemplateInput(clone)
    change.deploymentType = "standalone"
    #expect(
      TestPortal.paths {
        _ = try portal.service.updateTemplate(clone.id, change, by: portal.admin)
      } == ["deploymentType"])
  }

  @Test("P1: a site of two gateways needs an HA template; H1: a third node is refused")
  func gatewayCount() throws {
    let portal = try TestPortal()
    var input = try portal.input()
    input.templateID = try portal.template("zt400-standalone-default").id
    #expect(
      TestPortal.paths { _ = try portal.service.createSite(input, by: portal.admin) }
        .contains("gateways"))
    input = try portal.input()
    input.gateways.append(input.gateways[0])
    #expect(
      TestPortal.paths { _ = try portal.service.createSite(input, by: portal.admin) }
        .contains("gateways"))
  }

  @Test("P7, P11, P12: a new pair is Disconnected, with two codes and two links that differ")
  func newPair() throws {
    let portal = try TestPortal()
    let site = try portal.addSite()
    #expect(site.gateways.map(\.name) == ["paris-gw-01", "paris-gw-02"])
    #expect(site.gateways.allSatisfy { $0.life.state == .disconnected })
    let offers = try site.gateways.map {
      try portal.service.activation(of: $0.id, by: portal.admin)
    }
    #expect(offers[0].code.code != offers[1].code.code)
    #expect(offers[0].url != offers[1].url)
    #expect(site.site.haKey?.count == 32)
    #expect(site.site.vrrp?.priority == 200 && site.site.vrrp?.secondaryPriority == 100)
  }

  @Test("a stored proxy password goes to the same host, port and user only")
  func proxyPassword() throws {
    let portal = try TestPortal()
    var input = try portal.input()
    input.proxy = .init(host: "proxy.example", port: "3128", user: "u", password: "secret")
    let id = try portal.service.createSite(input, by: portal.admin).site.id
    func password(_ host: String, _ port: String, _ user: String) throws -> String? {
      portal.clock.now += 1
      input.proxy = .init(host: host, port: port, user: user, password: nil)
      return try portal.service.updateSite(id, input, by: portal.admin).site.proxy?.password
    }
    #expect(try password("proxy.example", "3128", "u") == "secret")
    #expect(try password("evil.example", "3128", "u") == nil)
    for (host, port, user) in [
      ("proxy.example", "3129", "u"), ("proxy.example", "3128", "v"),
    ] {
      portal.clock.now += 1
      input.proxy = .init(host: "proxy.example", port: "3128", user: "u", password: "secret")
      _ = try portal.service.updateSite(id, input, by: portal.admin)
      #expect(try password(host, port, user) == nil)
    }
  }

  @Test("P13: a link holds the gateway's WAN, code and portal, and its signature fits")
  func link() throws {
    let portal = try TestPortal()
    var input = try portal.input()
    input.gateways[0].mode = "static"
    input.gateways[0].address = "203.0.113.2/24"
    input.gateways[0].gateway = "203.0.113.254"
    input.gateways[0].vlan = "7"
    input.gateways[1] = input.gateways[0]
    input.gateways[1].address = "203.0.113.3/24"
    input.gateways[1].lanAddress = "10.1.0.3/24"
    input.proxy = .init(host: "hub3.goairgap.com", port: "1883", user: "u", password: "secret")
    let site = try portal.service.createSite(input, by: portal.admin)
    let offer = try portal.service.activation(of: site.gateways[0].id, by: portal.admin)
    let signed = try SignedActivationLink(parsing: offer.url)
    #expect(signed.link.wan.address == "203.0.113.2/24")
    #expect(signed.link.wan.gateway == "203.0.113.254")
    #expect(signed.link.wan.vlan == 7 && signed.link.wan.port == "ge3")
    #expect(signed.link.code == offer.code.code.text)
    #expect(signed.link.portal == "https://portal.example:8443")
    #expect(signed.link.proxy?.host == "hub3.goairgap.com")
    #expect(!offer.url.contains("secret"))
    #expect(
      Ed25519Key.verify(signed.signature, of: signed.signedText, by: signed.link.key))
    #expect(signed.link.expiresAt == offer.code.expiresAt)
  }

  @Test(
    "each wrong value of a site is named by its path",
    arguments: mistakes)
  func wrongSite(path: String, change: @Sendable (inout SiteInput) -> Void) throws {
    let portal = try TestPortal()
    var input = try portal.input()
    change(&input)
    let paths = TestPortal.paths { _ = try portal.service.createSite(input, by: portal.admin) }
    #expect(paths.contains(path), "\(paths)")
    #expect(try portal.service.listSites(by: portal.admin).isEmpty, "nothing was stored")
  }

  @Test("names of sites and gateways are unique, whatever the case")
  func unique() throws {
    let portal = try TestPortal()
    _ = try portal.addSite("Paris")
    let same = TestPortal.error { _ = try portal.addSite("PARIS") }
    #expect(same?.status == 409)
    #expect(same?.problems.first?.path == "name")
    var input = try portal.input("Lyon")
    input.gateways[0].name = "Paris-gw-02"
    #expect(
      TestPortal.paths { _ = try portal.service.createSite(input, by: portal.admin) }
        == ["gateways[0].name"])
  }

  @Test("a deleted site takes its gateways along: their certificates are worth nothing")
  func delete() throws {
    let portal = try TestPortal()
    let site = try portal.addSite()
    try portal.enroll(site.gateways[0])
    let digest = try #require(
      try portal.service.gateways.find(site.gateways[0].id).certificateDigest)
    #expect(portal.service.gateway(certificateDigest: digest) == site.gateways[0].id)
    try portal.service.deleteSite(site.site.id, by: portal.admin)
    #expect(portal.service.gateway(certificateDigest: digest) == nil)
    #expect(try portal.service.gateways.all().isEmpty)
  }

  @Test("a changed site gives activated gateways a higher version, and open links other words")
  func change() throws {
    let portal = try TestPortal()
    let site = try portal.addSite()
    try portal.enroll(site.gateways[0])
    #expect(portal.service.fleet[site.gateways[0].id]?.documentVersion == 1)
    let before = try portal.service.activation(of: site.gateways[1].id, by: portal.admin)
    var input = SiteInput(site.site, site.gateways)
    input.proxy = .init(host: "proxy.example", port: "3128")
    _ = try portal.service.updateSite(site.site.id, input, by: portal.admin)
    #expect(portal.service.fleet[site.gateways[0].id]?.documentVersion == 2)
    let after = try portal.service.activation(of: site.gateways[1].id, by: portal.admin)
    #expect(after.code.code == before.code.code)
    #expect(after.url != before.url)
    _ = try portal.service.updateSite(site.site.id, input, by: portal.admin)
    #expect(
      portal.service.fleet[site.gateways[0].id]?.documentVersion == 2, "nothing has changed")
  }

  @Test("a changed template reaches the documents of all its sites, a few at a time")
  func changedTemplate() throws {
    let portal = try TestPortal()
    let clone = try portal.service.cloneTemplate(
      try portal.template("zt400-standalone-default").id, name: "mine", by: portal.admin)
    let gateways = try (1...9).map { number in
      var input = try portal.input("site \(number)", isPair: false)
      input.templateID = clone.id
      let gateway = try portal.service.createSite(input, by: portal.admin).gateways[0]
      if number > 1 { try portal.enroll(gateway) }
      return gateway
    }
    let link = try portal.service.activation(of: gateways[0].id, by: portal.admin).url
    var isTold = false
    portal.service.onStaleSites = { isTold = true }
    var change = TemplateInput(clone)
    change.primaryDNS = "9.9.9.9"
    _ = try portal.service.updateTemplate(clone.id, change, by: portal.admin)
    #expect(isTold)
    var rounds = 1
    while try portal.service.renewSome() { rounds += 1 }
    #expect(rounds == 3)
    for gateway in gateways.dropFirst() {
      #expect(portal.service.fleet[gateway.id]?.documentVersion == 2)
      #expect(try portal.service.gateways.document(gateway.id).contains("9.9.9.9"))
    }
    #expect(try portal.service.activation(of: gateways[0].id, by: portal.admin).url != link)
    #expect(try !portal.service.renewSome())
  }

  @Test("NAT is not switched on for a pair without a WAN virtual address")
  func natNeedsAddress() throws {
    let portal = try TestPortal()
    var input = TemplateInput(try portal.template())
    input.name = "no NAT"
    input.natEnabled = false
    let template = try portal.service.createTemplate(input, by: portal.admin)
    var site = try portal.input()
    site.templateID = template.id
    site.wanVirtualIP = ""
    _ = try portal.service.createSite(site, by: portal.admin)
    input.natEnabled = true
    #expect(
      TestPortal.paths {
        _ = try portal.service.updateTemplate(template.id, input, by: portal.admin)
      } == ["natEnabled"])
  }
}
