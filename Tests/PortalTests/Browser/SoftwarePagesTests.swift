import HTTP
import Testing

@testable import Portal

@Suite("Pages of software and backups")
struct SoftwarePagesTests {
  private let portal: TestPortal
  private let place: TestFolder
  private let site: SiteDetail

  init() throws {
    portal = try TestPortal()
    place = try TestFolder()
    portal.service.folder = place.folder
    site = try portal.addSite(isPair: false)
  }

  private var path: String { "/sites/\(site.site.id)" }

  @Test("versions are listed, made the default and deleted by those who may")
  func versions() throws {
    let browser = try TestBrowser.signedIn(.superAdmin, portal)
    #expect(browser.get("/settings/software").text.contains("No software yet"))
    try portal.addSoftware(try TestBundle.make())
    try portal.addSoftware(try TestBundle.make("1.3.0"))
    let list = browser.get("/settings/software")
    #expect(list.text.contains("1.3.0") && list.text.contains("Verified"))
    #expect(list.text.contains("enctype=\"multipart/form-data\""))
    #expect(!list.text.contains("/settings/software/1.2.3/delete"), "the default")
    #expect(browser.post("/settings/software/1.3.0/default", [:]).place == "/settings/software")
    #expect(browser.post("/settings/software/1.3.0/delete", [:]).status == 409)
    #expect(browser.post("/settings/software/1.2.3/delete", [:]).status == 303)
    #expect(browser.post("/settings/software", [:]).text.contains("Choose the bundle first"))
    let viewer = try TestBrowser.signedIn(.viewer, portal)
    let seen = viewer.get("/settings/software")
    #expect(seen.text.contains("1.3.0") && !seen.text.contains("Add software"))
    #expect(viewer.get("/settings/software/1.3.0/delete").status == 403)
  }

  @Test("a site is updated from its page, and shows how far each gateway is")
  func update() throws {
    let browser = try TestBrowser.signedIn(.superAdmin, portal)
    #expect(!browser.get(path).text.contains("site-software"), "nothing is activated yet")
    try portal.run(site.gateways[0], "standalone")
    #expect(browser.get(path).text.contains("Add software"))
    try portal.addSoftware(try TestBundle.make())
    #expect(browser.get(path).text.contains("\(path)/update\""))
    let form = browser.get(path + "/update")
    #expect(form.text.contains("1.2.3 (default)") && form.text.contains("id=\"confirmation\""))
    let wrong = browser.post(path + "/update", ["version": "1.2.3", "at": "25:00"])
    #expect(wrong.status == 400 && wrong.text.contains("no time of day"))
    #expect(browser.post(path + "/update", ["version": "1.2.3", "at": ""]).place == path)
    try portal.report(
      site.gateways[0], "standalone",
      #","software":{"version":"1.0.0","slot":"b","isTrial":false,"update":{"version":"1.2.3","#
        + #""state":"writing","percent":62,"reason":"","at":""}}"#)
    let page = browser.get(path)
    #expect(page.text.contains("<progress max=\"100\" value=\"62\""))
    #expect(page.text.contains("paris-gw-01 is installing"))
    #expect(browser.post(path + "/update-cancel", [:]).place == path)
    #expect(browser.get(path).text.contains("was cancelled by user-super-admin"))
    let viewer = try TestBrowser.signedIn(.viewer, portal)
    #expect(viewer.get(path).text.contains("1.0.0"))
    #expect(viewer.post(path + "/update", ["version": "1.2.3"]).status == 403)
  }

  @Test("a backup is downloaded, and restored by a form with a file")
  func backup() throws {
    let browser = try TestBrowser.signedIn(.networkAdmin, portal)
    let file = browser.get(path + "/backup-file?secrets=1")
    #expect(file.header("Content-Disposition") == "attachment; filename=\"paris.json\"")
    #expect(browser.get(path + "/backup").text.contains("Download with passwords"))
    let changed = file.text.replacing("\"UTC\"", with: "\"Europe/Paris\"")
    #expect(send(browser, changed).place == path)
    #expect(try portal.service.detail(site.site.id).site.timeZone == "Europe/Paris")
    let wrong = send(browser, file.text.replacing("\"UTC\"", with: "\"a b\""))
    #expect(wrong.status == 400 && wrong.text.contains("site.timeZone"))
    #expect(send(browser, "").status == 400)
    #expect(send(browser, changed, token: "x").status == 403)
    let viewer = try TestBrowser.signedIn(.viewer, portal)
    #expect(viewer.get(path + "/backup-file").status == 200)
    #expect(viewer.get(path + "/backup-file?secrets=1").status == 403)
    #expect(!viewer.get(path + "/backup").text.contains("Restore"))
    #expect(send(viewer, changed).status == 403)
  }

  private func send(
    _ browser: TestBrowser, _ file: String, token: String? = nil
  ) -> TestAnswer {
    let csrf = token ?? browser.get("/settings").between("name=\"csrf\" value=\"", "\"")
    let body =
      "--b0\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n\(csrf)\r\n"
      + "--b0\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x.json\"\r\n\r\n"
      + "\(file)\r\n--b0--\r\n"
    return browser.send(
      HTTPRequest(
        method: "POST", path: path + "/restore",
        headers: [HTTPField("Content-Type", "multipart/form-data; boundary=b0")],
        body: Array(body.utf8)))
  }
}
