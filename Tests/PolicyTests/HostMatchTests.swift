import Testing
import Wire

@testable import Policy

@Suite("Groups that match hosts") struct HostMatchTests {
  private static func host(
    _ last: UInt8, mac: UInt64 = 0x0040_8c00_0001, name: String = "", on interface: String = "ge2"
  ) -> LANHost {
    LANHost(
      interface: interface, mac: MACAddress(mac), address: IPv4Address(10, 1, 0, last), name: name)
  }

  /// The groups of the LAN, each with one way to be in it.
  private static let policy: PolicyDocument = {
    var policy = Sample.policy
    policy.rules.removeAll { $0.from == ["cameras"] }
    policy.groups = [
      Group(name: "maker", id: 4, zone: "lan", nets: [], match: [.oui(0x00408c)]),
      Group(name: "named", id: 3, zone: "lan", nets: [], match: [.name("Cam-*")]),
      Group(name: "placed", id: 2, zone: "lan", nets: [.v4(Sample.prefix("10.1.0.64/28"))]),
      Group(name: "known", id: 1, zone: "lan", nets: [], match: [.mac(MACAddress(7))]),
    ]
    return policy
  }()

  /// Which group the policy has an address in.
  private static func group(_ policy: PolicyDocument, _ last: UInt8) -> String? {
    policy.place(of: .v4(IPv4Address(10, 1, 0, last)), on: "ge2")?.group?.name
  }

  @Test("the most exact says where a host is: Ethernet address, place, name, maker")
  func precedence() {
    let hosts = [
      Self.host(65, mac: 7, name: "cam-1"), Self.host(66, name: "cam-2"),
      Self.host(10, name: "CAM-3"), Self.host(11, name: "tv"), Self.host(12, mac: 0x0040_8d00_0001),
    ]
    let policy = Self.policy.with(hosts)
    #expect(
      [65, 66, 10, 11, 12].map { Self.group(policy, $0) } == [
        "known", "placed", "named", "maker", nil,
      ])
    // Nobody else's place is another one for that.
    #expect(Self.group(policy, 67) == "placed" && Self.group(policy, 13) == nil)
    #expect(Self.policy.with([]) == Self.policy)
    #expect(Sample.policy.with(hosts) == Sample.policy)
  }

  @Test("a host by itself that is matched elsewhere leaves its group; the order does not count")
  func taken() {
    var policy = Self.policy
    policy.groups[2].nets = [
      .v4(Sample.prefix("10.1.0.65/32")), .v4(Sample.prefix("10.1.0.66/32")),
    ]
    let hosts = [Self.host(65, mac: 7), Self.host(66, mac: 8), Self.host(65, mac: 9)]
    let found = policy.with(hosts)
    #expect(found == policy.with(hosts.reversed()))
    #expect(Self.group(found, 65) == "known" && Self.group(found, 66) == "placed")
    #expect(found.groups[2].nets == [.v4(Sample.prefix("10.1.0.66/32"))])
    #expect(found.problems(interfaces: ["ge2", "ge3"]).isEmpty)
  }

  @Test("a group matches on the interfaces of its zone alone")
  func zones() {
    let policy = Self.policy.with([
      Self.host(10, mac: 7, on: "ge3"), Self.host(11, mac: 7, on: "ge5"),
    ])
    #expect(policy == Self.policy)
  }

  @Test(
    "a name fits its form",
    arguments: [
      ("cam-*", "cam-", true), ("cam-*", "cam", false), ("*-cam", "a-cam", true),
      ("*-cam", "a-cam-b", false), ("c?m", "cam", true), ("c?m", "caam", false), ("*", "x", true),
      ("a*b*c", "axbxbxc", true), ("a*b*c", "axbxb", false), ("**a", "bba", true), ("", "a", false),
    ])
  func forms(_ form: String, _ name: String, _ fits: Bool) {
    var policy = Self.policy
    policy.groups[1].match = [.name(form)]
    let found = policy.with([Self.host(10, mac: 99, name: name)])
    #expect((Self.group(found, 10) == "named") == fits)
  }

  @Test("who is in another group than before, also in none")
  func moved() {
    let one = Self.policy.with([Self.host(10), Self.host(11, mac: 7), Self.host(12)])
    let two = Self.policy.with([Self.host(10, mac: 7), Self.host(11, mac: 7)])
    #expect(one.movedHosts(to: two) == [IPv4Address(10, 1, 0, 10), IPv4Address(10, 1, 0, 12)])
    #expect(one.movedHosts(to: one).isEmpty)
  }

  @Test("other hosts lead to the ruleset that the whole policy would give")
  func placing() {
    let hosts = [Self.host(10), Self.host(70, mac: 7)]
    let before = PolicyCompiler.compile(Self.policy.with([Self.host(11)]), Sample.context)
    let policy = Self.policy.with(hosts)
    let placed = PolicyCompiler.placing(policy, in: before)
    #expect(placed == PolicyCompiler.compile(policy, Sample.context))
    #expect(
      placed.delta(from: before) == """
        delete element inet ztb hosts { 4001 . 10.1.0.11 }
        add element inet ztb hosts { 4001 . 10.1.0.70 : 1, 4001 . 10.1.0.10 : 4 }

        """)
  }

  @Test("one way to be in two groups of a zone is a problem, in two zones it is not")
  func problems() {
    var policy = Self.policy
    policy.groups[0].match.append(.mac(MACAddress(7)))
    #expect(
      policy.problems(interfaces: ["ge2", "ge3"]).map { "\($0.path): \($0.message)" } == [
        "groups.known.match[0]: mac 00:00:00:00:00:07 is in 'maker' already; a host is in one group"
      ])
    policy.groups[0].zone = "wan"
    #expect(policy.problems(interfaces: ["ge2", "ge3"]).isEmpty)
  }

  @Test("a change says what it opens to whoever may be matched")
  func effects() {
    let old = Self.policy
    var new = old
    new.rules.append(
      Rule(id: "known-wan", tier: .allow, from: ["known"], to: ["wan"], service: "any"))
    func lines(_ new: PolicyDocument) -> [String] {
      new.effects(replacing: old, at: nil).map { effect in
        "\(effect.opens ? "opens" : "closes") \(effect.from.joined(separator: ", ")): "
          + effect.services.joined(separator: "; ")
      }
    }
    #expect(lines(new).map { $0.prefix { $0 != ":" } } == ["opens known"])
    new.groups[3].match = [.mac(MACAddress(8))]
    // From wherever in the zone they were, and to wherever others of them go.
    #expect(
      lines(new).map { $0.prefix { $0 != ":" } } == [
        "opens known, known (was lan), known (was maker), known (was named), known (was placed)"
      ])
    // A host in a place that is no group's any more goes where its card or name says.
    new = old
    new.rules.append(
      Rule(id: "maker-wan", tier: .allow, from: ["maker"], to: ["wan"], service: "any"))
    let before = new
    new.groups[2].nets = [.v4(Sample.prefix("10.1.0.72/29"))]
    #expect(
      new.effects(replacing: before, at: nil).contains {
        $0.opens && $0.from.contains("maker (was placed)")
      })
    // Of two groups with a way that fits the lower number counts.
    new = before
    new.groups[0].id = 9
    #expect(
      new.effects(replacing: before, at: nil).contains {
        !$0.opens && $0.from.contains("named (was maker)")
      })
  }
}
