import HTTP
import PortalPages

extension Samples {
  var roles: [UsersPage.Role] {
    [
      .init("super_admin", "Super admin", "Everything, users and settings included."),
      .init("network_admin", "Network admin", "Sites, templates, activation, VRRP."),
      .init("security_admin", "Security admin", "Reads everything, and the audit log."),
      .init("viewer", "Viewer", "Reads sites and templates; sees no codes."),
    ]
  }

  var administration: [(name: String, html: String)] {
    var users = UsersPage(
      frame: frame(),
      rows: [
        .init(
          id: "1", name: typed("claire.martin"), role: "Super admin",
          lastSeen: Samples.now - 400, sessions: 1, isSelf: true),
        .init(
          id: typed("2"), name: typed("j.okafor"), role: "Network admin",
          lastSeen: Samples.now - 90_000, sessions: 0, isSelf: false),
        .init(
          id: "3", name: typed("noc-wall"), role: "Viewer", lastSeen: nil, sessions: 0,
          isSelf: false),
      ], roles: roles)
    users.rows[2].hasPassword = false
    users.rows[1].isDisabled = true
    users.invitation = (
      typed("noc-wall"), typed("https://portal.example:8443/setup#6PZ3T0Q8HK2W"),
      Samples.now + 86_400
    )
    users.form = state([("name", "claire")], [FormProblem("name", "is taken", subject: "Name")])
    let role = UserRolePage(
      frame: frame(), id: typed("2"), name: typed("j.okafor"), roles: roles,
      form: FormState([.init("role", "network_admin")]))
    return [
      ("users", users.html), ("user-role", role.html),
      ("audit", audit().html),
      ("audit-empty", AuditPage(frame: frame(), rows: [], search: "").html),
      ("settings", settings(.all).html), ("settings-viewer", settings([]).html),
    ]
  }

  private func audit() -> AuditPage {
    let texts: [(String, String, String, Bool)] = [
      ("Signed in", "", "", false), ("Sent activation link", "paris-gw-02", "to b@example", false),
      ("Rotated activation code", "paris-gw-02", "", false),
      ("Signed in", "", "wrong password", true),
      ("Changed VRRP settings", "Paris", "priority 200 → 180", false),
    ]
    let rows = texts.enumerated().map { index, text in
      AuditPage.Row(
        time: Samples.now - Int64(index * 977), user: typed("claire.martin"),
        action: typed(text.0), object: typed(text.1), detail: typed(text.2),
        address: typed("198.51.100.7"), isRefused: text.3)
    }
    var page = AuditPage(frame: frame(), rows: rows, search: typed("claire"))
    page.older = typed("/audit?page=3")
    page.newer = "/audit?page=1"
    return page
  }

  private func settings(_ rights: Frame.Rights) -> SettingsPage {
    var page = SettingsPage(frame: frame(rights))
    page.tokens = [
      .init(
        id: typed("5"), name: typed("inventory script"), created: Samples.now - 900_000,
        expires: Samples.now + 9_000_000)
    ]
    page.newToken = (typed("backup"), typed("ztb_9f2c4e7a1b6d8035c1e4a7d92f60b8aa"))
    page.tokenForm = state([("days", "90")])
    page.limits = [
      ("Mail", typed("smtps://mail.example:465, from ztb@example.com")),
      ("Sessions", "End after 30 min without use, and after 12 h"),
    ]
    page.about = [
      ("Name", typed("portal.example")), ("Agent port", "https://portal.example:8444"),
      ("CA fingerprint", "sha256/PuxrzSfr7ueOzWGg52OAgkSmbPndm3bXN4AahFcQm1U="),
      ("Version", "1.4.0"),
    ]
    return page
  }

  var questions: [(name: String, html: String)] {
    var suspend = ConfirmationPage(
      frame: frame(), title: typed("Suspend paris-gw-01?"),
      effects: [
        typed("paris-gw-02 becomes active; sessions go on."),
        "The site then has one gateway until you resume this one.",
      ], typed: typed("paris-gw-01"), button: "Suspend gateway",
      action: Paths.gateway(typed("1"), "suspend"), back: Paths.site(typed("4")))
    suspend.form = state(
      [("confirm", "paris")], [FormProblem("confirm", "Type the name as it stands here.")])
    suspend.hidden = [(typed("cluster"), typed("4"))]
    var rotate = ConfirmationPage(
      frame: frame(), title: "Rotate the activation code of paris-gw-02?",
      effects: ["The old code and link stop working at once.", "A new code and link are shown."],
      typed: nil, button: "Rotate code", action: Paths.gateway("2", "rotate"),
      back: Paths.site("4"))
    rotate.isDangerous = false
    rotate.choice = (
      typed("reason"), typed("Reason"), [("lost", typed("The code was lost")), ("other", "Other")]
    )
    return [("confirm-suspend", suspend.html), ("confirm-rotate", rotate.html)]
  }
}
