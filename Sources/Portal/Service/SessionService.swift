import Activation
import Crypto
import Linux

/// Who asks, and how it is known.
struct Session: Hashable {
  /// The user, with the address of the request.
  var user: User
  /// What forms and scripts of this session must send along; empty with an API token, which no
  /// browser adds by itself.
  var formToken: String
  /// SHA-256 of the session's token.
  var digest: [UInt8]

  /// Whether a form or script of the session itself sends a request.
  func accepts(formToken given: String?) -> Bool {
    guard !formToken.isEmpty else { return true }
    return isEqualInConstantTime(Array((given ?? "").utf8), Array(formToken.utf8))
  }
}

/// A session that has just begun.
struct NewSession {
  /// What the cookie holds.
  var token: String
  var session: Session
}

// MARK: Logging in

extension PortalService {
  /// Numbers of sessions.
  enum SessionLimits {
    /// A session that nobody uses ends after this, in seconds.
    static let idleSeconds: Int64 = 1_800
    /// A session ends after this in any case, in seconds.
    static let lifeSeconds: Int64 = 43_200
    /// How exactly the last use is known, in seconds.
    static let touchSeconds: Int64 = 60
    /// A one-time link can be used for this long, in seconds.
    static let invitationSeconds: Int64 = 86_400
    /// Longest life of an API token, in days.
    static let tokenDays: Int64 = 366
    /// Hashes that may wait before a log-in is put off: two seconds of work.
    static let hashes = 20
    /// Random octets of every kind of token.
    static let tokenCount = 32
  }

  /// Begins a session. Each failure makes the next try wait longer, by name and address.
  func logIn(
    name: String, password: String, from address: String,
    _ completion: @escaping (Result<NewSession, PortalError>) -> Void
  ) {
    let key = "\(name.lowercased()) \(address)"
    do throws(PortalError) {
      try limiters.logIn.check(key, at: now())
      try limiters.address.check(address, at: now())
      guard name.utf8.count <= 256, password.utf8.count <= 256 else { throw Self.wrongPassword }
      guard hasher.waitingCount < SessionLimits.hashes else { throw .tooMany(seconds: 2) }
      let account = try accounts.find(name: name)
      let stored = account.flatMap { StoredPassword.parts($0.hash) }
      // A name that does not exist takes as long as one that does. Counted before the answer, so
      // that many tries at once do not all get through.
      limiters.logIn.fail(key, at: now())
      limiters.address.fail(address, at: now())
      hasher.derive(
        secret: Array(password.utf8), salt: stored?.salt ?? [0],
        cost: stored?.cost ?? StoredPassword.cost
      ) { [weak self] hash in
        guard let self else { return completion(.failure(.broken)) }
        guard let hash else { return completion(.failure(.tooMany(seconds: 2))) }
        guard let stored, isEqualInConstantTime(hash, stored.hash), let account,
          !account.user.isDisabled
        else {
          noteFailure(name, address)
          return completion(.failure(Self.wrongPassword))
        }
        limiters.logIn.succeed(key)
        limiters.address.succeed(address)
        var user = account.user
        user.address = address
        do throws(PortalError) { completion(.success(try begin(user))) } catch {
          completion(.failure(error))
        }
      }
    } catch { completion(.failure(error)) }
  }

  private static let wrongPassword = PortalError(
    status: 401, word: "unauthenticated", message: "Name or password is wrong.")

  private func noteFailure(_ name: String, _ address: String) {
    var nobody = User.portal
    nobody.address = address
    do {
      try database.write { () throws(PortalError) in
        try audit(nobody, "login.failed", String(name.prefix(64)))
      }
    } catch { Log.error("audit \(error.message)") }
  }

  private func begin(_ user: User) throws(PortalError) -> NewSession {
    let token = Base64URL.encode(try random(SessionLimits.tokenCount))
    let form = Base64URL.encode(try random(SessionLimits.tokenCount))
    let digest = sha256(Array(token.utf8))
    try database.write { () throws(PortalError) in
      try accounts.insertSession(digest, user: user, form: form, at: now())
      try audit(user, "login", user.name)
    }
    return NewSession(
      token: token, session: Session(user: user, formToken: form, digest: digest))
  }

  /// The session of a cookie; nil: there is none, or it is over. A page that refreshes itself is
  /// no use: otherwise a session would never end while a browser is open.
  func session(
    token: String, from address: String, isUse: Bool = true
  ) throws(PortalError) -> Session? {
    let digest = sha256(Array(token.utf8))
    guard token.utf8.count <= 128, let stored = try accounts.session(digest) else { return nil }
    let time = now()
    guard time < stored.created + SessionLimits.lifeSeconds,
      time < stored.seen + SessionLimits.idleSeconds
    else { return nil }
    var user = try accounts.find(stored.userID).user
    guard !user.isDisabled else { return nil }
    if isUse, time >= stored.seen + SessionLimits.touchSeconds {
      try database.write { () throws(PortalError) in
        try accounts.touchSession(digest, at: time)
      }
    }
    user.address = address
    return Session(user: user, formToken: stored.formToken, digest: digest)
  }

  /// Ends a session: its cookie is worth nothing any more.
  func logOut(_ session: Session) throws(PortalError) {
    try database.write { () throws(PortalError) in
      try accounts.deleteSession(session.digest)
      try audit(session.user, "logout", session.user.name)
    }
  }

  // MARK: API tokens

  /// The user of an API token; nil: it is unknown or over.
  func session(apiToken: String, from address: String) throws(PortalError) -> Session? {
    let digest = sha256(Array(apiToken.utf8))
    guard apiToken.utf8.count <= 128,
      let id = try accounts.tokenUser(digest, at: now())
    else { return nil }
    var user = try accounts.find(id).user
    guard !user.isDisabled else { return nil }
    user.address = address
    return Session(user: user, formToken: "", digest: digest)
  }

  /// Makes an API token for the user itself; it is shown this once.
  func createToken(
    name: String, days: Int64, by user: User
  ) throws(PortalError) -> (token: AccountTable.Token, secret: String) {
    var check = Checker()
    _ = check.name(name, at: "name")
    if !(1...SessionLimits.tokenDays).contains(days) {
      check.add("days", "\(days) is not in 1…\(SessionLimits.tokenDays)")
    }
    try check.finish()
    let secret = "ztb_" + Base64URL.encode(try random(SessionLimits.tokenCount))
    let time = now()
    return try database.write { () throws(PortalError) in
      let id = try accounts.insertToken(
        sha256(Array(secret.utf8)), user: user.id, name: name, created: time,
        expires: time + days * 86_400)
      try audit(user, "token.create", name)
      return (
        .init(id: id, name: name, created: time, expires: time + days * 86_400), secret
      )
    }
  }

  /// The API tokens of the user itself.
  func listTokens(by user: User) throws(PortalError) -> [AccountTable.Token] {
    try accounts.tokens(of: user.id)
  }

  /// Ends an API token of the user itself.
  func deleteToken(_ id: Int64, by user: User) throws(PortalError) {
    try database.write { () throws(PortalError) in
      guard try accounts.deleteToken(id, user: user.id) else { throw .notFound("token \(id)") }
      try audit(user, "token.delete", "\(id)")
    }
  }
}
