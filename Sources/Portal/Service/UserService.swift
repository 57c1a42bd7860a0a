import Activation
import Crypto

// MARK: Users

extension PortalService {
  /// Every user.
  func listUsers(by user: User) throws(PortalError) -> [User] {
    try user.require(.manageUsers)
    return try accounts.all()
  }

  /// The audit log, newest first.
  func listAudit(
    before: Int64? = nil, limit: Int64 = 100, by user: User
  ) throws(PortalError) -> [AuditRecord] {
    try user.require(.viewAudit)
    return try records.audit(before: before, limit: max(1, limit))
  }

  /// Makes a user without a password; the one-time link lets the user set one.
  func createUser(
    name: String, role: String, by user: User
  ) throws(PortalError) -> (user: User, link: String) {
    try user.require(.manageUsers)
    var check = Checker()
    _ = check.name(name, at: "name")
    let parsed = check.word(role, at: "role", Role.self)
    try check.finish()
    return try named(name) { () throws(PortalError) in
      var made = User(
        id: 0, name: name, role: parsed ?? .viewer, hasPassword: false, created: now())
      made.id = try accounts.insert(made, hash: "")
      try audit(user, "user.create", name, made.role.title)
      changed(.users)
      return (made, try invite(made.id))
    }
  }

  /// Changes a user's role, or shuts the user out; sessions and tokens end.
  func updateUser(
    _ id: Int64, role: String, isDisabled: Bool, by user: User
  ) throws(PortalError) -> User {
    try user.require(.manageUsers)
    var check = Checker()
    let parsed = check.word(role, at: "role", Role.self)
    try check.finish()
    return try database.write { () throws(PortalError) in
      var changedUser = try accounts.find(id).user
      changedUser.role = parsed ?? .viewer
      changedUser.isDisabled = isDisabled
      if changedUser.role != .superAdmin || isDisabled { try requireAnother(id) }
      try accounts.update(changedUser)
      try accounts.deleteAccess(of: id)
      let words = changedUser.role.title + (isDisabled ? ", disabled" : "")
      try audit(user, "user.change", changedUser.name, words)
      changed(.users)
      return changedUser
    }
  }

  /// Deletes a user.
  func deleteUser(_ id: Int64, by user: User) throws(PortalError) {
    try user.require(.manageUsers)
    try database.write { () throws(PortalError) in
      let gone = try accounts.find(id).user
      try requireAnother(id)
      try accounts.delete(id)
      try audit(user, "user.delete", gone.name)
      changed(.users)
    }
  }

  /// Takes a user's password away; the one-time link lets the user set another.
  func resetUser(_ id: Int64, by user: User) throws(PortalError) -> String {
    try user.require(.manageUsers)
    return try database.write { () throws(PortalError) in
      let account = try accounts.find(id)
      try requireAnother(id)
      try accounts.setHash(id, "")
      try accounts.deleteAccess(of: id)
      try audit(user, "user.reset", account.user.name)
      changed(.users)
      return try invite(id)
    }
  }

  /// Changes the password of the user itself; other sessions end, also this one.
  func changePassword(
    old: String, new: String, by user: User,
    _ completion: @escaping (Result<Void, PortalError>) -> Void
  ) {
    let key = "\(user.name.lowercased()) \(user.address)"
    do throws(PortalError) {
      try limiters.logIn.check(key, at: now())
      if let problem = StoredPassword.problem(new, name: user.name) {
        throw .invalid("password", problem)
      }
      let verified = try accounts.find(user.id).hash
      guard let stored = StoredPassword.parts(verified) else { throw .broken }
      limiters.logIn.fail(key, at: now())
      hasher.derive(
        secret: Array(old.utf8.prefix(256)), salt: stored.salt, cost: stored.cost
      ) { [weak self] hash in
        guard let self, let hash else { return completion(.failure(.tooMany(seconds: 2))) }
        guard isEqualInConstantTime(hash, stored.hash) else {
          return completion(.failure(.invalid("old", "is not the password")))
        }
        limiters.logIn.succeed(key)
        setPassword(user, new, instead: verified, completion)
      }
    } catch { completion(.failure(error)) }
  }

  private func requireAnother(_ id: Int64) throws(PortalError) {
    if try accounts.superAdmins(except: id) == 0 {
      throw .conflict("This is the last Super Admin; make another first.")
    }
  }
}

// MARK: One-time links

extension PortalService {
  /// Whether nobody can log in yet.
  func needsSetUp() throws(PortalError) -> Bool { try accounts.superAdmins(except: 0) == 0 }

  /// A link by which the first user is made; earlier ones are worth nothing any more.
  func makeSetUpLink() throws(PortalError) -> String {
    try database.write { () throws(PortalError) in try invite(0) }
  }

  private func invite(_ id: Int64) throws(PortalError) -> String {
    let token = Base64URL.encode(try random(SessionLimits.tokenCount))
    try accounts.setInvitation(
      sha256(Array(token.utf8)), user: id, expires: now() + SessionLimits.invitationSeconds)
    return "\(places.url)/setup#\(token)"
  }

  /// Whom a one-time link is for: the name, empty for the first user; throws when it is over.
  func invitedName(token: String, from address: String) throws(PortalError) -> String {
    let id = try invited(token, address)
    return id == 0 ? "" : try accounts.find(id).user.name
  }

  /// Sets the first password of a user by a one-time link, which is used up then. The first user
  /// chooses the name and is a super admin.
  func setUp(
    token: String, name: String, password: String, from address: String,
    _ completion: @escaping (Result<User, PortalError>) -> Void
  ) {
    do throws(PortalError) {
      let id = try invited(token, address)
      var user: User
      if id == 0 {
        var check = Checker()
        _ = check.name(name, at: "name")
        try check.finish()
        user = User(id: 0, name: name, role: .superAdmin, created: now())
      } else {
        user = try accounts.find(id).user
      }
      user.address = address
      if let problem = StoredPassword.problem(password, name: user.name) {
        throw .invalid("password", problem)
      }
      let invitedUser = user
      setPassword(user, password, invitation: (token, address)) { result in
        completion(result.map { invitedUser })
      }
    } catch { completion(.failure(error)) }
  }

  private func invited(_ token: String, _ address: String) throws(PortalError) -> Int64 {
    try limiters.invitations.check(address, at: now())
    guard token.utf8.count <= 128,
      let id = try accounts.invitation(sha256(Array(token.utf8)), at: now())
    else {
      limiters.invitations.fail(address, at: now())
      throw PortalError(
        status: 403, word: "expired",
        message: "This link was used or has expired; ask for a new one.")
    }
    return id
  }

  /// Hashes and stores a password. With an invitation it is used up in the same transaction, and
  /// looked at once more: another request may have used it meanwhile. Without one, so is the hash
  /// of the old password: a reset may have come in between.
  private func setPassword(
    _ user: User, _ password: String, invitation: (token: String, address: String)? = nil,
    instead old: String? = nil, _ completion: @escaping (Result<Void, PortalError>) -> Void
  ) {
    let salt: [UInt8]
    do throws(PortalError) { salt = try random(16) } catch {
      return completion(.failure(error))
    }
    hasher.derive(secret: Array(password.utf8), salt: salt, cost: StoredPassword.cost) {
      [weak self] hash in
      guard let self, let hash else { return completion(.failure(.tooMany(seconds: 2))) }
      do throws(PortalError) {
        let text = StoredPassword.text(salt: salt, hash: hash)
        try named(user.name) { () throws(PortalError) in
          var id = user.id
          if let invitation { id = try invited(invitation.token, invitation.address) }
          if let old, try accounts.find(id).hash != old {
            throw .conflict("The password was changed meanwhile; log in again.")
          }
          if id == 0 { id = try accounts.insert(user, hash: text) }
          try accounts.setHash(id, text)
          try accounts.deleteAccess(of: id)
          try accounts.deleteInvitations(of: invitation == nil ? id : user.id)
          try audit(user, "password.set", user.name)
          changed(.users)
        }
        completion(.success(()))
      } catch { completion(.failure(error)) }
    }
  }
}
