import Testing
import Wire

@testable import Policy

@Suite struct DeltaTests {
  private static func compile(
    _ change: (inout PolicyDocument) -> Void = { _ in }
  ) -> Ruleset {
    var policy = Sample.policy
    change(&policy)
    return PolicyCompiler.compile(policy, Sample.context)
  }

  private let old = Self.compile()

  /// The two chains of version 43.
  private static let stamp43 = """
    flush chain inet ztb ok
    flush chain inet ztb current
    table inet ztb {
    chain ok {
    ct mark set 0x2c000000
    meta priority set 0
    meta mark set 0x80000000 accept
    }
    chain current {
    ct mark 0x2c000000 meta mark set 0x80000000 accept
    }
    }
    """

  @Test("nothing is said about what stays")
  func nothing() {
    #expect(old.delta(from: old) == "\n")
  }

  @Test("a new version alone: the epoch's two chains and the identity, and no map that packets ask")
  func version() {
    #expect(
      Self.compile { $0.version = 43 }.delta(from: old) == """
        \(Self.stamp43)
        delete element inet ztb loaded { 0 }
        add element inet ztb loaded { 0 : 43 }

        """)
  }

  @Test("a port more is one element, one less is another; keys are removed without their values")
  func elements() {
    let new = Self.compile { policy in
      policy.services[2].entries[0].ports = [24...24]
      policy.groups[0].nets = [.v4(Sample.prefix("10.1.0.64/29"))]
    }
    let telnet = JudgeNumbers(Sample.policy.rules.sorted { $0.id < $1.id })[
      Sample.policy.rules[3].kernelName]
    let lines = new.delta(from: old).split(separator: "\n").map(String.init)
    #expect(lines.contains("delete element inet ztb nets { 4001 . 10.1.0.64/28 }"))
    #expect(lines.contains("add element inet ztb nets { 4001 . 10.1.0.64/29 : 12 }"))
    #expect(
      lines.contains {
        $0.hasPrefix("add element inet ztb pol { 12 . 12 . 6 . 24 : \(telnet), ")
      })
    #expect(
      lines.contains {
        $0.hasPrefix("delete element inet ztb pol { 12 . 12 . 6 . 23, ")
      })
    #expect(!lines.contains { $0.hasPrefix("flush") || $0.contains("pol_range") })
  }

  @Test("a rule comes with its chain and counter before anything leads there, and goes behind it")
  func rules() throws {
    let new = Self.compile { $0.rules.removeFirst(2) }
    let web = Sample.policy.rules[0].kernelName
    let comes = old.delta(from: new)
    let made = try #require(comes.firstRange(of: "add chain inet ztb \(web)\n"))
    let filled = try #require(comes.firstRange(of: "chain \(web) {\ncounter name \"\(web)\"\n"))
    let led = try #require(comes.firstRange(of: " : goto \(web)"))
    #expect(made.lowerBound < filled.lowerBound && filled.lowerBound < led.lowerBound)
    #expect(comes.contains("add counter inet ztb \(web)\n") && !comes.contains("delete chain"))
    let goes = new.delta(from: old)
    let number = JudgeNumbers(Sample.policy.rules.sorted { $0.id < $1.id })[web]
    let unled = try #require(goes.firstRange(of: "\(number)"))
    let removed = try #require(goes.firstRange(of: "delete chain inet ztb \(web)\n"))
    #expect(unled.lowerBound < removed.lowerBound)
    #expect(goes.contains("delete counter inet ztb \(web)\n") && !goes.contains("add chain"))
  }

  @Test("a change of ranges is two transactions: all but the stamp, then the stamp")
  func ranges() throws {
    let new = Self.compile { policy in
      policy.version = 43
      policy.services[0].entries[0].ports = [8000...8011]
      policy.rules.removeFirst(2)
    }
    let steps = new.deltas(from: old)
    #expect(steps.count == 2 && steps[0].contains(" pol_range { "))
    #expect(
      steps[0].contains(
        """
        chain ok {
        ct mark set 0x2b000001
        meta priority set 0
        meta mark set 0x80000000 accept
        }
        chain current {
        ct mark and 0xfffffffe == 0x2b000000 meta mark set 0x80000000 accept
        }
        """))
    // Until the ranges are there, packets may be led to rules that are gone; the kernel tells nobody
    // that it holds either ruleset.
    #expect(!steps[0].contains("delete chain"))
    #expect(steps[0].contains("add element inet ztb loaded { 1 : 0, 2 : 0 }"))
    let web = Sample.policy.rules[0].kernelName
    #expect(
      steps[1].hasPrefix(
        """
        \(Self.stamp43)
        delete element inet ztb rules {
        """))
    #expect(steps[1].contains("delete chain inet ztb \(web)\n"))
    #expect(
      steps[1].contains("add element inet ztb loaded { 0 : 43, 1 : 66051, 2 : 67438087 }"))
    #expect(Self.compile { $0.version = 43 }.deltas(from: old).count == 1)
  }

  @Test("a whole load lets nothing pass before the second transaction where no stamp is known")
  func whole() {
    let texts = old.texts(over: [])
    #expect(
      !texts.rules.contains("chain ok {") && texts.rules.contains("flush chain inet ztb ok\n"))
    #expect(!texts.rules.contains("0x2b000000") && texts.stamp.contains("0x2b000000"))
    #expect(!texts.rules.contains("loaded { 0"))
    // Version 300 under the hours 5.
    let other = old.texts(over: [300, 7, 8, 5])
    #expect(other.rules.contains("ct mark set 0x2e005001\n"))
    #expect(other.rules.contains("loaded { 0 : 300, 1 : 0, 2 : 0, 3 : 5 }"))
    #expect(other.stamp.contains("delete element inet ztb loaded { 0, 1, 2, 3 }"))
  }

  @Test("of two rules with one number the later has the next, and no other moves")
  func sameNumbers() {
    let rules = Sample.policy.rules.sorted { $0.id < $1.id }
    let few = JudgeNumbers(rules)
    let more = JudgeNumbers(
      (rules + [Rule(id: "zz", tier: .allow, from: [], to: [], service: "any")]))
    for rule in rules { #expect(few[rule.kernelName] == more[rule.kernelName]) }
    // The same rule twice has the same number twice, if anything has.
    let twice = JudgeNumbers([rules[0], rules[0]])
    #expect(twice[rules[0].kernelName] == few[rules[0].kernelName] + 1)
    #expect(few.elements.first == "1 : goto killed")
  }
}
