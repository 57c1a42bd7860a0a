import Testing
import Wire

@testable import Policy

@Suite struct CompilerTests {
  private let ruleset = PolicyCompiler.compile(Sample.policy, Sample.context)

  @Test("the transaction keeps base chains: it flushes and refills, and deletes nothing")
  func neverDeletes() {
    #expect(!ruleset.text.contains("delete"))
    for chain in ["pre_raw", "out_raw", "input", "forward", "nat_pre", "nat_post", "ok"] {
      #expect(ruleset.text.contains("flush chain inet ztb \(chain)\n"))
    }
    for map in ["zone_in", "nets", "hosts6", "pol", "pol_range", "pol_proto", "pol_any", "loaded"] {
      #expect(ruleset.text.contains("flush map inet ztb \(map)\n"))
    }
  }

  @Test("forward and input drop what no rule accepts")
  func defaultDrop() {
    #expect(ruleset.text.contains("hook forward priority filter; policy drop;"))
    #expect(ruleset.text.contains("hook input priority filter; policy drop;"))
  }

  @Test("an ICMP error of a revoked connection is dropped before anything is judged and stamped")
  func staleErrors() throws {
    let error = try #require(ruleset.text.firstRange(of: "ct state related meta l4proto { 1, 58 }"))
    let judged = try #require(ruleset.text.firstRange(of: "meta priority set 0"))
    let current = try #require(ruleset.text.firstRange(of: "jump current"))
    #expect(current.lowerBound < error.lowerBound && error.lowerBound < judged.lowerBound)
  }

  /// The sample with IPv6 inside.
  private static var context6: PolicyContext {
    var context = Sample.context
    context.interfaces[1].virtualDevices6 = ["vr6-ge2-77"]
    context.interfaces[1].networks6 = [
      IPv6Prefix(IPv6Address(high: 0xfd00_0001 << 32, low: 2), length: 64)
    ]
    return context
  }

  @Test("RFC 9568 5.1.2.3: IPv6 adverts with hop limit 255, and what IPv6 cannot do without")
  func inputOfIPv6() {
    let text = PolicyCompiler.compile(Sample.policy, Self.context6).text
    let devices = "{ \"ge2\", \"vr4-ge2-77\", \"vr6-ge2-77\" }"
    #expect(text.contains("iifname \(devices) meta l4proto 112 ip6 hoplimit 255 accept"))
    #expect(
      text.contains(
        "iifname \(devices) icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } "
          + "ip6 hoplimit 255 accept"))
    #expect(text.contains("ip6 saddr fd00:1::/64 iifname != "))
    #expect(!ruleset.text.contains("nd-neighbor-solicit"))
  }

  @Test("no IGMP and no MLD leave with a virtual MAC")
  func quietMACs() {
    let text = PolicyCompiler.compile(Sample.policy, Self.context6).text
    let devices = "{ \"vr4-ge2-77\", \"vr4-ge3-77\", \"vr6-ge2-77\" }"
    #expect(text.contains("oifname \(devices) meta l4proto 2 drop"))
    #expect(
      text.contains(
        "oifname \(devices) icmpv6 type "
          + "{ mld-listener-report, mld-listener-done, mld2-listener-report } drop"))
  }

  @Test("RFC 9568 6.1: a silent address is dropped before anything that is established")
  func silence() throws {
    var context = Self.context6
    context.silentAddresses = [
      .v4(IPv4Address(10, 1, 0, 1)), .v6(IPv6Address(high: 0xfd00_0001 << 32, low: 1)),
    ]
    let text = PolicyCompiler.compile(Sample.policy, context).text
    let drop = "counter name \"c_input_denied\" drop"
    let silent = try #require(text.firstRange(of: "ip daddr { 10.1.0.1 } \(drop)"))
    let silent6 = try #require(text.firstRange(of: "ip6 daddr { fd00:1::1 } \(drop)"))
    let discovery = try #require(text.firstRange(of: "nd-neighbor-solicit"))
    let established = try #require(text.firstRange(of: "ct state established,related accept"))
    #expect(discovery.lowerBound < silent.lowerBound && silent.lowerBound < silent6.lowerBound)
    #expect(silent6.lowerBound < established.lowerBound)
  }

  @Test("both the port and its macvlan are in the zone; packets leave by the port")
  func devices() {
    let zoneIn = "\"ge2\" : 4001, \"vr4-ge2-77\" : 4001, \"ge3\" : 4002, \"vr4-ge3-77\" : 4002"
    #expect(ruleset.text.contains("add element inet ztb zone_in { \(zoneIn) }"))
    #expect(
      ruleset.text.contains("add element inet ztb zone_out { \"ge2\" : 4001, \"ge3\" : 4002 }"))
  }

  @Test("a rule about a zone covers its groups; a deny splits what an allow covers")
  func elements() {
    let lines = ruleset.text.split(separator: "\n")
    let element = { (map: String) in
      lines.first { $0.hasPrefix("add element inet ztb \(map) ") }.map(String.init) ?? ""
    }
    let judges = JudgeNumbers(Sample.policy.rules.sorted { $0.id < $1.id })
    let (web, ping) = (judges[Self.chain("lan-web")], judges[Self.chain("lan-ping")])
    let (cameras, telnet) = (judges[Self.chain("cameras-all")], judges[Self.chain("no-telnet")])
    #expect(element("pol_any") == "add element inet ztb pol_any { 12 . 4002 : \(cameras) }")
    // The rule that is first by its identifier decides, and counts.
    #expect(
      element("pol_proto") == "add element inet ztb pol_proto { 4001 . 4002 . 1 : \(ping) }")
    #expect(element("pol").contains("4001 . 4002 . 6 . 443 : \(web)"))
    #expect(element("pol").contains("12 . 4002 . 6 . 23 : \(telnet)"))
    #expect(element("pol_range").contains("4001 . 4002 . 6 . 8000-8010 : \(web)"))
    #expect(element("rules").contains("\(web) : goto \(Self.chain("lan-web"))"))
    #expect(element("rules").contains("{ 1 : goto killed, "))
  }

  /// The name of a rule in the kernel.
  private static func chain(_ id: String) -> String {
    Rule(id: id, tier: .allow, from: [], to: [], service: "any").kernelName
  }

  @Test("each rule has a chain that counts; what is denied is logged with the counter's name")
  func ruleChains() {
    let (web, telnet) = (Self.chain("lan-web"), Self.chain("no-telnet"))
    #expect(
      ruleset.text.contains("chain \(web) {\ncounter name \"\(web)\"\ngoto ok\n}\n"))
    #expect(
      ruleset.text.contains(
        """
        chain \(telnet) {
        counter name "\(telnet)"
        limit name "l_denied" log prefix "ztb deny \(telnet) " group 5 snaplen 128
        ct mark set 0
        drop
        }

        """))
    #expect(ruleset.text.contains("add counter inet ztb \(web)\n"))
    #expect(ruleset.ruleNames.count == 4 && ruleset.ruleNames.contains(web))
  }

  @Test("a rule may log what it allows, within a limit of its own, or not log what it denies")
  func logs() {
    var policy = Sample.policy
    policy.rules[0].log = true
    policy.rules[3].log = false
    let text = PolicyCompiler.compile(policy, Sample.context).text
    let (web, telnet) = (Self.chain("lan-web"), Self.chain("no-telnet"))
    let line = "limit name \"l_allowed\" log prefix \"ztb allow \(web) \" group 5 snaplen 128"
    #expect(
      text.contains("chain \(web) {\ncounter name \"\(web)\"\n\(line)\ngoto ok\n}\n"))
    #expect(
      text.contains("chain \(telnet) {\ncounter name \"\(telnet)\"\nct mark set 0\ndrop\n}\n"))
  }

  @Test("FNV-1a: a rule's name in the kernel follows from its identifier alone")
  func kernelNames() {
    // The test vectors of the algorithm's authors for "" and "foobar".
    #expect(Self.chain("") == "r_cbf29ce484222325")
    #expect(Self.chain("foobar") == "r_85944171f73967e8")
    #expect(Self.chain("a") != Self.chain("b"))
  }

  @Test("only what a rule left behind is removed: its chain first, then the counter")
  func staleRules() {
    let names = ["c_invalid", Self.chain("lan-web"), "r_00000000000000ff"]
    #expect(
      PolicyCompiler.removal(ofRulesAmong: names, but: ruleset) == """
        delete chain inet ztb r_00000000000000ff
        delete counter inet ztb r_00000000000000ff

        """)
  }

  @Test("the epoch is 1 + version % 255 and never 0; neighbours differ")
  func epochs() {
    for version: UInt32 in [1, 42, 253, 254, 255, 256, .max] {
      var policy = Sample.policy
      policy.version = version
      let epoch = policy.epoch
      #expect(Int(epoch) == 1 + Int(version) % 255)
      policy.version = version == .max ? version - 1 : version + 1
      #expect(policy.epoch != epoch)
    }
    #expect(
      ruleset.text.contains(
        "ct mark 0x2b000000 meta mark set 0x80000000 accept"))
  }

  @Test("the previous epoch is accepted in reply direction only, and before stale replies drop")
  func grace() {
    let lines = """
      ct direction reply ct mark and 0xff000000 @grace meta mark set 0x80000000 accept
      ct direction reply counter name "c_stale" drop
      """
    #expect(ruleset.text.contains(lines))
    #expect(!ruleset.text.contains("flush set"))
    #expect(
      PolicyCompiler.grace([42]) == """
        add element inet ztb grace { 0x2a000000 timeout 3s }
        delete element inet ztb grace { 0x2a000000 }
        add element inet ztb grace { 0x2a000000 timeout 3s }

        """)
  }

  @Test("while a packet is judged nothing is in the mark that its connection's other packets see")
  func connectionMark() throws {
    let forward = try #require(ruleset.chains.first { $0.name == "forward" }).rules
    #expect(!forward.contains { $0.contains("ct mark set") })
    // The class of the source leads to itself, out of the mark and into the priority.
    let kept = try #require(forward.firstIndex(of: "meta priority set meta mark map @sources"))
    let next = try #require(forward.lastIndex(of: "meta mark set 0"))
    #expect(forward[..<kept].contains("meta priority set 0") && kept < next)
    #expect(
      ruleset.text.contains(
        "add element inet ztb sources { 12 : 12, 4001 : 4001, 4002 : 4002 }"))
    #expect(
      ruleset.text.contains(
        "chain ok {\nct mark set 0x2b000000\nmeta priority set 0\nmeta mark set 0x80000000 accept\n}"
      ))
  }

  @Test("equal policies give equal text, whatever the order of their parts")
  func canonical() {
    var policy = Sample.policy
    policy.rules.reverse()
    policy.zones.reverse()
    policy.services.reverse()
    #expect(PolicyCompiler.compile(policy, Sample.context).text == ruleset.text)
  }

  @Test("groups of either family have maps of their own, and nothing keeps IPv6 out as a whole")
  func groupsOfIPv6() throws {
    var policy = Sample.policy
    let cameras6 = IPv6Prefix(IPv6Address(high: 0xfd00_0001 << 32, low: 0x40), length: 122)
    policy.groups[0].nets.append(.v6(cameras6))
    let text = PolicyCompiler.compile(policy, Self.context6).text
    #expect(text.contains("add element inet ztb nets6 { 4001 . fd00:1::40/122 : 12 }"))
    #expect(text.contains("add element inet ztb nets { 4001 . 10.1.0.64/28 : 12 }"))
    #expect(text.contains("meta mark set meta mark . ip6 saddr map @nets6"))
    #expect(!text.contains("nfproto"))
  }

  @Test("no name given by the author reaches the text")
  func noAuthorText() {
    for word in ["cameras", "lan-web", "telnet", "ping", "\"lan\"", "\"wan\""] {
      #expect(!ruleset.text.contains(word))
    }
  }

  @Test("a network within that of a route keeps its own way in")
  func nestedNetworks() {
    var context = Self.context6
    context.interfaces[0].networks6 = [
      IPv6Prefix(IPv6Address(high: 0xfd00 << 48, low: 0), length: 16)
    ]
    let text = PolicyCompiler.compile(Sample.policy, context).text
    let inside = "\"ge2\", \"lo\", \"vr4-ge2-77\", \"vr6-ge2-77\""
    #expect(text.contains("ip6 saddr fd00:1::/64 iifname != { \(inside) } counter"))
    #expect(
      text.contains(
        "ip6 saddr fd00::/16 iifname != { \"ge2\", \"ge3\", \"lo\", \"vr4-ge2-77\", "
          + "\"vr4-ge3-77\", \"vr6-ge2-77\" } counter"))
  }

  @Test("whatever is accepted in forward carries the mark that the guard lets through")
  func passMark() throws {
    let forward = try #require(
      ruleset.text.firstRange(of: "\nchain forward {\n").map { ruleset.text[$0.upperBound...] })
    let rules = forward.split(separator: "\n").prefix { $0 != "}" }
    let accepting = rules.filter { $0.hasSuffix("accept") }
    #expect(accepting.count == 1)
    #expect(accepting.allSatisfy { $0.hasSuffix(" meta mark set 0x80000000 accept") })
    #expect(
      ruleset.text.contains(
        "chain current {\nct mark 0x2b000000 meta mark set 0x80000000 accept\n}"))
    #expect(ruleset.text.contains("chain ok {\n"))
    #expect(PolicyCompiler.guardian.contains("meta mark and 0x80000000 != 0 accept"))
    #expect(PolicyCompiler.guardian.contains("priority filter + 10; policy drop;"))
  }

  @Test("the identity holds the version and the first eight octets of the hash")
  func identity() {
    #expect(ruleset.identity == [42, 0x0001_0203, 0x0405_0607])
    #expect(
      ruleset.text.hasSuffix(
        "add element inet ztb loaded { 0 : 42, 1 : 66051, 2 : 67438087 }\n"))
  }

  @Test("source addresses are translated only where they leave by the address's interface")
  func translation() {
    let line = "oifname { \"ge3\" } ip saddr 10.1.0.0/24 snat ip to 203.0.113.1 fully-random\n"
    #expect(ruleset.text.contains(line))
  }

  @Test("port forwards: maps for both sides, the source of neighbours, and what ends with them")
  func portForwards() {
    var context = Sample.context
    context.interfaces[0].isOutside = true
    context.forwards = [
      .init(
        id: "web", address: .v4(IPv4Address(203, 0, 113, 1)), transport: .tcp, ports: 8443...8444,
        to: .v4(IPv4Address(10, 1, 0, 9)), toPort: 443, isReflected: true),
      .init(
        id: "games", address: .v4(IPv4Address(203, 0, 113, 1)), transport: .udp, ports: 53...53,
        to: .v4(IPv4Address(10, 1, 0, 8)), toPort: 53),
    ]
    context.reflections = [
      .init(
        from: .v4(Sample.prefix("10.1.0.0/24")), interfaces: ["ge2"],
        to: .v4(IPv4Address(10, 1, 0, 1)), randomPorts: false)
    ]
    let text = PolicyCompiler.compile(Sample.policy, context).text
    for line in [
      "iifname { \"ge3\", \"vr4-ge3-77\" } dnat ip to "
        + "ip daddr . meta l4proto . th dport map @pf_outside",
      "iifname { \"ge2\", \"vr4-ge2-77\" } dnat ip6 to "
        + "ip6 daddr . meta l4proto . th dport map @pf_inside6",
      "ct status dnat oifname { \"ge2\" } ip saddr 10.1.0.0/24 snat ip to 10.1.0.1",
      "add element inet ztb pf_outside { 203.0.113.1 . 17 . 53 : 10.1.0.8 . 53, "
        + "203.0.113.1 . 6 . 8443 : 10.1.0.9 . 443, 203.0.113.1 . 6 . 8444 : 10.1.0.9 . 444 }",
      "add element inet ztb pf_inside { 203.0.113.1 . 6 . 8443 : 10.1.0.9 . 443, "
        + "203.0.113.1 . 6 . 8444 : 10.1.0.9 . 444 }",
      "add element inet ztb pf_port { 53 : 53, 8443 : 8443, 8444 : 8444 }",
    ] { #expect(text.contains("\(line)\n"), "\(line)") }
    // Nobody leads to ports; what a version before led there still ends.
    #expect(!ruleset.text.contains("dnat ip"))
    #expect(ruleset.text.contains("flush map inet ztb pf_outside\n"))
    #expect(
      ruleset.text.contains("ct status and 0x21 == 0x20 ct state != related jump forwarded\n"))
  }
}
