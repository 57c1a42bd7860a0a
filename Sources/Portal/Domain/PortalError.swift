/// Why the portal does not do what was asked: what people and programs are told.
struct PortalError: Error, Hashable {
  /// One value that is wrong.
  struct Problem: Hashable {
    /// Which one, as in the request, such as `gateways[0].wan.address`.
    var path: String
    /// What is wrong and how to mend it.
    var message: String

    init(_ path: String, _ message: String) {
      self.path = path
      self.message = message
    }
  }

  /// The HTTP status that says the same.
  var status: Int
  /// A stable word, such as `not-found`.
  var word: String
  /// A sentence.
  var message: String
  /// Every value that is wrong.
  var problems: [Problem] = []
  /// Seconds after which another try makes sense.
  var retryAfter: Int?
  /// How the appliance's settings differ from the site's; only for an activation.
  var differences: [String] = []

  /// Values of the request are wrong.
  static func invalid(_ problems: [Problem]) -> PortalError {
    let first = problems.first.map { $0.path.isEmpty ? $0.message : "\($0.path): \($0.message)" }
    let more = problems.count > 1 ? " (and \(problems.count - 1) more)" : ""
    return PortalError(
      status: 400, word: "invalid", message: (first ?? "The request is wrong.") + more,
      problems: problems)
  }

  /// One value of the request is wrong.
  static func invalid(_ path: String, _ message: String) -> PortalError {
    invalid([Problem(path, message)])
  }

  /// The request cannot be read.
  static func malformed(_ message: String) -> PortalError {
    PortalError(status: 400, word: "malformed", message: message)
  }

  /// Nobody is logged in.
  static let unauthenticated = PortalError(
    status: 401, word: "unauthenticated", message: "Log in first.")

  /// The user's role does not allow it.
  static func forbidden(_ role: Role, _ permission: Permission) -> PortalError {
    PortalError(
      status: 403, word: "forbidden",
      message: "A \(role.title) may not \(permission.words); ask a \(permission.holders).")
  }

  /// There is no such thing.
  static func notFound(_ what: String) -> PortalError {
    PortalError(status: 404, word: "not-found", message: "There is no \(what).")
  }

  /// It cannot be done as things are.
  static func conflict(_ message: String) -> PortalError {
    PortalError(status: 409, word: "conflict", message: message)
  }

  /// Too many tries.
  static func tooMany(seconds: Int) -> PortalError {
    PortalError(
      status: 429, word: "too-many-tries",
      message: "Too many tries; try again in \(seconds) \(seconds == 1 ? "second" : "seconds").",
      retryAfter: seconds)
  }

  /// A code or link that is not taken.
  static func refused(_ word: String, _ message: String) -> PortalError {
    PortalError(status: 403, word: word, message: message)
  }

  /// Our own trouble; the details are in the log.
  static let broken = PortalError(
    status: 500, word: "internal", message: "The portal could not do it; see its log.")
}
