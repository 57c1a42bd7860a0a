import Configuration
import Testing

/// One bad value of `ha.vrrp` or of an IPv6 address gives one line.
@Suite struct VRRPProblemTests {
  private static let vrrp = "\"track\": [\"ge2\", \"ge3\"],"
  private static let lan = "\"address\": \"10.1.0.2/24\""
  private static let first = "{\"port\": \"ge2\", \"address\": \"10.1.0.1/24\"}"

  /// The sample with further keys in `ha.vrrp`.
  private static func with(_ keys: String, _ line: String) -> Mistake {
    Mistake(vrrp, "\(vrrp) \(keys),", line)
  }

  private static func check(_ keys: String, _ line: String) -> Mistake {
    with("\"checks\": [{\(keys)}]", "ha.vrrp.checks[0].\(line)")
  }

  static let protocols = [
    Mistake(
      "\"version\": 3", "\"version\": 4", "ha.vrrp.version: 4 is not in 2…3"),
    Mistake(
      "\"version\": 3", "\"version\": 2",
      "ha.vrrp.advertIntervalMs: 20 is not a multiple of 1000, as version 2 needs"),
    Mistake(
      "\"version\": 3, \"priority\": 200, \"advertIntervalMs\": 20",
      "\"version\": 2, \"priority\": 200, \"advertIntervalMs\": 256000",
      "ha.vrrp.advertIntervalMs: 256000 is not in 10…255000"),
    Mistake(
      "\"password\": null", "\"password\": \"ninechars\"",
      "ha.vrrp.password: must be 1…8 printable ASCII characters, or null for none"),
    Mistake(
      "\"password\": null", "\"password\": \"\\u00e9t\\u00e9\"",
      "ha.vrrp.password: must be 1…8 printable ASCII characters, or null for none"),
    Mistake(
      "\"password\": null", "\"password\": 12",
      "ha.vrrp.password: must be 1…8 printable ASCII characters, or null for none"),
    with(
      "\"authMode\": \"off\"",
      "ha.vrrp.authMode: \"off\" is not \"enforce\" or \"permissive\""),
    with(
      "\"authMode\": \"permissive\"",
      "ha.vrrp.authMode: has no effect without ha.vrrp.password; set one"),
    with(
      "\"acceptMode\": \"no\"", "ha.vrrp.acceptMode: \"no\" is not true or false"),
    with(
      "\"checksum\": \"plain\"",
      "ha.vrrp.checksum: \"plain\" is not \"auto\" or \"rfc9568\" or \"rfc5798\""),
    Mistake(
      "\"version\": 3, \"priority\": 200, \"advertIntervalMs\": 20",
      "\"version\": 2, \"priority\": 200, \"advertIntervalMs\": 1000, \"checksum\": \"rfc9568\"",
      "ha.vrrp.checksum: version 2 has one form only; leave the key out"),
    Mistake(
      "\"version\": 3, \"priority\": 200, \"advertIntervalMs\": 20",
      "\"version\": 2, \"priority\": 200, \"advertIntervalMs\": 1000, \"authMode\": \"permissive\"",
      "ha.vrrp.authMode: version 2 has no trailer to be permissive about; leave the key out"),
    Mistake(
      "\"priority\": 200", "\"priority\": 255",
      "ha.vrrp.priority: 255 is for the owner, and no virtual address of group 77 on ge2 is the "
        + "node's own; use 254 or less"),
    Mistake("\"priority\": 200", "\"priority\": 0", "ha.vrrp.priority: 0 is not in 1…255"),
  ]

  static let links = [
    Mistake(
      "[\"ge2\", \"ge3\"]", "[\"ge2\", {\"port\": \"ge3\", \"weight\": 255}]",
      "ha.vrrp.track[1].weight: 255 is not in 1…254"),
    Mistake(
      "[\"ge2\", \"ge3\"]", "[\"ge2\", {\"port\": \"ge3\", \"weigth\": 5}]",
      "ha.vrrp.track[1].weigth: unknown key; known are port, weight"),
    Mistake(
      "[\"ge2\", \"ge3\"]", "[\"ge2\", 3]",
      "ha.vrrp.track[1]: a number is not the name of an interface or {\"port\", \"weight\"}"),
    Mistake(
      "[\"ge2\", \"ge3\"]", "[\"ge2\", {\"port\": \"ge2\", \"weight\": 9}]",
      "ha.vrrp.track[1]: 'ge2' is in the list twice; keep one"),
    Mistake(
      "[\"ge2\", \"ge3\"]", "[{\"port\": \"ge4\"}]",
      "ha.vrrp.track[0]: 'ge4' is not a LAN or WAN interface of this document (ge3, ge3.30, ge2)"),
    check(
      "\"kind\": \"icmp\", \"target\": \"10.1.0.9\"",
      "name: missing; must be 1…32 letters, digits, '-' or '_'"),
    check(
      "\"name\": \"isp\", \"kind\": \"bfd\", \"target\": \"10.1.0.9\"",
      "kind: \"bfd\" is not \"icmp\" or \"http\""),
    check(
      "\"name\": \"isp\", \"kind\": \"icmp\", \"target\": \"isp.example\"",
      "target: \"isp.example\" is not an address such as 10.1.0.3 or fe80::3"),
    check(
      "\"name\": \"isp\", \"kind\": \"icmp\", \"target\": \"224.0.0.1\"",
      "target: 224.0.0.1 is not an address of a host"),
    check(
      "\"name\": \"isp\", \"kind\": \"http\", \"target\": \"10.1.0.9\"",
      "target: \"10.1.0.9\" is not a URL such as http://10.1.0.250/health"),
    check(
      "\"name\": \"isp\", \"kind\": \"icmp\", \"target\": \"10.1.0.9\", \"intervalMs\": 50",
      "intervalMs: 50 is not in 100…60000"),
    check(
      "\"name\": \"isp\", \"kind\": \"icmp\", \"target\": \"10.1.0.9\", \"timeoutMs\": 1500",
      "timeoutMs: 1500 is longer than intervalMs 1000; wait less or ask less often"),
    check(
      "\"name\": \"isp\", \"kind\": \"icmp\", \"target\": \"10.1.0.9\", \"fall\": 0",
      "fall: 0 is not in 1…10"),
    check(
      "\"name\": \"isp\", \"kind\": \"icmp\", \"target\": \"10.1.0.9\", \"rise\": 11",
      "rise: 11 is not in 1…10"),
    check(
      "\"name\": \"isp\", \"kind\": \"icmp\", \"target\": \"10.1.0.9\", \"weight\": 0",
      "weight: 0 is not in 1…254"),
    with(
      "\"checks\": [{\"name\": \"a\", \"kind\": \"icmp\", \"target\": \"10.1.0.9\"},"
        + " {\"name\": \"a\", \"kind\": \"icmp\", \"target\": \"10.1.0.8\"}]",
      "ha.vrrp.checks[1].name: 'a' is the name of ha.vrrp.checks[0] already"),
  ]

  static let neighbours = [
    with(
      "\"unicastPeers\": [{\"port\": \"ge2\", \"addresses\": []}]",
      "ha.vrrp.unicastPeers[0].addresses: the list is empty; name at least one"),
    with(
      "\"unicastPeers\": [{\"port\": \"ge3.30\", \"addresses\": [\"198.51.100.3\"]}]",
      "ha.vrrp.unicastPeers[0].port: 'ge3.30' has no virtual address (those with: ge2, ge3)"),
    with(
      "\"unicastPeers\": [{\"port\": \"ge2\", \"addresses\": [\"10.2.0.3\"]}]",
      "ha.vrrp.unicastPeers[0].addresses[0]: 10.2.0.3 is not in 10.1.0.0/24; "
        + "it must be on that network"),
    with(
      "\"unicastPeers\": [{\"port\": \"ge2\", \"addresses\": [\"10.1.0.2\"]}]",
      "ha.vrrp.unicastPeers[0].addresses[0]: 10.1.0.2 is this node's own address; "
        + "name the other end"),
    with(
      "\"unicastPeers\": [{\"port\": \"ge2\", \"addresses\": [\"10.1.0.3\", \"fd00::3\"]}]",
      "ha.vrrp.unicastPeers[0].addresses[1]: fd00::3 is not link-local, "
        + "as the source of IPv6 adverts is"),
    with(
      "\"unicastPeers\": [{\"port\": \"ge2\", \"addresses\": [\"fe80::3\"]}]",
      "ha.vrrp.unicastPeers[0].addresses: none is for the IPv4 router of ge2; "
        + "add the other node's"),
    with(
      "\"allowedSources\": [\"10.1.0.3\", \"10.1.0.3\"]",
      "ha.vrrp.allowedSources[1]: '10.1.0.3' is in the list twice; keep one"),
    with(
      "\"allowedSources\": [\"10.1.0.2\"]",
      "ha.vrrp.allowedSources[0]: 10.1.0.2 is this node's own address; name the other node's"),
    with(
      "\"allowedSources\": [\"10.1.0\"]",
      "ha.vrrp.allowedSources[0]: \"10.1.0\" is not an address such as 10.1.0.3 or fe80::3"),
    with(
      "\"allowedSources\": [\"2001:db8::3\"]",
      "ha.vrrp.allowedSources[0]: 2001:db8::3 is not link-local, "
        + "as the source of IPv6 adverts is"),
    with(
      "\"allowedSources\": [\"fe80::3\"]",
      "ha.vrrp.allowedSources: none is for the IPv4 routers; add the other node's"),
  ]

  static let addresses = [
    Mistake(
      "10.1.0.1/24", "10.1.0.1",
      "ha.vrrp.virtualAddresses[0].address: \"10.1.0.1\" is not "
        + "an address with its length such as 10.1.0.1/24 or fd00:1::1/64"),
    Mistake(
      first, "{\"port\": \"ge2\", \"address\": \"10.1.0.1/24\", \"groupId\": 0}",
      "ha.vrrp.virtualAddresses[0].groupId: 0 is not in 1…255"),
    Mistake(
      first, "\(first), {\"port\": \"ge2\", \"address\": \"10.1.0.1/24\", \"groupId\": 78}",
      "ha.vrrp.virtualAddresses[1].address: 10.1.0.1 is in the list twice; keep one"),
    Mistake(
      first, "\(first), {\"port\": \"ge2\", \"address\": \"fd00:1::1/64\"}",
      "ha.vrrp.virtualAddresses[1].address: "
        + "lan[0] has no IPv6 network that fd00:1::1 could be in; give it address6"),
    Mistake(
      lan, "\(lan), \"address6\": \"fd00:1::/64\"",
      "lan[0].address6: fd00:1:: is the network address of fd00:1::/64; use an address within"),
    Mistake(
      lan, "\(lan), \"address6\": \"fe80::2/64\"",
      "lan[0].address6: fe80::2 is link-local; every port has one of these by itself"),
    Mistake(
      lan, "\(lan), \"address6\": \"10.1.0.9/24\"",
      "lan[0].address6: \"10.1.0.9/24\" is not "
        + "an IPv6 address with its length such as fd00:1::2/64"),
    Mistake(
      "\"vlan\": null, \"dns\"", "\"vlan\": null, \"address6\": \"ff02::1/64\", \"dns\"",
      "wan.address6: ff02::1 is not an address of a host"),
  ]

  @Test(
    "one mistake gives one line, with path and remedy",
    arguments: protocols + links + neighbours + addresses)
  func oneLine(mistake: Mistake) {
    #expect(Sample.problems(Sample.replacing((mistake.from, mistake.to))) == [mistake.line])
  }

  @Test("IPv6 needs version 3, and a name of at most 15 octets fits the kernel")
  func versionAndName() {
    let six = Self.first + ", {\"port\": \"ge2\", \"address\": \"fe80::77/64\"}"
    #expect(
      Sample.problems(
        Sample.replacing(
          ("\"version\": 3", "\"version\": 2"), ("Ms\": 20", "Ms\": 1000"), (Self.first, six)))
        == [
          "ha.vrrp.virtualAddresses[1].address: version 2 carries IPv4 addresses only; "
            + "use version 3"
        ])
    let long = Sample.replacing(
      ("\"ge2\", \"vlan\": null", "\"ge2\", \"vlan\": 4000"),
      ("\"track\": [\"ge2\", \"ge3\"]", "\"track\": []"),
      (Self.first, "{\"port\": \"ge2.4000\", \"address\": \"10.1.0.1/24\", \"groupId\": 100}"),
      ("{\"ports\": [\"ge2\"]}", "{\"ports\": [\"ge2.4000\"]}"))
    #expect(
      Sample.problems(long) == [
        "ha.vrrp.virtualAddresses[0].port: 'vr4-ge2.4000-100' is too long a name; "
          + "use a lower VLAN or groupId"
      ])
  }

  @Test("Where every virtual address is of IPv6, translation needs one of IPv4 first")
  func translationWithoutAddress() {
    let six = Sample.replacing(
      (Self.first, "{\"port\": \"ge2\", \"address\": \"fe80::77/64\"}"),
      (
        "{\"port\": \"ge3\", \"address\": \"203.0.113.1/24\"}",
        "{\"port\": \"ge3\", \"address\": \"fe80::77/64\"}"
      ))
    #expect(
      Sample.problems(six).contains(
        "nat.source[0].to: 203.0.113.1 is not a virtual address; add an IPv4 one"))
  }

  @Test("17 checks are one too many, and 256 addresses of one router")
  func bounds() {
    let checks = (0..<17).map {
      "{\"name\": \"c\($0)\", \"kind\": \"icmp\", \"target\": \"10.1.0.9\"}"
    }.joined(separator: ",")
    let many = Sample.replacing((Self.vrrp, "\(Self.vrrp) \"checks\": [\(checks)],"))
    #expect(Sample.problems(many) == ["ha.vrrp.checks: 17 are more than the 16 supported"])
    let addresses = (0..<256).map {
      "{\"port\": \"ge2\", \"address\": \"10.1.\(4 + $0 / 250).\(1 + $0 % 250)/16\"}"
    }.joined(separator: ",")
    let crowd = Sample.replacing(
      (Self.lan, "\"address\": \"10.1.0.2/16\""), (Self.first, addresses))
    #expect(
      Sample.problems(crowd) == [
        "ha.vrrp.virtualAddresses[0]: 256 addresses of one router; 255 fit"
      ])
  }

  /// The sample with that many routers on its LAN port, beside the one outside.
  private static func routers(_ count: Int) -> String {
    Sample.replacing(
      (
        first,
        (1...count).map {
          "{\"port\": \"ge2\", \"address\": \"10.1.0.\($0 + 2)/24\", \"groupId\": \($0)}"
        }.joined(separator: ",")
      ))
  }

  @Test("32 virtual routers are supported")
  func manyRouters() {
    #expect(Sample.problems(Self.routers(31)) == [])
    #expect(
      Sample.problems(Self.routers(32)) == [
        "ha.vrrp.virtualAddresses: 33 virtual routers; 32 are supported, so give several addresses "
          + "of an interface one groupId"
      ])
  }

  @Test("32 interfaces are watched at most, with those of virtual addresses")
  func manyLinks() {
    /// The sample with VLANs on its LAN port, all of them tracked beside the two that it has.
    func links(_ count: Int) -> String {
      let networks = (1...count).map {
        ", {\"port\": \"ge2\", \"vlan\": \($0 + 100), \"address\": \"10.2.\($0).1/24\"}"
      }
      let names = (1...count).map { ", \"ge2.\($0 + 100)\"" }
      return Sample.replacing(
        ("\"dhcp\": null}", "\"dhcp\": null}" + networks.joined()),
        ("[\"ge2\", \"ge3\"]", "[\"ge2\", \"ge3\"" + names.joined() + "]"))
    }
    #expect(Sample.problems(links(30)) == [])
    #expect(
      Sample.problems(links(31)) == [
        "ha.vrrp.track: 33 interfaces are watched with those of virtual addresses; 32 are supported"
      ])
  }
}
