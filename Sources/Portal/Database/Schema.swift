import SQLite

/// The tables of the portal, as the list of steps that make them.
///
/// A step is never changed once released; `PRAGMA user_version` counts the steps taken. Times are
/// seconds since 1970; tokens are kept as their SHA-256 only.
enum Schema {
  static let steps: [[String]] = [
    [
      "CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT",
      """
      CREATE TABLE user (
        id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE COLLATE NOCASE, role TEXT NOT NULL,
        hash TEXT NOT NULL, disabled INTEGER NOT NULL, created INTEGER NOT NULL) STRICT
      """,
      """
      CREATE TABLE session (
        digest BLOB PRIMARY KEY, user INTEGER NOT NULL REFERENCES user ON DELETE CASCADE,
        form TEXT NOT NULL, created INTEGER NOT NULL, seen INTEGER NOT NULL,
        address TEXT NOT NULL) STRICT
      """,
      """
      CREATE TABLE token (
        id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE,
        user INTEGER NOT NULL REFERENCES user ON DELETE CASCADE,
        name TEXT NOT NULL, created INTEGER NOT NULL, expires INTEGER NOT NULL) STRICT
      """,
      """
      CREATE TABLE invitation (
        digest BLOB PRIMARY KEY, user INTEGER NOT NULL, expires INTEGER NOT NULL) STRICT
      """,
      """
      CREATE TABLE template (
        id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE COLLATE NOCASE,
        preset INTEGER NOT NULL, deployment TEXT NOT NULL, platform1 TEXT NOT NULL,
        platform2 TEXT NOT NULL, different INTEGER NOT NULL, dns1 TEXT NOT NULL,
        dns2 TEXT NOT NULL, dhcp TEXT NOT NULL, nat INTEGER NOT NULL) STRICT
      """,
      """
      CREATE TABLE site (
        id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE COLLATE NOCASE,
        template INTEGER NOT NULL REFERENCES template, lan_vip TEXT NOT NULL,
        wan_vip TEXT NOT NULL, proxy TEXT NOT NULL, zone TEXT NOT NULL, ha_key BLOB,
        vrrp TEXT NOT NULL, primary_gateway TEXT, created INTEGER NOT NULL) STRICT
      """,
      "CREATE INDEX site_template ON site (template)",
      """
      CREATE TABLE gateway (
        id TEXT PRIMARY KEY, site INTEGER NOT NULL REFERENCES site ON DELETE CASCADE,
        slot INTEGER NOT NULL, name TEXT NOT NULL UNIQUE COLLATE NOCASE, platform TEXT NOT NULL,
        mode TEXT NOT NULL, address TEXT NOT NULL, router TEXT NOT NULL, vlan INTEGER,
        lan TEXT NOT NULL,
        state TEXT NOT NULL, since INTEGER NOT NULL, cause TEXT NOT NULL, last TEXT,
        heard INTEGER, detail TEXT NOT NULL DEFAULT '', serial TEXT NOT NULL DEFAULT '',
        software TEXT NOT NULL DEFAULT '', certificate BLOB UNIQUE, enrolled INTEGER,
        enrollments INTEGER NOT NULL DEFAULT 0, document TEXT NOT NULL DEFAULT '',
        version INTEGER NOT NULL DEFAULT 0, applied INTEGER NOT NULL DEFAULT 0,
        outcome TEXT NOT NULL DEFAULT '', reason TEXT NOT NULL DEFAULT '',
        UNIQUE (site, slot)) STRICT
      """,
      """
      CREATE TABLE code (
        id INTEGER PRIMARY KEY, gateway TEXT NOT NULL REFERENCES gateway ON DELETE CASCADE,
        name TEXT NOT NULL UNIQUE, code TEXT NOT NULL, issued INTEGER NOT NULL,
        expires INTEGER NOT NULL, used INTEGER, key BLOB, certificate TEXT, replaced INTEGER,
        anchor BLOB) STRICT
      """,
      "CREATE INDEX code_gateway ON code (gateway)",
      """
      CREATE TABLE link (
        digest BLOB PRIMARY KEY, code INTEGER NOT NULL REFERENCES code ON DELETE CASCADE,
        settings TEXT NOT NULL, url TEXT NOT NULL, expires INTEGER NOT NULL,
        replaced INTEGER) STRICT
      """,
      "CREATE INDEX link_code ON link (code)",
      """
      CREATE TABLE command (
        id INTEGER PRIMARY KEY, gateway TEXT NOT NULL REFERENCES gateway ON DELETE CASCADE,
        verb TEXT NOT NULL, user TEXT NOT NULL, created INTEGER NOT NULL, delivered INTEGER,
        finished INTEGER, done INTEGER, text TEXT) STRICT
      """,
      "CREATE INDEX command_open ON command (gateway) WHERE finished IS NULL",
      """
      CREATE TABLE event (
        id INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, site INTEGER NOT NULL,
        gateway TEXT, enrollment INTEGER, number INTEGER, kind TEXT NOT NULL, text TEXT NOT NULL,
        cause TEXT NOT NULL) STRICT
      """,
      "CREATE INDEX event_site ON event (site, id)",
      """
      CREATE UNIQUE INDEX event_number ON event (gateway, enrollment, number)
        WHERE number IS NOT NULL
      """,
      """
      CREATE TABLE audit (
        id INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, user TEXT NOT NULL,
        address TEXT NOT NULL, action TEXT NOT NULL, target TEXT NOT NULL,
        detail TEXT NOT NULL) STRICT
      """,
    ],
    [
      // Its documents and links are older than its template.
      "ALTER TABLE site ADD COLUMN stale INTEGER NOT NULL DEFAULT 0",
      "CREATE INDEX site_stale ON site (id) WHERE stale = 1",
    ],
    ["ALTER TABLE gateway ADD COLUMN failed INTEGER NOT NULL DEFAULT 0"],
    [
      """
      CREATE TABLE software (
        version TEXT PRIMARY KEY, manifest BLOB NOT NULL, size INTEGER NOT NULL,
        verified INTEGER NOT NULL, preset INTEGER NOT NULL, added INTEGER NOT NULL,
        user TEXT NOT NULL) STRICT
      """,
      // The last update of each site; steps as `kind gateway` words, one a line.
      """
      CREATE TABLE site_update (
        site INTEGER PRIMARY KEY REFERENCES site ON DELETE CASCADE, version TEXT NOT NULL,
        members TEXT NOT NULL, start INTEGER, user TEXT NOT NULL, created INTEGER NOT NULL,
        phase TEXT NOT NULL, steps TEXT NOT NULL, since INTEGER NOT NULL, told INTEGER NOT NULL,
        taken INTEGER, refusal TEXT, refused INTEGER, reason TEXT NOT NULL,
        finished INTEGER) STRICT
      """,
      """
      CREATE TABLE document (
        gateway TEXT NOT NULL REFERENCES gateway ON DELETE CASCADE, version INTEGER NOT NULL,
        made INTEGER NOT NULL, text TEXT NOT NULL, PRIMARY KEY (gateway, version)) STRICT
      """,
    ],
    // It had no effect before: a server that nobody expects would take hosts from the one they have.
    ["UPDATE template SET dhcp = 'none' WHERE dhcp = 'server'"],
  ]

  /// Takes the steps that are missing; a database of a newer version is refused, not guessed at.
  static func apply(to database: borrowing Database) throws(StoreError) {
    let done = Int(try database.run("PRAGMA user_version").first?.first?.integer ?? 0)
    guard done <= steps.count else {
      throw StoreError(
        doing: "open", code: 0, message: "it is of version \(done), newer than \(steps.count)")
    }
    for (index, step) in steps.enumerated().dropFirst(done) {
      try database.run("BEGIN IMMEDIATE")
      for statement in step { try database.run(statement) }
      try database.run("PRAGMA user_version = \(index + 1)")
      try database.run("COMMIT")
    }
  }
}
