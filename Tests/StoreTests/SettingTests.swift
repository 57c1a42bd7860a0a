import Testing

@testable import Store

@Test("a setting is kept by name, replaced, and forgotten")
func settings() throws {
  let store = try Store(path: ":memory:")
  #expect(try store.setting("serial") == nil)
  try store.set(setting: "serial", "one")
  try store.set(setting: "serial", "two")
  try store.set(setting: "other", "x")
  #expect(try store.setting("serial") == "two")
  try store.set(setting: "other", nil)
  #expect(try store.setting("other") == nil)
}

@Test("a factory reset forgets everything but what is to be kept")
func erasing() throws {
  let store = try Store(path: ":memory:")
  try store.set(setting: "serial", "one")
  try store.set(setting: "identity", "secret")
  try store.append(document: "{}", state: .confirmed, time: 1)
  try store.append(time: 1, kind: "k", text: "t", cause: "c")
  try store.set(term: 7)
  try store.erase(keeping: "serial")
  #expect(try store.setting("serial") == "one")
  #expect(try store.setting("identity") == nil)
  #expect(try store.lastConfirmed() == nil)
  #expect(try store.events(limit: 10).isEmpty)
  #expect(try store.term() == 0)
}
