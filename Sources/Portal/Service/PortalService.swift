import Activation
import Crypto
import Linux
import SQLite

/// Everything that the portal can do, without a word of HTTP: users call it through the REST API
/// and through the pages, gateways through theirs.
///
/// Functions that change something are on the disk when they return. They check what the acting
/// ``User`` may do, write the audit record, and throw a ``PortalError`` that names every wrong
/// value. ``onChange`` runs after each change, within the call.
final class PortalService {
  /// Where the portal is reached.
  struct Places: Hashable {
    /// Names and addresses of the portal, the first for links.
    var names: [String]
    /// Port for browsers, REST and activation.
    var port: UInt16
    /// Port for gateways.
    var agentPort: UInt16

    /// `https://HOST:PORT`, for people and in links.
    var url: String { "https://\(names[0]):\(port)" }
    /// `https://HOST:PORT`, for gateways that are activated.
    var agentURL: String { "https://\(names[0]):\(agentPort)" }
  }

  let database: PortalDatabase
  let identity: Identity
  let places: Places
  /// Seconds since 1970.
  let now: () -> Int64
  let hasher: any PasswordHasher
  /// Sends activation links; nil: not configured.
  var mailer: (any Mailer)?
  /// What has changed, for pages that are open.
  var onChange: ((PortalChange) -> Void)?
  /// A gateway has a new document or a command, or may not come any more.
  var onAgentWork: ((String) -> Void)?
  /// ``renewSome()`` is to be called until it returns false.
  var onStaleSites: (() -> Void)?

  let templates: TemplateTable
  let sites: SiteTable
  let gateways: GatewayTable
  let codes: CodeTable
  let records: RecordTable
  let accounts: AccountTable
  let software: SoftwareTable
  let updates: SiteUpdateTable
  let documents: DocumentTable
  /// The files of ``software``; nil: there is no place for them.
  var folder: SoftwareFolder?
  var fleet = Fleet()
  var limiters = Limiters()
  var lastTrim: Int64 = 0
  /// The newest event when events were trimmed last.
  private var trimmedEvent: Int64 = 0

  /// Opens the portal's database, and makes authority, keys and default templates at the first
  /// start.
  init(
    database: PortalDatabase, places: Places, hasher: any PasswordHasher,
    now: @escaping () -> Int64 = WallClock.secondsSince1970
  ) throws(PortalError) {
    self.database = database
    self.places = places
    self.hasher = hasher
    self.now = now
    templates = TemplateTable(database: database)
    sites = SiteTable(database: database)
    gateways = GatewayTable(database: database)
    codes = CodeTable(database: database)
    records = RecordTable(database: database)
    accounts = AccountTable(database: database)
    software = SoftwareTable(database: database)
    updates = SiteUpdateTable(database: database)
    documents = DocumentTable(database: database)
    identity = try Identity.load(from: database, places: places, now: now())
    try makeDefaultTemplates()
    try loadFleet()
    try resumeUpdates()
  }

  /// Lets time pass: silent gateways, overdue commands, old sessions. Called each second.
  func tick() {
    let time = now()
    passTime(time)
    passUpdateTime()
    limiters.forget(at: time)
    guard time - lastTrim >= 600 else { return }
    lastTrim = time
    do {
      try database.write { () throws(PortalError) in
        trimmedEvent = try records.trim(after: trimmedEvent)
        try accounts.forgetExpired(at: time)
      }
    } catch { Log.error("trim \(error.message)") }
  }

  // MARK: Common to all parts

  /// Writes an audit record, inside a transaction.
  func audit(
    _ user: User, _ action: String, _ target: String, _ detail: String = ""
  ) throws(PortalError) {
    try records.addAudit(
      time: now(), user: user, action: action, target: target, detail: detail)
  }

  /// Tells of a change when the transaction is kept.
  func changed(_ change: PortalChange) {
    database.whenKept { [weak self] in self?.onChange?(change) }
  }

  /// Writes an event of a site, inside a transaction.
  func event(
    site: Int64, gateway: String? = nil, _ kind: String, _ text: String, cause: String = ""
  ) throws(PortalError) {
    try records.addEvent(
      site: site, gateway: gateway, time: now(), kind: kind, text: text, cause: cause)
    changed(.event(site: site))
  }

  /// Random octets; out of them only when the system is broken.
  func random(_ count: Int) throws(PortalError) -> [UInt8] {
    do { return try randomOctets(count) } catch {
      Log.error("random \(error)")
      throw .broken
    }
  }
}
