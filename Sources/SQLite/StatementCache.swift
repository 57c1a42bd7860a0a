import CSQLite

/// Prepared statements that are not running, by their text.
final class StatementCache {
  /// A prepared statement; only this module looks inside.
  @safe struct Prepared {
    let pointer: OpaquePointer
  }

  /// Most statements kept; a program has a few dozen texts.
  private static let limit = 256

  private var idle: [String: Prepared] = [:]

  /// The statement of a text, to be given back; nil when it is not kept, or runs already.
  func take(_ text: String) -> Prepared? { idle.removeValue(forKey: text) }

  /// Takes a statement back, as fresh as when it was prepared.
  func give(_ statement: Prepared, _ text: String) {
    // The codes repeat what the last step said already.
    _ = unsafe sqlite3_reset(statement.pointer)
    _ = unsafe sqlite3_clear_bindings(statement.pointer)
    guard idle.count < Self.limit, idle[text] == nil else {
      unsafe sqlite3_finalize(statement.pointer)
      return
    }
    idle[text] = statement
  }

  /// Forgets every statement; before the database is closed.
  func empty() {
    for statement in idle.values { unsafe sqlite3_finalize(statement.pointer) }
    idle = [:]
  }
}
