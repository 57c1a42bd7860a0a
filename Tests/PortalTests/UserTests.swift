import Testing

@testable import Portal

@Suite("Users")
struct UserTests {
  private static let password = "correct horse battery"

  /// The token of a one-time link.
  private func token(_ link: String) -> String { String(link.split(separator: "#")[1]) }

  /// Makes the first user and logs in.
  private func setUp(_ portal: TestPortal) throws -> Session {
    portal.service.setUp(
      token: token(try portal.service.makeSetUpLink()), name: "root", password: Self.password,
      from: "192.0.2.1"
    ) { _ in }
    return try logIn(portal, "root", Self.password).get().session
  }

  private func logIn(
    _ portal: TestPortal, _ name: String, _ password: String, from: String = "192.0.2.1"
  ) throws -> Result<NewSession, PortalError> {
    var result: Result<NewSession, PortalError>?
    portal.service.logIn(name: name, password: password, from: from) { result = $0 }
    return try #require(result)
  }

  @Test("the first start has no user; the link makes one super admin, once, within a day")
  func firstUser() throws {
    let portal = try TestPortal()
    #expect(try portal.service.needsSetUp())
    let old = token(try portal.service.makeSetUpLink())
    let link = try portal.service.makeSetUpLink()
    #expect(link.hasPrefix("https://portal.example:8443/setup#"))
    var results: [Int] = []
    for (token, password) in [
      (old, Self.password), (token(link), "short"), (token(link), Self.password),
      (token(link), Self.password),
    ] {
      portal.service.setUp(
        token: token, name: "root", password: password, from: "192.0.2.1"
      ) { result in
        if case .failure(let error) = result {
          results.append(error.status)
        } else {
          results.append(200)
        }
      }
    }
    #expect(results == [403, 400, 200, 403])
    #expect(try !portal.service.needsSetUp())
    #expect(try logIn(portal, "ROOT", Self.password).get().session.user.role == .superAdmin)
    let late = token(try portal.service.makeSetUpLink())
    portal.clock.now += 86_400
    #expect(throws: PortalError.self) {
      try portal.service.invitedName(token: late, from: "192.0.2.7")
    }
  }

  @Test("wrong passwords wait longer each time; a wrong name says the same as a wrong password")
  func slowed() throws {
    let portal = try TestPortal()
    _ = try setUp(portal)
    var errors: [PortalError] = []
    for _ in 0..<6 {
      if case .failure(let error) = try logIn(portal, "root", "wrong wrong wrong") {
        errors.append(error)
      }
    }
    #expect(errors.map(\.status) == [401, 401, 401, 401, 429, 429])
    #expect(errors[4].retryAfter == 2)
    if case .failure(let error) = try logIn(portal, "nobody", "x", from: "192.0.2.2") {
      #expect(error == errors[0])
    }
    if case .failure(let error) = try logIn(portal, "root", Self.password) {
      #expect(error.status == 429, "also the right one waits")
    }
    _ = try logIn(portal, "root", Self.password, from: "192.0.2.3").get()
    portal.clock.now += 2
    _ = try logIn(portal, "root", Self.password).get()
  }

  @Test("a session ends at logout, when idle and after its life, and with the user")
  func sessions() throws {
    let portal = try TestPortal()
    _ = try setUp(portal)
    let first = try logIn(portal, "root", Self.password).get()
    #expect(try portal.service.session(token: first.token, from: "x")?.user.name == "root")
    #expect(try portal.service.session(token: first.token + "A", from: "x") == nil)
    try portal.service.logOut(first.session)
    #expect(try portal.service.session(token: first.token, from: "x") == nil, "replayed cookie")
    let second = try logIn(portal, "root", Self.password).get()
    portal.clock.now += 1_800
    #expect(try portal.service.session(token: second.token, from: "x") == nil)
    let third = try logIn(portal, "root", Self.password).get()
    for _ in 0..<24 {
      #expect(try portal.service.session(token: third.token, from: "x") != nil)
      portal.clock.now += 1_799
    }
    portal.clock.now += 24
    #expect(try portal.service.session(token: third.token, from: "x") == nil)
  }

  @Test("a form token is the session's own")
  func formToken() throws {
    let portal = try TestPortal()
    let session = try setUp(portal)
    #expect(session.accepts(formToken: session.formToken))
    #expect(!session.accepts(formToken: nil))
    #expect(!session.accepts(formToken: ""))
    #expect(!session.accepts(formToken: session.formToken + "x"))
  }

  @Test("users are made by link, changed, shut out and deleted; the last super admin stays")
  func users() throws {
    let portal = try TestPortal()
    let root = try setUp(portal).user
    let made = try portal.service.createUser(name: "ann", role: "viewer", by: root)
    var isDone = false
    portal.service.setUp(
      token: token(made.link), name: "", password: Self.password, from: "192.0.2.5"
    ) { if case .success = $0 { isDone = true } }
    #expect(isDone)
    let session = try logIn(portal, "ann", Self.password).get()
    #expect(session.session.user.role == .viewer)
    _ = try portal.service.updateUser(
      made.user.id, role: "network-admin", isDisabled: false, by: root)
    #expect(
      try portal.service.session(token: session.token, from: "x") == nil,
      "a changed user logs in again")
    _ = try portal.service.updateUser(
      made.user.id, role: "network-admin", isDisabled: true, by: root)
    if case .failure(let error) = try logIn(portal, "ann", Self.password) {
      #expect(error.status == 401)
    } else {
      Issue.record("a disabled user logged in")
    }
    for body in [
      { _ = try portal.service.updateUser(root.id, role: "viewer", isDisabled: false, by: root) },
      {
        _ = try portal.service.updateUser(root.id, role: "super-admin", isDisabled: true, by: root)
      },
      { try portal.service.deleteUser(root.id, by: root) },
      { _ = try portal.service.resetUser(root.id, by: root) },
    ] as [() throws -> Void] {
      #expect(TestPortal.error(body)?.status == 409)
    }
    try portal.service.deleteUser(made.user.id, by: root)
    #expect(try portal.service.listUsers(by: root).map(\.name) == ["root"])
  }

  @Test("an API token works until it is ended or over, and shows up nowhere in the database")
  func tokens() throws {
    let portal = try TestPortal()
    let root = try setUp(portal).user
    let made = try portal.service.createToken(name: "script", days: 1, by: root)
    #expect(
      try portal.service.session(apiToken: made.secret, from: "x")?.user.name == "root")
    #expect(try portal.service.session(apiToken: made.secret + "x", from: "x") == nil)
    let dump = try portal.service.database.rows("SELECT hex(digest) FROM token")
    #expect(dump.count == 1 && !dump[0].text(0).isEmpty)
    portal.clock.now += 86_400
    #expect(try portal.service.session(apiToken: made.secret, from: "x") == nil)
    #expect(
      TestPortal.paths { _ = try portal.service.createToken(name: "", days: 0, by: root) }
        == ["name", "days"])
  }

  @Test("a user has at most 32 API tokens")
  func tokenLimit() throws {
    let portal = try TestPortal()
    let root = try setUp(portal).user
    for number in 0..<32 {
      _ = try portal.service.createToken(name: "t\(number)", days: 1, by: root)
    }
    let error = TestPortal.error {
      _ = try portal.service.createToken(name: "more", days: 1, by: root)
    }
    #expect(error?.status == 409)
  }

  @Test("a password that is taken away while it is checked begins no session, nor sets another")
  func overtaken() throws {
    let hasher = HeldHasher()
    let portal = try TestPortal(hasher: hasher)
    let root = try setUp(portal).user
    let made = try portal.service.createUser(name: "second", role: "super-admin", by: root)
    var done = false
    portal.service.setUp(
      token: token(made.link), name: "", password: Self.password, from: "192.0.2.1"
    ) { result in
      if case .success = result { done = true }
    }
    #expect(done)
    let user = made.user
    hasher.holds = true
    var logIn: Result<NewSession, PortalError>?
    var change: Result<Void, PortalError>?
    portal.service.logIn(name: "second", password: Self.password, from: "192.0.2.2") { logIn = $0 }
    portal.service.changePassword(old: Self.password, new: "quite another one", by: user) {
      change = $0
    }
    _ = try portal.service.resetUser(user.id, by: root)
    hasher.release()
    #expect(throws: PortalError.self) { try #require(logIn).get() }
    #expect(throws: PortalError.self) { try #require(change).get() }
    #expect(try portal.service.accounts.find(user.id).hash.isEmpty)
  }

  @Test("a new password ends sessions and needs the old one")
  func changePassword() throws {
    let portal = try TestPortal()
    let session = try logIn(
      try {
        _ = try setUp($0); return $0
      }(portal), "root", Self.password
    )
    .get()
    var statuses: [Int] = []
    for (old, new) in [("wrong", "another long one"), (Self.password, "another long one")] {
      portal.service.changePassword(old: old, new: new, by: session.session.user) { result in
        if case .failure(let error) = result {
          statuses.append(error.status)
        } else {
          statuses.append(200)
        }
      }
    }
    #expect(statuses == [400, 200])
    #expect(try portal.service.session(token: session.token, from: "x") == nil)
    _ = try logIn(portal, "root", "another long one").get()
  }

  @Test("scrypt hashes are stored as scrypt$N$salt$hash")
  func stored() throws {
    let portal = try TestPortal()
    let root = try setUp(portal).user
    let hash = try portal.service.accounts.find(root.id).hash
    #expect(hash.hasPrefix("scrypt$32768$"))
    #expect(StoredPassword.parts(hash)?.hash.count == 32)
    #expect(StoredPassword.parts("scrypt$x$$") == nil)
  }

  @Test("who does what is in the audit log, secrets are not")
  func audit() throws {
    let portal = try TestPortal()
    let root = try setUp(portal).user
    _ = try portal.service.createSite(try portal.input(), by: root)
    _ = try logIn(portal, "root", "wrong wrong wrong", from: "198.51.100.1")
    let records = try portal.service.listAudit(by: root)
    #expect(records.contains { $0.action == "site.create" && $0.target == "Paris" })
    #expect(records.contains { $0.action == "login.failed" && $0.address == "198.51.100.1" })
    #expect(records.contains { $0.action == "password.set" && $0.user == "root" })
    #expect(!records.contains { $0.detail.contains("wrong wrong") })
  }
}

@Suite("Permissions")
struct PermissionTests {
  @Test("the table: only a super admin fails over and manages users")
  func table() {
    let expected: [Role: [Permission]] = [
      .superAdmin: Permission.allCases,
      .networkAdmin: [.view, .manageTemplates, .manageSites, .activate],
      .securityAdmin: [.view, .viewAudit], .viewer: [.view],
    ]
    for role in Role.allCases {
      #expect(Permission.allCases.filter { role.allows($0) } == expected[role])
    }
  }

  @Test("each function asks for its permission before it does anything", arguments: Role.allCases)
  func functions(role: Role) throws {
    let portal = try TestPortal()
    let site = try portal.addSite()
    let user = User(id: 7, name: "somebody", role: role)
    let id = site.gateways[0].id
    let service = portal.service
    let cases: [(Permission, () throws -> Void)] = [
      (.view, { _ = try service.listTemplates(by: user) }),
      (.view, { _ = try service.listSites(by: user) }),
      (.view, { _ = try service.listEvents(site: nil, by: user) }),
      (.view, { _ = try service.vrrp(site.site.id, by: user) }),
      (.manageTemplates, { _ = try service.createTemplate(.init(), by: user) }),
      (.manageTemplates, { _ = try service.cloneTemplate(1, name: "x", by: user) }),
      (.manageTemplates, { try service.deleteTemplate(1, by: user) }),
      (.manageSites, { _ = try service.createSite(.init(), by: user) }),
      (.manageSites, { _ = try service.updateSite(site.site.id, .init(), by: user) }),
      (.manageSites, { _ = try service.updateVRRP(site.site.id, .init(priority: 0), by: user) }),
      (.manageSites, { _ = try service.resetVRRP(site.site.id, by: user) }),
      (.activate, { _ = try service.activation(of: id, by: user) }),
      (.activate, { _ = try service.sendActivationLink(id, to: nil, by: user) }),
      (.activate, { _ = try service.rotateActivationCode(id, by: user) }),
      (.activate, { _ = try service.replaceGateway(id, by: user) }),
      (.activate, { try service.factoryReset(id, by: user) }),
      (.failOver, { _ = try service.initiateSwitchover(site.site.id, by: user) }),
      (.failOver, { _ = try service.drill(site.site.id, by: user) }),
      (.failOver, { _ = try service.suspend(site.site.id, gateway: nil, by: user) }),
      (.failOver, { _ = try service.resume(site.site.id, gateway: nil, by: user) }),
      (.failOver, { _ = try service.restart(id, by: user) }),
      (.manageUsers, { _ = try service.listUsers(by: user) }),
      (.manageUsers, { _ = try service.createUser(name: "x", role: "viewer", by: user) }),
      (
        .manageUsers, { _ = try service.updateUser(9, role: "viewer", isDisabled: false, by: user) }
      ),
      (.manageUsers, { try service.deleteUser(9, by: user) }),
      (.manageUsers, { _ = try service.resetUser(9, by: user) }),
      (.viewAudit, { _ = try service.listAudit(by: user) }),
    ]
    for (index, entry) in cases.enumerated() {
      let isForbidden = TestPortal.error(entry.1)?.word == "forbidden"
      #expect(isForbidden != role.allows(entry.0), "case \(index): \(entry.0)")
    }
  }
}
