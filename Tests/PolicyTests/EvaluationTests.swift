import Testing
import Wire

@testable import Policy

@Suite struct EvaluationTests {
  private func verdict(
    _ source: IPv4Address, _ number: UInt8, _ port: UInt16, from: String = "ge2",
    to: String = "ge3"
  ) -> PolicyVerdict {
    Sample.policy.evaluate(
      PolicyPacket(
        inInterface: from, outInterface: to, source: .v4(source),
        destination: .v4(IPv4Address(198, 51, 100, 9)), protocolNumber: number, port: port))
  }

  private let laptop = IPv4Address(10, 1, 0, 10)
  private let camera = IPv4Address(10, 1, 0, 70)

  @Test("what no rule allows is denied, in both directions and between unknown interfaces")
  func defaultDeny() {
    #expect(verdict(laptop, 6, 22) == PolicyVerdict(allowed: false, ruleID: nil))
    #expect(!verdict(laptop, 6, 443, from: "ge3", to: "ge2").allowed)
    #expect(!verdict(laptop, 6, 443, from: "ge4").allowed)
    #expect(!verdict(laptop, 6, 443, to: "ge1").allowed)
  }

  @Test("a group is treated apart from the rest of its zone, and its zone's rules hold for it")
  func groups() {
    #expect(verdict(camera, 17, 5000) == PolicyVerdict(allowed: true, ruleID: "cameras-all"))
    #expect(!verdict(laptop, 17, 5000).allowed)
    #expect(verdict(camera, 1, 0).allowed && verdict(laptop, 1, 0).allowed)
    // An address of the group that enters elsewhere is not a member.
    #expect(!verdict(camera, 17, 5000, from: "ge3", to: "ge3").allowed)
  }

  @Test("deny beats allow whatever the order")
  func denyWins() {
    #expect(verdict(camera, 6, 23) == PolicyVerdict(allowed: false, ruleID: "no-telnet"))
  }

  @Test("the compiled cells judge like the rules, for 300 random policies")
  func cellsAgree() throws {
    var generator = SeededGenerator(seed: 7113)
    for _ in 0..<300 {
      let policy = RandomPolicy.make(&generator)
      #expect(policy.problems(interfaces: ["p0", "p1", "p2"]).isEmpty)
      let matrix = PolicyMatrix(policy)
      for _ in 0..<100 {
        let packet = RandomPolicy.packet(&generator)
        let expected = policy.evaluate(packet)
        let decision = RandomPolicy.lookUp(packet, policy, matrix)
        let isAllowed = decision?.tier == .allow || decision?.tier == .guard
        #expect(expected.allowed == isAllowed, "\(packet) in \(policy)")
        let isKilled = decision.map { $0.tier == nil } ?? (policy.killSwitch.level == .red)
        #expect((expected.decider == .killSwitch(policy.killSwitch.level)) == isKilled)
        #expect(expected.ruleID == decision?.ruleID, "\(packet) in \(policy)")
      }
    }
  }

  @Test("no two elements of a cell overlap, and neighbours are joined")
  func disjoint() {
    var generator = SeededGenerator(seed: 1)
    for _ in 0..<300 {
      for cell in PolicyMatrix(RandomPolicy.make(&generator)).cells.values {
        for segments in cell.ports.values {
          for (first, second) in zip(segments, segments.dropFirst()) {
            #expect(first.ports.upperBound < second.ports.lowerBound)
            let touching = Int(first.ports.upperBound) + 1 == Int(second.ports.lowerBound)
            #expect(!(touching && first.decision == second.decision))
          }
        }
      }
    }
  }

  @Test("a policy that expands beyond its bounds is refused before it is expanded")
  func bounds() {
    var policy = Sample.policy
    policy.groups = (1...1000).map {
      Group(
        name: "g\($0)", id: UInt16($0), zone: "lan",
        nets: [.v4(IPv4Prefix(IPv4Address(0x0a00_0000 + UInt32($0)), length: 32))])
    }
    policy.rules = [Rule(id: "all", tier: .allow, from: ["any"], to: ["any"], service: "any")]
    let problems = policy.problems(interfaces: ["ge2", "ge3"])
    #expect(problems.map(\.path) == ["rules"])
    #expect(problems.first?.message.contains("1004004 entries") == true)
  }
}

extension PolicyVerdict {
  /// What a rule or the default says while the policy is enforced.
  init(allowed: Bool, ruleID: String?) {
    self.init(
      allowed: allowed, decider: ruleID.map { .rule($0) } ?? .byDefault, wouldDeny: false)
  }
}

/// Policies and packets over a small world, so that they meet often.
enum RandomPolicy {
  static func make(_ generator: inout SeededGenerator) -> PolicyDocument {
    let zones = (0..<3).map { Zone(name: "z\($0)", ports: ["p\($0)"]) }
    let groups = (1...3).map { index in
      Group(
        name: "g\(index)", id: UInt16(index), zone: "z\(index % 3)",
        nets: [
          .v4(IPv4Prefix(IPv4Address(10, 0, 0, UInt8(index * 4)), length: 30)),
          .v6(IPv6Prefix(IPv6Address(high: 0xfd00 << 48, low: UInt64(index * 4)), length: 126)),
        ])
    }
    let services = (0..<4).map { index in
      Service(
        name: "s\(index)",
        entries: (0..<Int.random(in: 1...3, using: &generator)).map { _ in entry(&generator) })
    }
    let names = (zones.map(\.name) + groups.map(\.name) + ["any"])
    let rules = (0..<Int.random(in: 0...8, using: &generator)).map { index in
      Rule(
        id: "r\(index)", tier: Tier.allCases.randomElement(using: &generator) ?? .deny,
        from: [names.randomElement(using: &generator) ?? "any"],
        to: [names.randomElement(using: &generator) ?? "any"],
        service: ["s0", "s1", "s2", "s3", "any"].randomElement(using: &generator) ?? "any")
    }
    // A block beside each of some rules; green most of the time.
    let blocks = rules.filter { $0.tier == .deny }.map {
      KillSwitch.Block(from: $0.to, to: $0.from, service: $0.service)
    }
    let levels: [KillSwitch.Level] = [.green, .green, .green, .yellow, .orange, .red]
    let level = blocks.isEmpty ? nil : levels.randomElement(using: &generator)
    return PolicyDocument(
      version: 1, zones: zones, groups: groups, services: services, rules: rules,
      killSwitch: KillSwitch(
        level: level ?? .green, yellow: Array(blocks.prefix(1)),
        orange: Array(blocks.dropFirst())))
  }

  private static func entry(_ generator: inout SeededGenerator) -> Service.Entry {
    let transport = TransportProtocol.allCases.randomElement(using: &generator) ?? .tcp
    guard transport.hasPorts else { return .init(transport) }
    let ports = (0..<Int.random(in: 0...3, using: &generator)).map { _ in
      let low = UInt16.random(in: 1...12, using: &generator)
      return low...UInt16.random(in: low...14, using: &generator)
    }
    return .init(transport, ports: ports)
  }

  static func packet(_ generator: inout SeededGenerator) -> PolicyPacket {
    let family: AddressFamily = Bool.random(using: &generator) ? .ipv4 : .ipv6
    func address() -> IPAddress {
      let host = UInt8.random(in: 0...19, using: &generator)
      return switch family {
      case .ipv4: .v4(IPv4Address(10, 0, 0, host))
      case .ipv6: .v6(IPv6Address(high: 0xfd00 << 48, low: UInt64(host)))
      }
    }
    return PolicyPacket(
      inInterface: "p\(Int.random(in: 0...3, using: &generator))",
      outInterface: "p\(Int.random(in: 0...3, using: &generator))",
      source: address(), destination: address(),
      protocolNumber: [1, 6, 17, 47, 50, 58, 99, 132].randomElement(using: &generator) ?? 6,
      port: UInt16.random(in: 0...15, using: &generator))
  }

  /// What the kernel does with the maps.
  static func lookUp(
    _ packet: PolicyPacket, _ policy: PolicyDocument, _ matrix: PolicyMatrix
  ) -> PolicyMatrix.Decision? {
    func number(_ interface: String, _ address: IPAddress) -> UInt32 {
      guard let zone = policy.zones.first(where: { $0.ports.contains(interface) }) else { return 0 }
      let group = policy.groups.first {
        $0.zone == zone.name && $0.nets.contains { $0.contains(address) }
      }
      return group.map { UInt32($0.id) } ?? matrix.classes[zone.name] ?? 0
    }
    let pair = PolicyMatrix.Pair(
      source: number(packet.inInterface, packet.source),
      destination: number(packet.outInterface, packet.destination))
    return matrix.cells[pair]?.decision(
      TransportProtocol(rawValue: packet.protocolNumber), port: packet.port)
  }
}
