import CSQLite

/// Why the store could not do its work: SQLite's extended result code and its message.
public struct StoreError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was being done.
  public let doing: String
  /// The extended result code (https://sqlite.org/rescode.html).
  public let code: Int32
  /// SQLite's words.
  public let message: String

  /// Joins the parts.
  public init(doing: String, code: Int32, message: String) {
    self.doing = doing
    self.code = code
    self.message = message
  }

  /// `store: cannot DOING: MESSAGE (CODE)`.
  public var description: String { "store: cannot \(doing): \(message) (\(code))" }
}

/// One value of a column.
public enum Value: Hashable, Sendable {
  /// No value.
  case null
  /// A whole number.
  case integer(Int64)
  /// A text.
  case text(String)
  /// Octets.
  case blob([UInt8])

  /// The number, or nil for another kind of value.
  public var integer: Int64? { if case .integer(let number) = self { number } else { nil } }

  /// The text, or nil for another kind of value.
  public var text: String? { if case .text(let text) = self { text } else { nil } }

  /// The octets, or nil for another kind of value.
  public var blob: [UInt8]? { if case .blob(let octets) = self { octets } else { nil } }
}

/// An open SQLite database; closed with the value.
///
/// Statements are prepared once and kept; SQLite prepares them anew when a table changes.
/// Safe to use: the handle never leaves this file and lives exactly as long as the value.
@safe
public struct Database: ~Copyable {
  private let handle: OpaquePointer
  private let statements = StatementCache()

  /// Opens or creates the file at `path`; `:memory:` keeps it in memory.
  public init(path: String) throws(StoreError) {
    var opened: OpaquePointer?
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_EXRESCODE
    let code = unsafe sqlite3_open_v2(path, &opened, flags, nil)
    guard code == SQLITE_OK, let opened = unsafe opened else {
      // SQLite hands out a handle even when opening fails.
      unsafe sqlite3_close_v2(opened)
      throw StoreError(doing: "open \(path)", code: code, message: Self.words(code))
    }
    unsafe handle = opened
  }

  deinit {
    statements.empty()
    unsafe sqlite3_close_v2(handle)
  }

  /// Chooses write-ahead logging, synced at checkpoints; a first statement on a new connection.
  public func configure() throws(StoreError) {
    try run("PRAGMA journal_mode=WAL")
    try run("PRAGMA synchronous=NORMAL")
    try run("PRAGMA trusted_schema=OFF")
  }

  /// Runs `body` in one transaction: all of it is kept, or none when it throws.
  public func transaction<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws -> Result {
    try run("BEGIN IMMEDIATE")
    do {
      let result = try body()
      try run("COMMIT")
      return result
    } catch {
      // Fails only when SQLite has ended the transaction by itself.
      _ = try? run("ROLLBACK")
      throw error
    }
  }

  /// Runs one statement and returns its rows; `?` takes the values in order.
  @discardableResult
  public func run(_ statement: String, _ values: Value...) throws(StoreError) -> [[Value]] {
    try run(statement, with: values)
  }

  /// The same with a list of values.
  @discardableResult
  public func run(_ statement: String, with values: [Value]) throws(StoreError) -> [[Value]] {
    let prepared: StatementCache.Prepared
    if let kept = statements.take(statement) {
      prepared = kept
    } else {
      // A text without a statement in it has no rows.
      guard let made = try prepare(statement) else { return [] }
      prepared = made
    }
    defer { statements.give(prepared, statement) }
    for (index, value) in values.enumerated() {
      try check(unsafe bind(prepared.pointer, Int32(index + 1), value), statement)
    }
    var rows: [[Value]] = []
    while true {
      let code = unsafe sqlite3_step(prepared.pointer)
      if code == SQLITE_DONE { return rows }
      guard code == SQLITE_ROW else { throw error(code, statement) }
      rows.append(unsafe row(prepared.pointer))
    }
  }

  /// The number of the row that was inserted last.
  public var lastInsertedRow: Int64 { unsafe sqlite3_last_insert_rowid(handle) }

  /// How many rows the last statement changed.
  public var changedRows: Int { Int(unsafe sqlite3_changes(handle)) }

  private func prepare(_ statement: String) throws(StoreError) -> StatementCache.Prepared? {
    var prepared: OpaquePointer?
    try check(unsafe sqlite3_prepare_v2(handle, statement, -1, &prepared, nil), statement)
    return unsafe prepared.map { unsafe StatementCache.Prepared(pointer: $0) }
  }

  private func bind(_ prepared: OpaquePointer?, _ index: Int32, _ value: Value) -> Int32 {
    switch value {
    case .null: return unsafe sqlite3_bind_null(prepared, index)
    case .integer(let number): return unsafe sqlite3_bind_int64(prepared, index, number)
    case .text(let text):
      // SQLITE_TRANSIENT, a cast macro: SQLite copies the text before the call returns.
      let transient = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
      return unsafe sqlite3_bind_text(prepared, index, text, -1, transient)
    case .blob(let octets):
      let transient = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
      return unsafe sqlite3_bind_blob(prepared, index, octets, Int32(octets.count), transient)
    }
  }

  private func row(_ prepared: OpaquePointer?) -> [Value] {
    let count = unsafe sqlite3_column_count(prepared)
    return (0..<count).map { column in
      switch unsafe sqlite3_column_type(prepared, column) {
      case SQLITE_INTEGER: return .integer(unsafe sqlite3_column_int64(prepared, column))
      case SQLITE_NULL: return .null
      case SQLITE_BLOB:
        let count = Int(unsafe sqlite3_column_bytes(prepared, column))
        guard let start = unsafe sqlite3_column_blob(prepared, column) else { return .blob([]) }
        return .blob(unsafe Array(UnsafeRawBufferPointer(start: start, count: count)))
      default:
        guard let text = unsafe sqlite3_column_text(prepared, column) else { return .null }
        return .text(unsafe String(cString: text))
      }
    }
  }

  private func check(_ code: Int32, _ doing: String) throws(StoreError) {
    if code != SQLITE_OK { throw error(code, doing) }
  }

  private func error(_ code: Int32, _ doing: String) -> StoreError {
    StoreError(doing: doing, code: code, message: unsafe String(cString: sqlite3_errmsg(handle)))
  }

  private static func words(_ code: Int32) -> String {
    guard let text = unsafe sqlite3_errstr(code) else { return "unknown" }
    return unsafe String(cString: text)
  }
}
