import SQLite
import Testing

@testable import Store

@Test("events come back oldest first, numbered, after a given number")
func events() throws {
  let store = try Store(path: ":memory:")
  for index in 1...5 {
    try store.append(
      time: Int64(index), kind: "test", text: "text \(index)", cause: "cause 'quoted' ü")
  }
  let last = try store.events(limit: 2)
  #expect(last.map(\.number) == [4, 5])
  #expect(last.first?.cause == "cause 'quoted' ü")
  #expect(try store.events(after: 3, limit: 100).map(\.text) == ["text 4", "text 5"])
}

@Test("only the newest events are kept")
func eventLimit() throws {
  let store = try Store(path: ":memory:")
  let extra: Int64 = 3
  for index in 1...Store.Limits.events + extra {
    try store.append(time: index, kind: "", text: "", cause: "")
  }
  let all = try store.events(limit: .max)
  #expect(all.count == Store.Limits.events)
  #expect(all.first?.number == extra + 1)
}

@Test("the last confirmed document is the one to start with; a rolled back one is not")
func documents() throws {
  let store = try Store(path: ":memory:")
  #expect(try store.lastConfirmed() == nil)
  let first = try store.append(document: "one", state: .applied, time: 1)
  try store.set(state: .confirmed, ofDocument: first)
  let second = try store.append(document: "two", state: .applied, time: 2)
  try store.set(state: .rolledBack, ofDocument: second)
  #expect(try store.lastConfirmed()?.text == "one")
  #expect(try store.history().map(\.state) == [.rolledBack, .confirmed])
}

@Test("the last confirmed document outlives the limit of the history")
func documentLimit() throws {
  let store = try Store(path: ":memory:")
  try store.append(document: "kept", state: .confirmed, time: 0)
  for index in 1...2 * Store.Limits.documents {
    try store.append(document: "\(index)", state: .rolledBack, time: index)
  }
  #expect(try store.lastConfirmed()?.text == "kept")
  #expect(try store.history().count == Store.Limits.documents + 1)
}

@Test("the term never goes back")
func term() throws {
  let store = try Store(path: ":memory:")
  #expect(try store.term() == 0)
  try store.set(term: 7)
  try store.set(term: 5)
  #expect(try store.term() == 7)
}

@Test("a store that cannot be opened says which file and why")
func cannotOpen() {
  let error = #expect(throws: StoreError.self) {
    _ = try Store(path: "/nonexistent/directory/store")
  }
  #expect(error?.doing == "open /nonexistent/directory/store")
}
