public import SQLite

/// Something that happened on this gateway, for people and for the portal.
public struct StoredEvent: Hashable, Sendable {
  /// Its number; grows by one, never used again.
  public var number: Int64
  /// Milliseconds since 1970-01-01 UTC.
  public var time: Int64
  /// Stable word for filters, such as `ha.role`.
  public var kind: String
  /// What happened, in one line.
  public var text: String
  /// Why it happened.
  public var cause: String

  /// Makes an event as it is read from the store.
  public init(number: Int64, time: Int64, kind: String, text: String, cause: String) {
    self.number = number
    self.time = time
    self.kind = kind
    self.text = text
    self.cause = cause
  }
}

/// How far a configuration document got.
public enum DocumentState: String, Hashable, Sendable {
  /// In force, waiting for a confirmation.
  case applied
  /// Kept; the last one is loaded at the next managed start.
  case confirmed
  /// Taken back, by hand or because nobody confirmed in time.
  case rolledBack = "rolled-back"
}

/// A configuration document in the history.
public struct StoredDocument: Hashable, Sendable {
  /// Its number; grows by one, never used again.
  public var number: Int64
  /// Milliseconds since 1970-01-01 UTC when it was applied.
  public var time: Int64
  /// How far it got.
  public var state: DocumentState
  /// The document as it was given.
  public var text: String

  /// Makes a document as it is read from the store.
  public init(number: Int64, time: Int64, state: DocumentState, text: String) {
    self.number = number
    self.time = time
    self.state = state
    self.text = text
  }
}

/// What outlives the process: events, the history of configuration documents, and the term.
///
/// Only the supervisor opens it. The term is on the disk when ``set(term:)`` returns; everything
/// else survives a crash of the process at once, and of the machine after the next checkpoint.
public struct Store: ~Copyable {
  /// Numbers that bound the store.
  public enum Limits {
    /// Events kept; older ones are forgotten.
    public static let events: Int64 = 10_000
    /// Documents kept; older ones are forgotten, except the last confirmed one.
    public static let documents: Int64 = 50
  }

  private let database: Database
  /// Where the generations are; nil for a database alone.
  private let files: StoreFiles?

  /// Opens or creates the store in `directory`; the first start of a version with other tables
  /// copies what the version before it left.
  public init(directory: String) throws(StoreError) {
    let files = StoreFiles(directory: directory)
    try self.init(path: try files.prepare(), files: files)
  }

  /// Opens one database, `:memory:` for one that nobody keeps.
  init(
    path: String, steps: [String] = Migrations.steps, files: StoreFiles? = nil
  ) throws(StoreError) {
    let opened = try Database(path: path)
    try opened.configure()
    try Migrations.apply(steps, to: opened)
    database = opened
    self.files = files
  }
}

// MARK: Events

extension Store {
  /// Adds an event and returns its number; `time` in milliseconds since 1970.
  @discardableResult
  public func append(
    time: Int64, kind: String, text: String, cause: String
  ) throws(StoreError) -> Int64 {
    let rows = try database.run(
      "INSERT INTO event (time, kind, text, cause) VALUES (?, ?, ?, ?) RETURNING number",
      .integer(time), .text(kind), .text(text), .text(cause))
    let number = rows.first?.first?.integer ?? 0
    try database.run("DELETE FROM event WHERE number <= ?", .integer(number - Limits.events))
    return number
  }

  /// Has the next event come behind `number`, which the portal may have seen.
  func skipEvents(through number: Int64) throws(StoreError) {
    guard number > 0 else { return }
    try database.run(
      """
      INSERT INTO sqlite_sequence (name, seq) SELECT 'event', 0
      WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'event')
      """)
    try database.run(
      "UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = 'event'", .integer(number))
  }

  /// The first `limit` events with a number above `number`, oldest first.
  public func events(following number: Int64, limit: Int) throws(StoreError) -> [StoredEvent] {
    try database.run(
      """
      SELECT number, time, kind, text, cause FROM event WHERE number > ?
      ORDER BY number LIMIT ?
      """, .integer(number), .integer(Int64(limit))
    ).map { StoredEvent($0) }
  }

  /// The last `limit` events with a number above `after`, oldest first.
  public func events(after: Int64 = 0, limit: Int) throws(StoreError) -> [StoredEvent] {
    let rows = try database.run(
      """
      SELECT number, time, kind, text, cause FROM event WHERE number > ?
      ORDER BY number DESC LIMIT ?
      """, .integer(after), .integer(Int64(limit)))
    return rows.reversed().map { StoredEvent($0) }
  }
}

extension StoredEvent {
  fileprivate init(_ row: [Value]) {
    self.init(
      number: row[0].integer ?? 0, time: row[1].integer ?? 0, kind: row[2].text ?? "",
      text: row[3].text ?? "", cause: row[4].text ?? "")
  }
}

// MARK: Documents

extension Store {
  /// Adds a document to the history and returns its number; `time` in milliseconds since 1970.
  @discardableResult
  public func append(
    document: String, state: DocumentState, time: Int64
  ) throws(StoreError) -> Int64 {
    let rows = try database.run(
      "INSERT INTO document (time, state, text) VALUES (?, ?, ?) RETURNING number",
      .integer(time), .text(state.rawValue), .text(document))
    let number = rows.first?.first?.integer ?? 0
    try database.run(
      """
      DELETE FROM document WHERE number <= ? AND number <>
      (SELECT coalesce(max(number), 0) FROM document WHERE state = 'confirmed')
      """, .integer(number - Limits.documents))
    return number
  }

  /// Changes how far document `number` got.
  public func set(state: DocumentState, ofDocument number: Int64) throws(StoreError) {
    try durably { () throws(StoreError) in
      try database.run(
        "UPDATE document SET state = ? WHERE number = ?", .text(state.rawValue), .integer(number))
    }
  }

  /// The document that was confirmed last, if there is one.
  public func lastConfirmed() throws(StoreError) -> StoredDocument? {
    try documents("WHERE state = 'confirmed' ORDER BY number DESC LIMIT 1").first
  }

  /// The history, newest first.
  public func history() throws(StoreError) -> [StoredDocument] {
    try documents("ORDER BY number DESC")
  }

  private func documents(_ condition: String) throws(StoreError) -> [StoredDocument] {
    try database.run("SELECT number, time, state, text FROM document \(condition)").map { row in
      StoredDocument(
        number: row[0].integer ?? 0, time: row[1].integer ?? 0,
        state: DocumentState(rawValue: row[2].text ?? "") ?? .applied, text: row[3].text ?? "")
    }
  }
}

// MARK: Term

extension Store {
  /// The highest term this gateway has taken or seen; 0 before the first.
  public func term() throws(StoreError) -> UInt64 {
    let rows = try database.run("SELECT value FROM number WHERE name = 'term'")
    return UInt64(clamping: rows.first?.first?.integer ?? 0)
  }

  /// Stores `term` unless a higher one is stored; on the disk when this returns.
  ///
  /// A term that went back would let a gateway with stale sessions win against its peer.
  public func set(term: UInt64) throws(StoreError) {
    try durably { () throws(StoreError) in
      try database.run(
        """
        INSERT INTO number (name, value) VALUES ('term', ?)
        ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)
        """, .integer(Int64(clamping: term)))
    }
  }

  /// Runs `body`, whose change is on the disk when this returns.
  private func durably(_ body: () throws(StoreError) -> Void) throws(StoreError) {
    try database.run("PRAGMA synchronous=FULL")
    defer {
      // Only speed depends on it: at worst every later event waits for the disk as well.
      _ = try? database.run("PRAGMA synchronous=NORMAL")
    }
    try body()
  }
}

// MARK: Settings

extension Store {
  /// What is kept by name: a text, such as the identity of the gateway. Nil: not set.
  public func setting(_ name: String) throws(StoreError) -> String? {
    try database.run("SELECT value FROM setting WHERE name = ?", .text(name)).first?.first?.text
  }

  /// Sets, or (nil) forgets, what is kept by a name; on the disk when this returns.
  public func set(setting name: String, _ value: String?) throws(StoreError) {
    try durably { () throws(StoreError) in
      if let value {
        try database.run(
          """
          INSERT INTO setting (name, value) VALUES (?, ?)
          ON CONFLICT (name) DO UPDATE SET value = excluded.value
          """, .text(name), .text(value))
      } else {
        try database.run("DELETE FROM setting WHERE name = ?", .text(name))
      }
    }
  }

  /// Forgets every document, term, event and setting but the `kept` ones, in one step, and then
  /// the databases of other versions.
  public func erase(keeping kept: String) throws(StoreError) {
    try durably { () throws(StoreError) in
      try database.run("BEGIN IMMEDIATE")
      do throws(StoreError) {
        for table in ["document", "number", "event"] { try database.run("DELETE FROM \(table)") }
        try database.run("DELETE FROM setting WHERE name <> ?", .text(kept))
        try database.run("COMMIT")
      } catch {
        // Fails only when SQLite has ended the transaction by itself.
        _ = try? database.run("ROLLBACK")
        throw error
      }
      // Deleted rows stay in free pages and in the log until these are written anew.
      try database.run("VACUUM")
      try database.run("PRAGMA wal_checkpoint(TRUNCATE)")
    }
    files?.removeOthers()
  }
}
