import Glibc
import Linux
import SQLite
import Testing

@testable import Store

/// A state directory that goes with its value.
private final class StateDirectory {
  let path: String

  init() {
    var template = Array("/tmp/ztb-store.XXXXXX".utf8CString)
    path = unsafe String(cString: mkdtemp(&template))
  }

  deinit {
    for name in names { unsafe unlink(path + "/" + name) }
    unsafe rmdir(path)
  }

  var names: [String] { Directory.names(path) }

  /// What a power cut now would leave: the same files in a directory of their own.
  func image() throws -> StateDirectory {
    let copy = StateDirectory()
    for name in names { try copy.put(name, Files.read(path + "/" + name)) }
    return copy
  }

  func put(_ name: String, _ octets: [UInt8]) throws {
    try Files.replace(path + "/" + name, with: octets)
  }

  /// The files of a version with so many steps beyond today's, or (negative) fewer.
  func files(_ offset: Int) -> StoreFiles {
    let known = Migrations.steps
    let steps =
      offset < 0
      ? Array(known.dropLast(-offset))
      : known + (0..<offset).map { "CREATE TABLE later\($0) (x INTEGER) STRICT" }
    return StoreFiles(directory: path, steps: steps)
  }

  /// Opens the store as such a version does.
  func open(_ offset: Int = 0) throws -> Store {
    let files = files(offset)
    return try Store(path: try files.prepare(), steps: files.steps, files: files)
  }

  /// Puts a database of today's schema under the name that it had once, with a setting in it.
  func makeLegacy(_ text: String) throws {
    let store = try Store(path: path + "/ztb.db")
    try store.set(setting: "text", text)
  }
}

private let now = Migrations.steps.count
private func database(_ offset: Int) -> String { "ztb-\(now + offset).db" }

@Suite("The files of the store")
struct StoreFilesTests {
  @Test("a new box gets the database of its schema, and finds it again")
  func fresh() throws {
    let state = StateDirectory()
    do {
      let store = try Store(directory: state.path)
      try store.set(setting: "text", "one")
    }
    #expect(state.names == [database(0)])
    #expect(try Store(directory: state.path).setting("text") == "one")
  }

  @Test("the database of versions that migrated in place is copied and left as it was")
  func legacy() throws {
    let state = StateDirectory()
    try state.makeLegacy("old")
    let before = try Files.read(state.path + "/ztb.db")
    try state.open().set(setting: "text", "new")
    #expect(state.names == [database(0), "ztb.db"])
    #expect(try Files.read(state.path + "/ztb.db") == before)
    #expect(try state.open().setting("text") == "new")
  }

  @Test("updated twice: one generation stays, what is older goes")
  func twice() throws {
    let state = StateDirectory()
    try state.makeLegacy("one")
    for offset in 1...3 {
      try state.open(offset).set(setting: "number", "\(offset)")
    }
    #expect(state.names == [database(2), database(3)])
    #expect(try state.open(3).setting("text") == "one")
    #expect(try state.open(3).setting("number") == "3")
  }

  @Test("an older version that returns finds its own, and nothing it says comes twice")
  func returned() throws {
    let state = StateDirectory()
    do {
      let store = try state.open()
      try store.set(setting: "text", "before")
      try store.set(term: 5)
      try store.append(time: 1, kind: "k", text: "one", cause: "")
    }
    do {
      let store = try state.open(1)
      try store.set(setting: "text", "after")
      try store.set(term: 9)
      for _ in 1...3 { try store.append(time: 2, kind: "k", text: "lost", cause: "") }
    }
    let store = try state.open()
    #expect(try store.setting("text") == "before")
    #expect(try store.term() == 9)
    #expect(try store.events(limit: 10).map(\.text) == ["one"])
    #expect(try store.append(time: 3, kind: "k", text: "two", cause: "") == 5)
    #expect(
      state.names.filter { !$0.contains("-wal") && !$0.contains("-shm") }
        == [database(0), database(1) + ".aside"])
  }

  @Test("the next update copies again what the returned version has, and drops what was set aside")
  func updatedAgain() throws {
    let state = StateDirectory()
    try state.open().set(setting: "text", "one")
    try state.open(1).set(setting: "text", "taken back")
    try state.open().set(setting: "text", "two")
    #expect(try state.open(1).setting("text") == "two")
    #expect(state.names == [database(0), database(1)])
  }

  @Test("a newer database that cannot be read is set aside all the same")
  func damagedNewer() throws {
    let state = StateDirectory()
    try state.open().set(setting: "text", "own")
    try state.put(database(1), Array("not a database".utf8))
    #expect(try state.open().setting("text") == "own")
    #expect(state.names == [database(0), database(1) + ".aside"])
  }

  @Test("a newer database alone is refused and stays")
  func newerAlone() throws {
    let state = StateDirectory()
    try state.open(1).set(setting: "text", "newer")
    let error = #expect(throws: StoreError.self) { _ = try state.open() }
    #expect(error?.message.hasPrefix("\(database(1)) is of a newer version") == true)
    #expect(try state.open(1).setting("text") == "newer")
  }

  @Test("a power cut behind any step of an update: the new version has everything, the old its own")
  func cuts() throws {
    let state = StateDirectory()
    try state.makeLegacy("ancient")
    try state.open().set(setting: "text", "kept")
    var images: [StateDirectory] = []
    var files = state.files(1)
    files.betweenSteps = {
      if let image = try? state.image() { images.append(image) }
    }
    _ = try files.prepare()
    #expect(images.count == 5)
    for image in images {
      let again = try image.image()
      #expect(try image.open(1).setting("text") == "kept")
      #expect(image.names == [database(0), database(1)])
      #expect(try again.open().setting("text") == "kept")
    }
  }

  @Test("a power cut behind any step of a return")
  func cutsOfAReturn() throws {
    let state = StateDirectory()
    try state.open().set(setting: "text", "kept")
    try state.open(1).set(term: 8)
    var images: [StateDirectory] = []
    var files = state.files(0)
    files.betweenSteps = {
      if let image = try? state.image() { images.append(image) }
    }
    _ = try files.prepare()
    #expect(images.count == 2)
    for image in images {
      let store = try image.open()
      #expect(try store.setting("text") == "kept")
      #expect(try store.term() == 8)
      #expect(!image.names.contains(database(1)))
    }
  }

  @Test("what an interrupted copy left is not taken for one, nor a log for a new database's")
  func leftovers() throws {
    let state = StateDirectory()
    try state.open().set(setting: "text", "kept")
    for name in [".new", ".new-journal", "-wal", "-shm"] {
      try state.put(database(1) + name, Array("rubbish".utf8))
    }
    #expect(try state.open(1).setting("text") == "kept")
    #expect(state.names == [database(0), database(1)])
  }

  @Test("a database that cannot be copied is named, stays, and leaves nothing half behind")
  func damaged() throws {
    let state = StateDirectory()
    let rubbish = Array(String(repeating: "not a database ", count: 100).utf8)
    try state.put(database(0), rubbish)
    let error = #expect(throws: StoreError.self) { _ = try state.open(1) }
    #expect(error?.doing == "copy \(state.path)/\(database(0)) for this version")
    #expect(error?.message.hasSuffix("; the old one is as it was") == true)
    #expect(state.names == [database(0)])
    #expect(try Files.read(state.path + "/" + database(0)) == rubbish)
  }

  @Test("a factory reset leaves nothing in the databases of other versions")
  func erased() throws {
    let state = StateDirectory()
    try state.makeLegacy("secret")
    let store = try state.open(1)
    for name in [database(4) + ".aside", "ztb.db-wal", "ztb-99999999999999999999.db"] {
      try state.put(name, Array("secret".utf8))
    }
    try store.erase(keeping: "serial")
    #expect(state.names.allSatisfy { $0.hasPrefix(database(1)) })
    #expect(try store.setting("text") == nil)
  }
}
