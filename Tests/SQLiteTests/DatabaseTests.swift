import SQLite
import Testing

@Suite("SQLite")
struct DatabaseTests {
  @Test("every kind of value comes back as it was stored")
  func values() throws {
    let database = try Database(path: ":memory:")
    try database.run("CREATE TABLE t (a, b, c, d)")
    try database.run(
      "INSERT INTO t VALUES (?, ?, ?, ?)", .integer(-7), .text("'; DROP TABLE t --"),
      .blob([0, 255]), .null)
    #expect(
      try database.run("SELECT a, b, c, d FROM t")
        == [[.integer(-7), .text("'; DROP TABLE t --"), .blob([0, 255]), .null]])
  }

  @Test("a statement runs again with other values, also inside its own results and after an error")
  func again() throws {
    let database = try Database(path: ":memory:")
    try database.run("CREATE TABLE t (a INTEGER PRIMARY KEY)")
    for number in 1...300 {
      try database.run("INSERT INTO t VALUES (?)", .integer(Int64(number)))
    }
    #expect(database.lastInsertedRow == 300)
    #expect(throws: StoreError.self) {
      try database.run("INSERT INTO t VALUES (?)", .integer(1))
    }
    try database.run("INSERT INTO t VALUES (?)", .integer(301))
    #expect(try database.run("SELECT count(*) FROM t") == [[.integer(301)]])
    for number in 1...300 {
      // More texts than are kept.
      #expect(try database.run("SELECT \(number)") == [[.integer(Int64(number))]])
    }
    try database.run("ALTER TABLE t ADD COLUMN b")
    #expect(try database.run("SELECT * FROM t WHERE a = ?", .integer(5)) == [[.integer(5), .null]])
  }

  @Test("a transaction that throws leaves nothing")
  func rollback() throws {
    struct Stop: Error {}
    let database = try Database(path: ":memory:")
    try database.run("CREATE TABLE t (a)")
    #expect(throws: Stop.self) {
      try database.transaction { () throws in
        try database.run("INSERT INTO t VALUES (1)")
        throw Stop()
      }
    }
    #expect(try database.run("SELECT count(*) FROM t") == [[.integer(0)]])
  }
}
