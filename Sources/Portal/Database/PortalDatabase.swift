import Linux
import SQLite

/// The database of the portal: what `write` has returned from is on the disk.
final class PortalDatabase {
  private let database: Database
  private var isWriting = false
  /// Runs when a transaction is kept; forgotten when it is not.
  private var afterCommit: [() -> Void] = []
  /// Runs whenever a transaction is not kept.
  private var afterRollback: [() -> Void] = []

  /// Opens or creates the file at `path` and brings its tables up to date.
  init(path: String) throws(StoreError) {
    let opened = try Database(path: path)
    try opened.configure()
    // An acknowledged write survives also the loss of power: each commit waits for the disk.
    try opened.run("PRAGMA synchronous=FULL")
    try opened.run("PRAGMA foreign_keys=ON")
    // `add-software` may write beside a portal that runs; each waits for the other's transaction.
    try opened.run("PRAGMA busy_timeout=5000")
    try Schema.apply(to: opened)
    database = opened
  }

  /// The rows that a statement finds.
  func rows(_ statement: String, _ values: Value...) throws(PortalError) -> [Row] {
    try perform(statement, values)
  }

  /// The first row that a statement finds.
  func row(_ statement: String, _ values: Value...) throws(PortalError) -> Row? {
    try perform(statement, values).first
  }

  /// Changes rows, inside ``write(_:)`` only; how many there were.
  @discardableResult
  func change(_ statement: String, _ values: Value...) throws(PortalError) -> Int {
    precondition(isWriting, "a change belongs in a transaction")
    _ = try perform(statement, values)
    return database.changedRows
  }

  /// The number of the row that was inserted last.
  var lastInsertedRow: Int64 { database.lastInsertedRow }

  /// Runs `body` in one transaction: when it returns, all of it is on the disk; when it throws,
  /// nothing was done. Inside another one it is a part of that.
  func write<Result>(_ body: () throws(PortalError) -> Result) throws(PortalError) -> Result {
    if isWriting { return try body() }
    isWriting = true
    defer { isWriting = false }
    afterCommit = []
    let result: Result
    do {
      result = try database.transaction { () throws(PortalError) in try body() }
    } catch {
      afterCommit = []
      for action in afterRollback { action() }
      if let ours = error as? PortalError { throw ours }
      throw Self.logged(error)
    }
    let waiting = afterCommit
    afterCommit = []
    isWriting = false
    for action in waiting { action() }
    return result
  }

  /// Runs `action` when the transaction that is being written is kept.
  func whenKept(_ action: @escaping () -> Void) {
    if isWriting { afterCommit.append(action) } else { action() }
  }

  /// Runs `action` whenever a transaction is not kept: what was remembered from it is not true.
  func whenUndone(_ action: @escaping () -> Void) { afterRollback.append(action) }

  /// Moves everything into the main file, so that it can be copied alone; before the program ends.
  func settle() {
    do { try database.run("PRAGMA wal_checkpoint(TRUNCATE)") } catch { Log.error("\(error)") }
  }

  private func perform(_ statement: String, _ values: [Value]) throws(PortalError) -> [Row] {
    do {
      return try database.run(statement, with: values).map(Row.init)
    } catch {
      throw Self.logged(error)
    }
  }

  /// SQLITE_CONSTRAINT_UNIQUE is told to people as a conflict by those who know of what; all else
  /// is our trouble.
  private static func logged(_ error: any Error) -> PortalError {
    if let error = error as? StoreError, error.code == 2067 || error.code == 1555 {
      return PortalError(status: 409, word: "exists", message: "That name is taken already.")
    }
    Log.error("database \(error)")
    return .broken
  }
}

/// A row; columns by their place in the statement.
struct Row {
  private let values: [Value]

  init(_ values: [Value]) { self.values = values }

  /// A whole number; 0 for NULL.
  func integer(_ column: Int) -> Int64 { values[column].integer ?? 0 }

  /// A whole number, or nil for NULL.
  func optionalInteger(_ column: Int) -> Int64? { values[column].integer }

  /// A text; empty for NULL.
  func text(_ column: Int) -> String { values[column].text ?? "" }

  /// A text, or nil for NULL.
  func optionalText(_ column: Int) -> String? { values[column].text }

  /// Octets, or nil for NULL.
  func blob(_ column: Int) -> [UInt8]? { values[column].blob }

  /// A truth value, kept as 0 or 1.
  func flag(_ column: Int) -> Bool { integer(column) != 0 }
}

extension Value {
  /// A text, or NULL.
  static func text(_ text: String?) -> Value { text.map { .text($0) } ?? .null }

  /// A number, or NULL.
  static func number(_ number: (some BinaryInteger)?) -> Value {
    number.map { .integer(Int64($0)) } ?? .null
  }

  /// Octets, or NULL.
  static func octets(_ octets: [UInt8]?) -> Value { octets.map { .blob($0) } ?? .null }

  /// 0 or 1.
  static func flag(_ flag: Bool) -> Value { .integer(flag ? 1 : 0) }
}
