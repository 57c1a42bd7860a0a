import SQLite

/// The tables of the store, as the list of steps that make them.
///
/// A step is never changed once released; `PRAGMA user_version` counts the steps taken.
enum Migrations {
  static let steps = [
    """
    CREATE TABLE event (
      number INTEGER PRIMARY KEY AUTOINCREMENT,
      time INTEGER NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL, cause TEXT NOT NULL) STRICT
    """,
    """
    CREATE TABLE document (
      number INTEGER PRIMARY KEY AUTOINCREMENT,
      time INTEGER NOT NULL, state TEXT NOT NULL, text TEXT NOT NULL) STRICT
    """,
    """
    CREATE TABLE number (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT
    """,
    """
    CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT
    """,
  ]

  /// Takes the steps that are missing; a store of a newer version is refused, not guessed at.
  static func apply(_ steps: [String], to database: borrowing Database) throws(StoreError) {
    let done = Int(try database.run("PRAGMA user_version").first?.first?.integer ?? 0)
    guard done <= steps.count else {
      throw StoreError(
        doing: "open", code: 0, message: "it is of version \(done), newer than \(steps.count)")
    }
    for (index, step) in steps.enumerated().dropFirst(done) {
      try database.run("BEGIN IMMEDIATE")
      try database.run(step)
      try database.run("PRAGMA user_version = \(index + 1)")
      try database.run("COMMIT")
    }
  }
}
