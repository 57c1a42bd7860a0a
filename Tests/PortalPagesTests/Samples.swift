import HTTP
import PortalPages

/// Every page of the portal with believable content; hostile ones carry markup in each text.
struct Samples {
  let isHostile: Bool
  static let attack = #""'><script>alert(1)</script><img src=x onerror=alert(1)>&"#
  static let now: Int64 = 1_784_642_529

  /// A text that a person could have typed.
  func typed(_ text: String) -> String { isHostile ? text + Samples.attack : text }

  func frame(_ rights: Frame.Rights = .all, notice: Frame.Notice? = nil) -> Frame {
    var frame = Frame(
      user: typed("claire.martin"), role: "Super admin", rights: rights, csrf: typed("t0ken"),
      now: Samples.now)
    frame.notice = notice
    return frame
  }

  /// Names of the pages, without `.html`, and their documents.
  var pages: [(name: String, html: String)] {
    account + templates + siteList + newSite + site + administration + questions
  }

  func state(_ fields: [(String, String)], _ problems: [FormProblem] = []) -> FormState {
    FormState(
      fields.map { HTTPField($0.0, typed($0.1)) },
      problems: problems.map { FormProblem($0.path, typed($0.message)) })
  }

  // MARK: Sign-in

  var account: [(name: String, html: String)] {
    var failed = LoginPage(
      csrf: "t0ken",
      form: state(
        [("name", "claire.martin")],
        [FormProblem("", "The name or the password is wrong. 4 more tries, then wait a minute.")]),
      next: typed("/sites"))
    failed.notice = Frame.Notice(.info, typed("Your session ended after 30 minutes without use."))
    let setup = SetupPage(
      csrf: "t0ken",
      form: state(
        [("token", "H3KX-93QD-77TN-0PZB"), ("name", "claire.martin")],
        [FormProblem("again", "The two passwords differ; type both again.")]))
    let error = ErrorPage(
      status: 404, what: typed("There is no such site"),
      why: typed("It was deleted, or the address was mistyped."),
      remedy: typed("Look for it in the list of sites."))
    return [
      ("login", LoginPage(csrf: "t0ken").html), ("login-failed", failed.html),
      ("setup", setup.html), ("error", error.html(frame())), ("error-signed-out", error.html(nil)),
    ]
  }

  // MARK: Templates

  var templateRows: [TemplatesPage.Row] {
    var rows: [TemplatesPage.Row] = []
    for platform in ["zt400", "zt600", "zt800"] {
      for isPair in [true, false] {
        rows.append(
          TemplatesPage.Row(
            id: typed("\(platform)-\(isPair)"),
            name: typed("\(platform)-\(isPair ? "ha" : "standalone")-default"),
            deployment: isPair ? "standard_mode_ha" : "standalone",
            platforms: isPair ? [platform, platform] : [platform], dns: ["1.1.1.1", "8.8.8.8"],
            dhcp: "server", nat: true, sites: isPair ? 12 : 3, isDefault: true))
      }
    }
    rows.append(
      TemplatesPage.Row(
        id: "shops", name: typed("Shops, Europe"), deployment: "standard_mode_ha",
        platforms: ["zt400", "zt600"], dns: [typed("10.20.0.53")], dhcp: "off", nat: false,
        sites: 31, isDefault: false))
    return rows
  }

  var templates: [(name: String, html: String)] {
    let platforms = ["zt400", "zt600", "zt800", "zt8010", "vm"].map { (value: $0, label: $0) }
    let values = [
      ("name", "Shops, Europe"), ("deployment", "standard_mode_ha"), ("platform1", "zt400"),
      ("platform2", "zt600"), ("primaryDNS", "10.20.0.53"), ("secondaryDNS", "8.8.8"),
      ("dhcp", "server"), ("nat", "yes"),
    ]
    let problems = [
      FormProblem("platformOverride", "zt400 and zt600 differ: choose one, or allow it here."),
      FormProblem("secondaryDNS", "8.8.8 is no IPv4 address; it has four numbers: 8.8.8.8."),
    ]
    var edit = TemplatePage(
      frame: frame(), mode: .edit(id: typed("shops"), name: typed("Shops, Europe")),
      form: FormState(values.map { HTTPField($0.0, $0.1) }, problems: problems),
      platforms: platforms)
    edit.sites = 31
    let new = TemplatePage(
      frame: frame(), mode: .new,
      form: FormState([HTTPField("deployment", "standalone"), HTTPField("nat", "yes")]),
      platforms: platforms)
    var view = TemplatePage(
      frame: frame(),
      mode: .view(id: "zt400-ha", name: typed("zt400-ha-default"), isDefault: true),
      form: FormState(values.map { HTTPField($0.0, $0.0.hasSuffix("DNS") ? typed($0.1) : $0.1) }),
      platforms: platforms)
    view.sites = 12
    return [
      ("templates", TemplatesPage(frame: frame(), rows: templateRows).html),
      ("template-edit", edit.html), ("template-new", new.html), ("template-view", view.html),
      (
        "templates-viewer",
        TemplatesPage(frame: frame([]), rows: templateRows).html
      ),
    ]
  }

  // MARK: Adding a site

  var newSite: [(name: String, html: String)] {
    let values = [
      ("name", "Paris"), ("timeZone", "Europe/Paris"), ("lanVirtual", "10.1.0.1"),
      ("proxy", "hub3.example:1883"), ("gateway1.name", "paris-gw-01"), ("gateway1.mode", "dhcp"),
      ("gateway1.lan", "10.1.0.2/24"), ("gateway2.name", "paris-gw-02"),
      ("gateway2.mode", "static"), ("gateway2.address", "203.0.113.3/24"),
      ("gateway2.lan", "10.1.1.3/24"),
    ].map { HTTPField($0.0, $0.1) }
    let problems = [
      FormProblem("gateway2.gateway", "With a static address a default gateway is needed."),
      FormProblem("gateway2.lan", "10.1.1.3/24 is in another subnet than 10.1.0.1."),
    ]
    let pair = NewSitePage(
      frame: frame(), template: typed("zt400-ha"), templateName: typed("zt400-ha-default"),
      platforms: ["zt400", "zt400"], wanPorts: ["GE3", "GE3"], lanPorts: ["GE2", "GE2"],
      form: FormState(
        isHostile ? values.map { HTTPField($0.name, typed($0.value)) } : values,
        problems: problems.map { FormProblem($0.path, typed($0.message)) }))
    let alone = NewSitePage(
      frame: frame(), template: "zt800-standalone", templateName: "zt800-standalone-default",
      platforms: ["zt800"], wanPorts: ["GE2"], lanPorts: ["GE1"],
      form: FormState([HTTPField("gateway1.mode", "dhcp"), HTTPField("timeZone", "UTC")]))
    return [
      ("site-new-choose", ChooseTemplatePage(frame: frame(), templates: templateRows).html),
      ("site-new-pair", pair.html), ("site-new-alone", alone.html),
    ]
  }
}
