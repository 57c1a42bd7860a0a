import Glibc
import Linux
import SQLite
import Wire

/// The files of the store: one database for each schema, never migrated in place.
///
/// | file | |
/// |---|---|
/// | `ztb-N.db` | the database of schema N, written by versions with that schema only |
/// | `ztb.db` | of versions that migrated in place; read once, like an older `ztb-N.db` |
/// | `ztb-N.db.new` | a copy that is being made |
/// | `ztb-N.db.aside` | of an update that was taken back |
///
/// - The first start of a version copies the newest older database under a temporary name, migrates
///   the copy, syncs it and renames it. A power cut leaves the old state, or the new one whole.
/// - The database that was copied stays for one generation, so that an older version that returns
///   finds its own as it was. What is older still goes.
/// - A database that is newer than ours is of an update that was taken back: it is set aside, and
///   goes when the next update copies again. Two numbers are taken over from it that the outside
///   has seen and that must not come twice: the term, and the number of the last event.
/// - A newer one alone is refused: the version that it is of has to come back.
struct StoreFiles {
  let directory: String
  /// What makes the tables; the schema's number is their count.
  let steps: [String]
  /// Called after each step that a power cut may come behind; for tests.
  var betweenSteps: () -> Void = {}

  init(directory: String, steps: [String] = Migrations.steps) {
    self.directory = directory
    self.steps = steps
  }

  /// Where the database of our schema is.
  var path: String { directory + "/" + name }

  /// Makes the database of our schema if it is not there; its path.
  func prepare() throws(StoreError) -> String {
    let names = Directory.names(directory)
    let newer = names.filter { Self.schema($0).map { $0 > steps.count } == true }
    let source = newestOlder(names)
    if !names.contains(name) {
      guard source != nil || newer.isEmpty else {
        throw StoreError(
          doing: "open \(directory)", code: 0,
          message: "\(newer[0]) is of a newer version, and there is no older one to go back to; "
            + "start the newer version, or reset to factory settings with it")
      }
      try make(from: source)
    }
    prune(keeping: source)
    for other in newer { try setAside(other) }
    return path
  }

  /// Removes every database but that of our schema, for a factory reset.
  func removeOthers() {
    for other in Directory.names(directory)
    where Self.isDatabase(other) && !isOurs(other) {
      unsafe unlink(directory + "/" + other)
    }
  }

  // MARK: Names

  private static let legacy = "ztb.db"

  private var name: String { "ztb-\(steps.count).db" }

  /// With its log, which SQLite keeps beside it.
  private func isOurs(_ other: String) -> Bool {
    other == name || other == name + "-wal" || other == name + "-shm"
  }

  /// The number in `ztb-N.db`.
  private static func schema(_ name: String) -> Int? {
    guard name.hasPrefix("ztb-"), name.hasSuffix(".db") else { return nil }
    let number = name.dropFirst(4).dropLast(3)
    return isNumber(number) ? Int(number) : nil
  }

  /// Whether a file is a database of any schema, or belongs to one: `ztb.db…`, `ztb-N.db…`.
  private static func isDatabase(_ name: String) -> Bool {
    guard name.hasPrefix("ztb"), let end = name.firstRange(of: ".db")?.lowerBound else {
      return false
    }
    let middle = name[..<end].dropFirst(3)
    return middle.isEmpty || middle.first == "-" && isNumber(middle.dropFirst())
  }

  private static func isNumber(_ text: Substring) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
  }

  /// The file to be copied; nil where there is none, on a new box.
  private func newestOlder(_ names: [String]) -> String? {
    let numbered = names.compactMap(Self.schema).filter { $0 < steps.count }.max()
    if let numbered { return "ztb-\(numbered).db" }
    guard names.contains(Self.legacy) else { return nil }
    return Self.legacy
  }

  // MARK: Copy

  /// Copies, migrates, syncs, renames.
  private func make(from source: String?) throws(StoreError) {
    let temporary = path + ".new"
    remove(temporary)
    for other in Directory.names(directory) where other.hasSuffix(".db.aside") {
      unsafe unlink(directory + "/" + other)
    }
    // Left over, it would be played into the new database.
    remove(path)
    do throws(StoreError) {
      if let source { try copy(source, to: temporary) }
      betweenSteps()
      try migrate(temporary)
      betweenSteps()
      try step("sync") { () throws(SystemError) in try Files.synchronise(temporary) }
      betweenSteps()
      try step("rename") { () throws(SystemError) in
        try system("rename", path) { unsafe rename(temporary, path) }
      }
      betweenSteps()
      try step("sync") { () throws(SystemError) in try Files.synchronise(directory) }
      betweenSteps()
    } catch {
      remove(temporary)
      throw error
    }
  }

  private func copy(_ source: String, to temporary: String) throws(StoreError) {
    do throws(StoreError) {
      let old = try Database(path: directory + "/" + source)
      try old.run("VACUUM INTO ?", .text(temporary))
    } catch {
      throw StoreError(
        doing: "copy \(directory)/\(source) for this version", code: error.code,
        message: error.message + "; the old one is as it was")
    }
  }

  private func migrate(_ temporary: String) throws(StoreError) {
    let copy = try Database(path: temporary)
    try Migrations.apply(steps, to: copy)
  }

  private func step(
    _ doing: String, _ body: () throws(SystemError) -> Void
  ) throws(StoreError) {
    do throws(SystemError) { try body() } catch {
      throw StoreError(doing: "\(doing) \(path)", code: error.code, message: "\(error)")
    }
  }

  /// Removes what is older than the one generation that stays.
  private func prune(keeping source: String?) {
    for other in Directory.names(directory) {
      let isOld = Self.schema(other).map { $0 < steps.count } == true || other == Self.legacy
      if isOld && other != source { remove(directory + "/" + other) }
    }
  }

  /// A database with what SQLite keeps beside it; nothing happens where there is none.
  private func remove(_ file: String) {
    for suffix in ["-wal", "-shm", "-journal", ""] { unsafe unlink(file + suffix) }
  }

  // MARK: Return

  private func setAside(_ newer: String) throws(StoreError) {
    let file = directory + "/" + newer
    // What cannot be read has nothing to say: it may be of any form.
    if let seen = try? numbers(in: file) { try takeOver(seen) }
    betweenSteps()
    try step("set aside") { () throws(SystemError) in
      try system("rename", file) { unsafe rename(file, file + ".aside") }
    }
    betweenSteps()
    remove(file)
  }

  private func numbers(in file: String) throws(StoreError) -> (term: Int64, event: Int64) {
    let other = try Database(path: file)
    let term = try other.run("SELECT value FROM number WHERE name = 'term'")
    let event = try other.run("SELECT seq FROM sqlite_sequence WHERE name = 'event'")
    return (term.first?.first?.integer ?? 0, event.first?.first?.integer ?? 0)
  }

  private func takeOver(_ seen: (term: Int64, event: Int64)) throws(StoreError) {
    let own = try Store(path: path, steps: steps)
    if seen.term > 0 { try own.set(term: UInt64(seen.term)) }
    try own.skipEvents(through: seen.event)
  }
}
