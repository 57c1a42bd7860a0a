import JSON
import Testing

@testable import Portal

@Suite("Backup and restore of a site")
struct BackupTests {
  private let portal: TestPortal
  private let site: SiteDetail

  init() throws {
    portal = try TestPortal()
    site = try portal.addSite()
    for gateway in site.gateways { try portal.enroll(gateway) }
    var input = try portal.input()
    input.proxy = .init(host: "proxy.example", port: "3128", user: "u", password: "s3cret")
    _ = try portal.service.updateSite(site.site.id, input, by: portal.admin)
    var panel = VRRPInput()
    panel.password = "vrrpword"
    _ = try portal.service.updateVRRP(site.site.id, panel, by: portal.admin)
  }

  private func backup(_ withSecrets: Bool = true, by user: User? = nil) throws -> String {
    let value = try portal.service.backup(
      site.site.id, withSecrets: withSecrets, by: user ?? portal.admin)
    return String(decoding: value.canonical, as: UTF8.self)
  }

  @discardableResult
  private func restore(_ text: String, by user: User? = nil) throws -> SiteDetail {
    try portal.service.restore(
      site.site.id, try RestoreInput(try Fields(text: text)), by: user ?? portal.admin)
  }

  @Test("what was changed since is as it was, and gateways get new documents")
  func roundTrip() throws {
    let before = try portal.service.detail(site.site.id)
    let saved = try backup()
    var input = SiteInput(before.site, before.gateways)
    input.name = "Elsewhere"
    input.proxy = nil
    input.gateways[1].lanAddress = "10.1.0.9/24"
    _ = try portal.service.updateSite(site.site.id, input, by: portal.admin)
    var panel = VRRPInput()
    panel.priority = 150
    panel.password = ""
    panel.preempt = true
    _ = try portal.service.updateVRRP(site.site.id, panel, by: portal.admin)
    let restored = try restore(saved)
    #expect(restored.site == before.site)
    #expect(
      restored.gateways.map(\.lanAddress) == before.gateways.map(\.lanAddress)
        && restored.gateways.map(\.name) == before.gateways.map(\.name))
    #expect(restored.gateways[1].documentVersion > before.gateways[1].documentVersion)
    #expect(try backup() == saved)
  }

  @Test("without passwords a restore keeps those that are stored")
  func withoutSecrets() throws {
    let saved = try backup(false)
    #expect(!saved.contains("s3cret") && !saved.contains("vrrpword"))
    let restored = try restore(saved)
    #expect(restored.site.proxy?.password == "s3cret")
    #expect(restored.site.vrrp?.password == "vrrpword")
  }

  @Test("passwords are for those who may change the site; the key of a pair is for nobody")
  func roles() throws {
    let viewer = User(id: 2, name: "v", role: .viewer)
    let network = User(id: 3, name: "n", role: .networkAdmin)
    #expect(try backup(false, by: viewer).contains("proxy.example"))
    #expect(TestPortal.error { _ = try backup(true, by: viewer) }?.status == 403)
    #expect(try backup(true, by: network).contains("s3cret"))
    let saved = try backup()
    #expect(!saved.contains("haKey") && !saved.contains("\"key\""))
    #expect(TestPortal.error { try restore(saved, by: viewer) }?.status == 403)
    let id = site.gateways[0].id
    #expect(
      TestPortal.error {
        _ = try portal.service.document(of: id, version: 1, by: viewer)
      }?.status == 403)
    let audit = try portal.service.listAudit(before: nil, limit: 9, by: portal.admin)
    #expect(audit.contains { $0.action == "site.backup" && $0.user == "n" })
  }

  @Test("every problem is told at its place, and nothing is changed")
  func problems() throws {
    let before = try portal.service.detail(site.site.id)
    let wrong = try backup()
      .replacing(#""lanAddress":"10.1.0.3/24""#, with: #""lanAddress":"x""#)
      .replacing(#""priority":200"#, with: #""priority":999"#)
      .replacing(#""template":"zt400-ha-default""#, with: #""template":"gone""#)
      .replacing(#""timeZone":"UTC""#, with: #""timeZone":"a b""#)
    let paths = TestPortal.paths { try restore(wrong) }
    for path in [
      "site.template", "site.timeZone", "site.gateways[1].lanAddress", "site.vrrp.priority",
    ] { #expect(paths.contains(path), "\(path) of \(paths)") }
    let after = try portal.service.detail(site.site.id)
    #expect(after.site == before.site)
  }

  @Test(
    "what is no backup is refused",
    arguments: [
      "", "[]", "{", #"{"kind":"x","schema":1,"site":{}}"#, #"{"kind":"zt-branch-site"}"#,
      #"{"kind":"zt-branch-site","schema":2,"site":{}}"#,
      #"{"kind":"zt-branch-site","schema":1,"site":{"what":1}}"#,
    ])
  func refused(text: String) {
    #expect(TestPortal.error { try restore(text) }?.status == 400)
  }

  @Test("a backup of a pair does not fit one gateway")
  func otherKind() throws {
    let saved = try backup()
    let other = try portal.addSite("Lyon", isPair: false)
    let paths = TestPortal.paths {
      _ = try portal.service.restore(
        other.site.id, try RestoreInput(try Fields(text: saved)), by: portal.admin)
    }
    #expect(paths.contains("site.vrrp") && paths.contains("site.template"))
  }

  @Test("the documents that a gateway was given are kept, twenty of each")
  func history() throws {
    let id = site.gateways[0].id
    let versions = { try portal.service.documentVersions(of: id, by: portal.admin) }
    let start = try #require(try versions().first).version
    for number in 0..<25 {
      var panel = VRRPInput()
      panel.priority = Int64(100 + number)
      _ = try portal.service.updateVRRP(site.site.id, panel, by: portal.admin)
    }
    let kept = try versions()
    #expect(kept.count == 20 && kept.first?.version == start + 25)
    let newest = try portal.service.document(
      of: id, version: start + 25, by: portal.admin)
    #expect(newest == (try portal.service.gateways.document(id)))
    #expect(
      TestPortal.error {
        _ = try portal.service.document(of: id, version: start, by: portal.admin)
      }?.status == 404)
  }
}
