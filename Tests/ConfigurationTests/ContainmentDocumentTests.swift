import Configuration
import Policy
import Testing
import Wire

/// Quarantine, kill switch and mode in the document.
@Suite struct ContainmentDocumentTests {
  private static let whole = Sample.replacing(
    (
      "\"version\": 42,",
      """
      "version": 42, "mode": "monitor",
      "quarantine": {"members": [{"address": "10.1.0.7", "until": "2026-11-28T19:00:00+01:00",
                                  "reason": "malware"},
                                 {"address": "fd00:1::7", "reason": "stolen"}],
                     "allow": ["web"]},
      "killSwitch": {"level": "orange",
                     "levels": {"yellow": [{"from": ["lan"], "to": ["any"], "service": "web"}],
                                "orange": [{"from": ["cameras"], "to": ["wan"], "service": "any"}]}},
      """
    ))

  @Test("every value arrives, and the canonical form gives the same document")
  func values() throws {
    let document = try Sample.parse(Self.whole)
    let policy = document.policy
    #expect(policy.mode == .monitor && policy.killSwitch.level == .orange)
    #expect(policy.quarantine.members.map(\.until) == [1_795_888_800, nil])
    #expect(policy.quarantine.members.last?.address == IPAddress("fd00:1::7"))
    #expect(policy.quarantine.allow == ["web"])
    #expect(policy.killSwitch.yellow.first?.service == "web")
    #expect(policy.killSwitch.orange.first?.from == ["cameras"])
    #expect(try ConfigurationDocument(parsing: document.canonical) == document)
    #expect(
      String(decoding: document.policyCanonical, as: UTF8.self).contains("2026-11-28T18:00:00Z"))
  }

  @Test("a policy without the keys has the canonical form, and so the hash, of before")
  func canonicalOfBefore() throws {
    let text = """
      {"defaults":{"action":"deny"},"groups":{"cameras":{"id":12,"nets":["10.1.0.64/28"],"zone":"lan"}},\
      "rules":[{"from":["lan"],"id":"lan-out","service":"any","tier":"allow","to":["wan"]}],\
      "schema":1,"services":{"web":[{"ports":["80","443"],"proto":"tcp"}]},"version":42,\
      "zones":{"lan":{"ports":["ge2"]},"wan":{"ports":["ge3"]}}}
      """
    #expect(String(decoding: try Sample.parse().policyCanonical, as: UTF8.self) == text)
    let empty = Sample.replacing(
      (
        "\"version\": 42,",
        "\"version\": 42, \"mode\": \"enforce\", \"quarantine\": {}, \"killSwitch\": {\"level\": \"green\"},"
      ))
    #expect(String(decoding: try Sample.parse(empty).policyCanonical, as: UTF8.self) == text)
  }

  @Test("a rule that logs as its tier does has no key; another one keeps it")
  func logs() throws {
    func canonical(_ value: String) throws -> String {
      let text = Sample.replacing(
        ("\"service\": \"any\"", "\"service\": \"any\", \"log\": \(value)"))
      let document = try Sample.parse(text)
      #expect(document.policy.rules.first?.log == (value == "true"))
      #expect(try ConfigurationDocument(parsing: document.canonical) == document)
      return String(decoding: document.policyCanonical, as: UTF8.self)
    }
    #expect(try !canonical("false").contains("log"))
    #expect(try canonical("true").contains("\"log\":true"))
  }

  @Test(
    "what makes no sense is a problem with its path",
    arguments: [
      (
        "\"until\": \"2026-11-28T19:00:00+01:00\"", "\"until\": \"tomorrow\"",
        "policy.quarantine.members[0].until: \"tomorrow\" is not a time such as "
          + "2026-11-28T18:00:00Z or 2026-11-28T19:00:00+01:00"
      ),
      (
        "\"fd00:1::7\"", "\"10.1.0.7\"",
        "policy.quarantine.members[1].address: 10.1.0.7 is members[0] already; keep one"
      ),
      (
        "\"reason\": \"stolen\"", "\"reason\": \"\"",
        "policy.quarantine.members[1].reason: \"\" is not a text of 1…200 printable ASCII characters"
      ),
      (
        "\"allow\": [\"web\"]", "\"allow\": [\"any\"]",
        "policy.quarantine.allow[0]: 'any' would leave nothing closed; name services"
      ),
      (
        "\"allow\": [\"web\"]", "\"allow\": [\"dns\"]",
        "policy.quarantine.allow[0]: no service is called 'dns'; add it or correct the name"
      ),
      (
        "\"level\": \"orange\"", "\"level\": \"blue\"",
        "policy.killSwitch.level: \"blue\" is not \"green\" or \"yellow\" or \"orange\" or \"red\""
      ),
      (
        "\"from\": [\"cameras\"], \"to\"", "\"from\": [\"camera\"], \"to\"",
        "policy.killSwitch.levels.orange[0].from[0]: no zone or group is called 'camera'; "
          + "add it or correct the name"
      ),
      (
        "\"levels\": {\"yellow\"", "\"levels\": {\"red\": [], \"yellow\"",
        "policy.killSwitch.levels.red: unknown key; known are yellow, orange"
      ),
      (
        "\"mode\": \"monitor\"", "\"mode\": \"off\"",
        "policy.mode: \"off\" is not \"enforce\" or \"monitor\""
      ),
    ])
  func problems(_ old: String, _ new: String, _ problem: String) {
    #expect(Self.whole.contains(old))
    let text = Self.whole.replacing(old, with: new, maxReplacements: 1)
    #expect(Sample.problems(text) == [problem])
  }

  @Test("a level that closes nothing is a problem; orange may rest on yellow")
  func idleLevels() {
    func problems(_ level: String, _ levels: String) -> [String] {
      Sample.problems(
        Sample.replacing(
          (
            "\"version\": 42,",
            "\"version\": 42, \"killSwitch\": {\"level\": \"\(level)\", \"levels\": {\(levels)}},"
          )))
    }
    let block = "[{\"from\": [\"lan\"], \"to\": [\"any\"], \"service\": \"web\"}]"
    #expect(
      problems("yellow", "\"orange\": \(block)") == [
        "policy.killSwitch.level: yellow closes nothing; say what in killSwitch.levels, or use red"
      ])
    #expect(problems("orange", "\"yellow\": \(block)").isEmpty)
    #expect(problems("red", "").isEmpty)
  }
}
