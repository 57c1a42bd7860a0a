import Testing

@testable import Policy

@Suite struct WarningTests {
  private func warnings(_ rules: Rule...) -> [PolicyWarning] {
    var policy = Sample.policy
    policy.rules = rules
    #expect(policy.problems(interfaces: ["ge2", "ge3"]).isEmpty)
    return policy.warnings
  }

  @Test("a policy in which every rule decides something has none")
  func none() {
    #expect(Sample.policy.warnings.isEmpty)
  }

  @Test("an allow that a deny covers whole is named with it; one that is covered in part is not")
  func shadowed() {
    let deny = Rule(id: "no-web", tier: .deny, from: ["any"], to: ["wan"], service: "web")
    let allow = Rule(id: "web", tier: .allow, from: ["lan"], to: ["wan"], service: "web")
    let all = Rule(id: "all", tier: .allow, from: ["lan"], to: ["wan"], service: "any")
    #expect(warnings(deny, allow).map(\.ruleID) == ["web"])
    #expect(warnings(deny, allow).first?.decidedBy == ["no-web"])
    #expect(
      warnings(deny, allow).first?.text == "rule web changes nothing: no-web decided before it")
    #expect(warnings(deny, all).isEmpty)
    #expect(warnings(deny, allow, all) == [PolicyWarning(ruleID: "web", decidedBy: ["no-web"])])
  }

  @Test("the same said twice is told once; a closed zone takes its groups along")
  func repeated() {
    let first = Rule(id: "a", tier: .allow, from: ["lan"], to: ["wan"], service: "ping")
    let second = Rule(id: "b", tier: .allow, from: ["cameras"], to: ["wan"], service: "ping")
    #expect(warnings(first, second) == [PolicyWarning(ruleID: "b", decidedBy: ["a"])])
    let closed = Rule(id: "closed", tier: .deny, from: ["lan"], to: ["any"], service: "any")
    #expect(
      warnings(first, closed, second)
        == [
          PolicyWarning(ruleID: "a", decidedBy: ["closed"]),
          PolicyWarning(ruleID: "b", decidedBy: ["closed"]),
        ])
  }

  @Test("of rules that allow the same, the one with the lesser identifier decides")
  func narrower() {
    let all = Rule(id: "b", tier: .allow, from: ["lan"], to: ["wan"], service: "any")
    let before = Rule(id: "a", tier: .allow, from: ["lan"], to: ["wan"], service: "web")
    let after = Rule(id: "c", tier: .allow, from: ["lan"], to: ["wan"], service: "web")
    #expect(warnings(before, all).isEmpty)
    #expect(warnings(all, after) == [PolicyWarning(ruleID: "c", decidedBy: ["b"])])
  }
}
