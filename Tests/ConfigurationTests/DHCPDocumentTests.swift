import Policy
import Testing
import Wire

@testable import Configuration

/// `lan[].dhcp`.
struct DHCPDocumentTests {
  private static let addresses = "\"from\": \"10.1.0.100\", \"to\": \"10.1.0.199\""

  private static func text(_ dhcp: String) -> String {
    Sample.replacing(("\"dhcp\": null", "\"dhcp\": \(dhcp)"))
  }

  private static func server(_ more: String = "", range: String = addresses) -> String {
    text("{\"mode\": \"server\", \(range)\(more.isEmpty ? "" : ", " + more)}")
  }

  @Test("the defaults are written out, and the canonical form gives the same document")
  func defaults() throws {
    let document = try Sample.parse(Self.server())
    guard case .server(let server) = document.lan[0].dhcp else {
      Issue.record("no server")
      return
    }
    #expect(server.leaseSeconds == 43_200 && server.dns.isEmpty && server.domain == nil)
    #expect(try ConfigurationDocument(parsing: document.canonical) == document)
    // Both nodes hand out the same range.
    let shared = String(decoding: document.sharedCanonical, as: UTF8.self)
    #expect(shared.contains("10.1.0.100"))
  }

  @Test("a document without it has the form that it had")
  func absent() throws {
    let form = String(decoding: try Sample.parse().canonical, as: UTF8.self)
    #expect(form.contains("\"dhcp\":null"))
    let left = Sample.replacing((", \"dhcp\": null", ""))
    #expect(try Sample.parse(left).canonical == Array(form.utf8))
  }

  @Test("hosts know a pair by its virtual address, and a lone node by its own")
  func identity() throws {
    let service = try #require(try Sample.parse(Self.server()).addressServices.first)
    #expect(service.device == "vr4-ge2-77" && "\(service.address)" == "10.1.0.1")
    #expect(service.answersNames && "\(service.network)" == "10.1.0.0/24")
    let other = try Sample.parse(Self.server("\"dns\": [\"10.9.0.53\"]")).addressServices[0]
    #expect(!other.answersNames)
  }

  @Test("the whole of it is read: reservations, options, relay")
  func whole() throws {
    let more = """
      "leaseSeconds": 60, "dns": ["10.1.0.1", "9.9.9.9"], "domain": "branch.example",
      "reservations": [{"mac": "02:00:00:00:00:0A", "address": "10.1.0.7", "name": "printer"},
                       {"mac": "02:00:00:00:00:0b", "address": "10.1.0.150", "name": null}],
      "options": [{"code": 42, "addresses": ["10.1.0.8"]},
                  {"code": 252, "text": "http://wpad.branch.example/wpad.dat"}]
      """
    let document = try Sample.parse(Self.server(more))
    #expect(try ConfigurationDocument(parsing: document.canonical) == document)
    #expect(document.addressServices[0].answersNames)
    let relay = try Sample.parse(Self.text("{\"mode\": \"relay\", \"servers\": [\"10.9.0.5\"]}"))
    #expect(relay.lan[0].dhcp == .relay([IPv4Address(10, 9, 0, 5)]))
    #expect(try ConfigurationDocument(parsing: relay.canonical) == relay)
  }

  /// A `dhcp` that is wrong, and what is said about it.
  struct Mistake: Sendable {
    let dhcp: String
    let problem: String

    init(_ dhcp: String, _ problem: String) {
      self.dhcp = dhcp
      self.problem = "lan[0].dhcp" + problem
    }
  }

  private static func span(_ from: String, _ to: String) -> String {
    "{\"mode\": \"server\", \"from\": \"\(from)\", \"to\": \"\(to)\"}"
  }

  private static func with(_ more: String) -> String {
    "{\"mode\": \"server\", \(addresses), \(more)}"
  }

  private static func relay(_ servers: String) -> String {
    "{\"mode\": \"relay\", \"servers\": [\(servers)]}"
  }

  private static func host(_ mac: String) -> String {
    "{\"mac\": \"\(mac)\", \"address\": \"10.1.0.7\"}"
  }

  private static let mistaken: [Mistake] = [
    Mistake(
      span("10.1.1.100", "10.1.0.199"),
      ".from: 10.1.1.100 is not in 10.1.0.0/24, the network of the LAN"),
    Mistake(
      span("10.1.0.200", "10.1.0.199"),
      ".to: 10.1.0.199 is before 10.1.0.200; exchange them"),
    Mistake(
      span("10.1.0.2", "10.1.0.199"), ".from: 10.1.0.2 is a gateway's; use another address"),
    Mistake(
      span("10.1.0.200", "10.1.0.255"),
      ".to: 10.1.0.255 is the broadcast address of 10.1.0.0/24; use an address within"),
    Mistake(with("\"leaseSeconds\": 59"), ".leaseSeconds: 59 is not in 60…31536000"),
    Mistake(
      with("\"servers\": []"),
      ".servers: unknown key; known are mode, from, to, leaseSeconds, dns, domain, "
        + "reservations, options"),
    Mistake(
      with("\"domain\": \"a,b\""),
      ".domain: \"a,b\" is not a domain name such as branch.example"),
    Mistake(
      with("\"reservations\": [\(host("01:00:00:00:00:0a"))]"),
      ".reservations[0].mac: \"01:00:00:00:00:0a\" is not "
        + "the Ethernet address of a host such as 02:00:00:00:00:0a"),
    Mistake(
      with("\"reservations\": [\(host("02:00:00:00:00:0a")), \(host("02:00:00:00:00:0b"))]"),
      ".reservations[1].address: 10.1.0.7 is in reservations[0] already"),
    Mistake(
      with("\"options\": [{\"code\": 54, \"text\": \"server\"}]"),
      ".options[0].code: 54 is no option with text that can be set; these can: 66, 67, 114, 252"),
    Mistake(
      with("\"options\": [{\"code\": 67, \"text\": \"a,b\"}]"),
      ".options[0].text: \"a,b\" is not a name or URL of letters, digits and any of "
        + "._/:?=&%~-"),
    Mistake(relay(""), ".servers: the list is empty; name at least one"),
    Mistake(
      relay("\"10.1.0.9\""),
      ".servers[0]: 10.1.0.9 is on the LAN itself and hears its hosts; leave dhcp out"),
    Mistake(
      relay("\"203.0.113.1\""),
      ".servers[0]: 203.0.113.1 is a gateway's own address; use mode \"server\""),
  ]

  @Test("each mistake has its place and its remedy", arguments: mistaken)
  func mistakes(_ mistake: Mistake) {
    #expect(Sample.problems(Self.text(mistake.dhcp)) == [mistake.problem])
  }

  @Test(
    "a name that the server would read as something else is refused",
    arguments: ["7", "10h", "2W", "30S", "ignore", "Infinite"])
  func names(_ name: String) {
    let host = """
      {"mac": "02:00:00:00:00:0a", "address": "10.1.0.7", "name": "\(name)"}
      """
    #expect(
      Sample.problems(Self.server("\"reservations\": [\(host)]")) == [
        "lan[0].dhcp.reservations[0].name: '\(name)' would be taken for the time of a lease; "
          + "use another name"
      ])
    let fine = host.replacing("\"\(name)\"", with: "\"h\(name)1x\"")
    #expect(Sample.problems(Self.server("\"reservations\": [\(fine)]")).isEmpty)
  }

  @Test("all LANs together have no more addresses than a node remembers")
  func sum() {
    let lans = [1, 2, 3].map { number in
      """
      {"port": "ge2", "vlan": \(number)0, "address": "10.\(number).0.1/19", "dhcp":
       {"mode": "server", "from": "10.\(number).1.0", "to": "10.\(number).16.255"}}
      """
    }
    func text(_ count: Int) -> String {
      """
      {"schema": 1, "gateway": {"name": "a", "profile": "zt400", "deployment": "standalone"},
       "wan": {"port": "ge3", "mode": "dhcp"},
       "lan": [\(lans.prefix(count).joined(separator: ","))],
       "policy": {"schema": 1, "version": 1, "zones": {}, "defaults": {"action": "deny"}}}
      """
    }
    #expect(Sample.problems(text(2)).isEmpty)
    #expect(
      Sample.problems(text(3)) == [
        "lan[2].dhcp.to: 12288 addresses with those of the LANs before, more than 8192; "
          + "use a smaller range"
      ])
  }

  @Test("a pair without a virtual address on the LAN cannot serve there")
  func noIdentity() {
    let text = Self.server().replacing(
      "{\"port\": \"ge2\", \"address\": \"10.1.0.1/24\"},", with: "")
    #expect(
      Sample.problems(text) == [
        "lan[0].dhcp: ge2 has no virtual IPv4 address that hosts could know the pair by; "
          + "add one to ha.vrrp.virtualAddresses"
      ])
  }

  @Test("nothing but DHCP and names is let in, and only where the document says so")
  func chains() throws {
    func rules(_ text: String) throws -> String {
      let document = try Sample.parse(text)
      return PolicyCompiler.compile(
        document.policy, document.policyContext(hash: Array(repeating: 0, count: 32))
      ).text
    }
    let served = try rules(Self.server())
    let devices = "iifname { \"ge2\", \"vr4-ge2-77\" }"
    #expect(
      served.contains(
        "\(devices) ip daddr { 255.255.255.255, 10.1.0.1 } udp sport 68 udp dport 67 accept"))
    let names = "\(devices) ip saddr { 10.1.0.0/24, 10.9.0.0/16 } ip daddr 10.1.0.1 tcp dport 53"
    #expect(served.contains("\(names) accept"))
    let document = try Sample.parse(Self.server())
    let context = document.policyContext(hash: Array(repeating: 0, count: 32))
    var closed = document.policy
    closed.quarantine.members = [
      .init(address: .v4(IPv4Address(10, 1, 0, 7)), until: nil, reason: "malware")
    ]
    #expect(
      PolicyCompiler.compile(closed, context).text.contains(
        "\(names) ip saddr @members jump quarantined\n\(names) accept\n"))
    closed.killSwitch.level = .red
    #expect(!PolicyCompiler.compile(closed, context).text.contains("dport 53"))
    #expect(try !rules(Self.server("\"dns\": [\"10.9.0.53\"]")).contains("dport 53"))
    #expect(try !rules(Sample.text).contains("dport 67"))
    let relayed = try rules(Self.text("{\"mode\": \"relay\", \"servers\": [\"10.9.0.5\"]}"))
    #expect(
      relayed.contains(
        "ip saddr { 10.9.0.5 } ip daddr 10.1.0.1 udp sport 67 udp dport 67 accept"))
    #expect(!relayed.contains("dport 53"))
  }
}

extension String {
  fileprivate func replacing(_ part: String, with other: String) -> String {
    let parts = split(separator: part, maxSplits: 1, omittingEmptySubsequences: false)
    precondition(parts.count == 2, "the text does not hold \(part)")
    return parts.joined(separator: other)
  }
}
