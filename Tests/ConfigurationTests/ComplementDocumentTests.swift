import Configuration
import Policy
import Testing
import Wire

@Suite struct ComplementDocumentTests {
  private static let whole = Sample.replacing(
    (
      "\"groups\": {",
      "\"groups\": {\"people\": {\"zone\": \"lan\", \"not\": [\"cameras\"]}, "
    ), ("\"from\": [\"lan\"]", "\"from\": [\"people\"]"))

  @Test("every value arrives, without an id or networks, and the canonical form keeps it")
  func values() throws {
    let document = try Sample.parse(Self.whole)
    #expect(document.policy.complements == [.init(name: "people", zone: "lan", not: ["cameras"])])
    #expect(document.policy.groups.map(\.name) == ["cameras"])
    #expect(try ConfigurationDocument(parsing: document.canonical) == document)
    let form = String(decoding: document.policyCanonical, as: UTF8.self)
    #expect(form.contains("\"people\":{\"not\":[\"cameras\"],\"zone\":\"lan\"}"))
    // It has no class, so the kernel knows no more groups than before.
    #expect(
      PolicyCompiler.compile(document.policy, document.policyContext(hash: [])).text
        .split(separator: "\n").count { $0.hasPrefix("add element inet ztb nets ") } == 1)
  }

  @Test(
    "what makes no sense is a problem with its path",
    arguments: [
      (
        "\"not\": [\"cameras\"]", "\"not\": [\"camera\"]",
        "policy.groups.people.not[0]: no group of addresses in zone 'lan' is called 'camera'; name one"
      ),
      (
        "\"not\": [\"cameras\"]", "\"not\": [\"people\"]",
        "policy.groups.people.not[0]: no group of addresses in zone 'lan' is called 'people'; name one"
      ),
      (
        "\"not\": [\"cameras\"]", "\"not\": []",
        "policy.groups.people.not: the list is empty; name at least one"
      ),
      (
        "{\"zone\": \"lan\", \"not\"", "{\"zone\": \"lann\", \"not\"",
        "policy.groups.people.zone: no zone is called 'lann'; add it or correct the name"
      ),
      (
        "{\"zone\": \"lan\", \"not\"", "{\"zone\": \"lan\", \"id\": 4, \"not\"",
        "policy.groups.people.id: unknown key; known are zone, not"
      ),
    ])
  func problems(_ old: String, _ new: String, _ problem: String) {
    #expect(Self.whole.contains(old))
    let text = Self.whole.replacing(old, with: new, maxReplacements: 1)
    #expect(Sample.problems(text).first == problem)
  }

  @Test("65 are one too many, and a zone's name is taken")
  func limits() {
    let many = (0..<65).map { "\"n\($0)\": {\"zone\": \"lan\", \"not\": [\"cameras\"]}, " }
    #expect(
      Sample.problems(Sample.replacing(("\"groups\": {", "\"groups\": {\(many.joined())"))) == [
        "policy.groups: 65 with 'not' are more than the 64 supported"
      ])
    let taken = Self.whole.replacing("\"people\"", with: "\"wan\"")
    #expect(
      Sample.problems(taken) == [
        "policy.groups.wan: the name is taken by a zone; use another name"
      ])
  }
}
