import Configuration
import Policy
import Testing

@Suite("A policy by itself, or within a document") struct PolicyTextTests {
  private static let policy = """
    {"schema": 1, "version": 43, "zones": {"lan": {"ports": ["ge2"]}}, "groups": {}, "services": {},
     "rules": [], "defaults": {"action": "deny"}}
    """

  private static func replaced(_ text: String) throws -> ConfigurationDocument {
    try Sample.parse().replacing(policy: try PolicyText(parsing: Array(text.utf8)))
  }

  private static func problems(_ text: String) throws -> [String] {
    let found = #expect(throws: ConfigurationProblems.self) { try replaced(text) }
    return found?.problems.map(\.description) ?? []
  }

  @Test("it takes the place of the document's, and nothing else changes")
  func alone() throws {
    let document = try Self.replaced(Self.policy)
    #expect(document.policy.version == 43 && document.policy.rules.isEmpty)
    let back = try document.replacing(policy: try PolicyText(parsing: Array(Sample.text.utf8)))
    #expect(try back == Sample.parse())
  }

  @Test("of a whole document nothing else is looked at")
  func whole() throws {
    let text = "{\"gateway\": 7, \"policy\": \(Self.policy)}"
    #expect(try PolicyText(parsing: Array(text.utf8)).isWithinDocument)
    #expect(try Self.replaced(text) == Self.replaced(Self.policy))
    #expect(
      try Self.problems("{\"gateway\": {}}").first?.hasPrefix("policy: missing") == true)
  }

  @Test("problems have their paths: of the form, of the ports, and of keys given twice")
  func problems() throws {
    #expect(try Self.problems("[]") == ["policy: a list is not an object"])
    #expect(try Self.problems("{").first?.hasPrefix("line 1 column 2: ") == true)
    let other = Self.policy.replacingFirst("\"ge2\"", with: "\"ge7\"")
    #expect(try Self.problems(other).first?.hasPrefix("policy.zones.lan.ports[0]: ") == true)
    let twice = Self.policy.replacingFirst("\"version\"", with: "\"version\": 42, \"version\"")
    #expect(
      try Self.problems(twice) == ["policy.version: the key is given twice; keep one"])
  }

  @Test("other rules under the epoch of those before them are a problem, the same ones are not")
  func versions() throws {
    let old = try Sample.parse()
    #expect(try old.versionProblem(after: Sample.parse(), which: "is in force") == nil)
    #expect(try Self.replaced(Self.policy).versionProblem(after: old, which: "is in force") == nil)
    let same = Self.policy.replacingFirst("43", with: "297")
    #expect(
      try Self.replaced(same).versionProblem(after: old, which: "is in force")?.description
        == "policy.version: 297 has the epoch of 42, which is in force with other rules; raise it, "
        + "so that live sessions are judged again")
  }
}
