import Configuration
import Policy
import Testing
import Wire

@Suite struct ScheduleDocumentTests {
  private static let whole = Sample.replacing(
    (
      "\"version\": 42,",
      """
      "version": 42,
      "schedules": {"office": {"days": ["mon", "fri"], "from": "07:00", "to": "19:30",
                               "timeZone": "Europe/Paris"},
                    "weekend": {"days": ["sat"], "from": "22:00", "to": "24:00", "timeZone": "UTC"}},
      """
    ), ("\"service\": \"any\"", "\"service\": \"any\", \"schedule\": \"office\""))

  @Test("every value arrives, and the canonical form gives the same document")
  func values() throws {
    let document = try Sample.parse(Self.whole)
    let office = try #require(document.policy.schedules.first)
    #expect(office.name == "office" && office.days == [.mon, .fri])
    #expect(office.from == 420 && office.to == 1170 && office.timeZone.name == "Europe/Paris")
    #expect(document.policy.schedules.last?.to == 1440)
    #expect(document.policy.rules.first?.schedule == "office")
    #expect(try ConfigurationDocument(parsing: document.canonical) == document)
    let form = String(decoding: document.policyCanonical, as: UTF8.self)
    #expect(form.contains("\"from\":\"07:00\"") && form.contains("\"to\":\"24:00\""))
    #expect(
      !String(decoding: try Sample.parse().policyCanonical, as: UTF8.self).contains("schedule"))
  }

  @Test("explained at a time: within the hours the rule, outside the default")
  func explained() throws {
    let document = try Sample.parse(Self.whole)
    func outcome(_ text: String) throws -> PolicyExplanation.Outcome {
      let time = try #require(Timestamp.seconds(text))
      return document.explain(
        from: try #require(IPAddress("10.1.0.5")), to: try #require(IPAddress("198.18.0.9")),
        protocolNumber: 6, port: 443, at: time
      ).outcome
    }
    #expect(try outcome("2026-11-27T19:29:59+01:00") == .allowed(ruleID: "lan-out"))
    #expect(try outcome("2026-11-27T19:30:00+01:00") == .deniedByDefault)
  }

  @Test(
    "what makes no sense is a problem with its path",
    arguments: [
      (
        "\"mon\"", "\"monday\"",
        "policy.schedules.office.days[0]: \"monday\" is not one of \"mon\", \"tue\", \"wed\", "
          + "\"thu\", \"fri\", \"sat\", \"sun\""
      ),
      (
        "\"fri\"", "\"mon\"",
        "policy.schedules.office.days[1]: 'mon' is in the list twice; keep one"
      ),
      (
        "\"07:00\"", "\"7:00\"",
        "policy.schedules.office.from: \"7:00\" is not a time of day such as \"07:00\""
      ),
      (
        "\"07:00\"", "\"24:00\"",
        "policy.schedules.office.from: \"24:00\" is not a time of day such as \"07:00\""
      ),
      (
        "\"19:30\"", "\"19:60\"",
        "policy.schedules.office.to: \"19:60\" is not a time of day such as \"19:00\", or \"24:00\""
      ),
      (
        "\"19:30\"", "\"07:00\"",
        "policy.schedules.office.to: the same as from; for whole days say \"00:00\" to \"24:00\""
      ),
      (
        "\"Europe/Paris\"", "\"Paris\"",
        "policy.schedules.office.timeZone: \"Paris\" is not a zone of the IANA database such as "
          + "\"Europe/Paris\""
      ),
      (
        "\"schedule\": \"office\"", "\"schedule\": \"offices\"",
        "policy.rules[0].schedule: no schedule is called 'offices'; add it or correct the name"
      ),
      (
        "\"days\": [\"sat\"]", "\"days\": []",
        "policy.schedules.weekend.days: the list is empty; name at least one"
      ),
    ])
  func problems(_ old: String, _ new: String, _ problem: String) {
    #expect(Self.whole.contains(old))
    let text = Self.whole.replacing(old, with: new, maxReplacements: 1)
    #expect(Sample.problems(text) == [problem])
  }
}
