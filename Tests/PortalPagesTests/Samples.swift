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
    account + templates + siteList + newSite + site + software + administration + questions
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
      csrf: "t0ken", isFirst: true,
      form: state(
        [("token", "H3KX-93QD-77TN-0PZB"), ("name", "claire.martin")],
        [FormProblem("again", "The two passwords differ; type both again.")]))
    let error = ErrorPage(
      status: 404, what: typed("There is no such site"),
      why: typed("It was deleted, or the address was mistyped."),
      remedy: typed("Look for it in the list of sites."))
    return [
      ("login", LoginPage(csrf: "t0ken").html), ("login-failed", failed.html),
      ("setup", setup.html),
      ("setup-invited", SetupPage(csrf: typed("t0ken"), isFirst: false).html),
      ("error", error.html(frame())), ("error-signed-out", error.html(nil)),
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
      ("name", "Shops, Europe"), ("deploymentType", "standard_mode_ha"), ("platformType", "zt400"),
      ("platformType2", "zt600"), ("primaryDns", "10.20.0.53"), ("secondaryDns", "8.8.8"),
      ("dhcpService", "server"), ("natEnabled", "yes"),
    ]
    let problems = [
      FormProblem("platformType2", "zt400 and zt600 differ: choose one, or allow it below."),
      FormProblem(
        "secondaryDns", "'8.8.8' is not an address such as 192.0.2.1", subject: "Secondary DNS"),
    ]
    var edit = TemplatePage(
      frame: frame(), mode: .edit(id: typed("shops"), name: typed("Shops, Europe")),
      form: FormState(values.map { HTTPField($0.0, $0.1) }, problems: problems),
      platforms: platforms)
    edit.sites = 31
    let new = TemplatePage(
      frame: frame(), mode: .new,
      form: FormState([HTTPField("deploymentType", "standalone"), HTTPField("natEnabled", "yes")]),
      platforms: platforms)
    var view = TemplatePage(
      frame: frame(),
      mode: .view(id: "zt400-ha", name: typed("zt400-ha-default"), isDefault: true),
      form: FormState(values.map { HTTPField($0.0, $0.0.hasSuffix("Dns") ? typed($0.1) : $0.1) }),
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
      ("name", "Paris"), ("timeZone", "Europe/Paris"), ("lanVirtualIP", "10.1.0.1"),
      ("proxy.host", "hub3.example"), ("proxy.port", "1883"),
      ("gateways[0].name", "paris-gw-01"), ("gateways[0].wan.mode", "dhcp"),
      ("gateways[0].lanAddress", "10.1.0.2/24"), ("gateways[1].name", "paris-gw-02"),
      ("gateways[1].wan.mode", "static"), ("gateways[1].wan.address", "203.0.113.3/24"),
      ("gateways[1].lanAddress", "10.1.1.3/24"),
    ]
    let problems = [
      FormProblem(
        "gateways[1].wan.gateway", typed("is missing"), subject: "Gateway 2, default gateway"),
      FormProblem(
        "gateways[1].lanAddress", "is not in the network of gateway 1",
        subject: typed("Gateway 2, LAN address")),
    ]
    let slot = SiteFormPage.Slot(platform: "zt400", wanPort: "GE3", lanPort: "GE2")
    var pair = SiteFormPage(
      frame: frame(), template: typed("1"), templateName: typed("zt400-ha-default"),
      gateways: [slot, slot], form: state(values))
    pair.form.problems = problems
    var edit = pair
    edit.editing = (typed("4"), typed("Paris"))
    edit.hasProxyPassword = true
    edit.form.problems = []
    let alone = SiteFormPage(
      frame: frame(), template: "2", templateName: typed("zt800-standalone-default"),
      gateways: [.init(platform: "zt800", wanPort: "GE2", lanPort: "GE1")],
      form: FormState([HTTPField("gateways[0].wan.mode", "dhcp"), HTTPField("timeZone", "UTC")]))
    return [
      ("site-new-choose", ChooseTemplatePage(frame: frame(), templates: templateRows).html),
      ("site-new-pair", pair.html), ("site-new-alone", alone.html), ("site-edit", edit.html),
    ]
  }
}
