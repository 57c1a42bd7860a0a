import Configuration
import Policy
import Testing
import Wire

/// Everything that `ha.vrrp` can say.
@Suite struct VRRPDocumentTests {
  private static let last = "{\"port\": \"ge3\", \"address\": \"203.0.113.1/24\"}"
  private static let more = """
    , {"port": "ge2", "address": "fd00:1::1/64"},
      {"port": "ge2", "address": "10.1.0.5/24", "groupId": 78},
      {"port": "ge2", "address": "fe80::9/64", "groupId": 78},
      {"port": "ge2", "address": "10.1.0.6/24"}
    """

  /// The sample with every key.
  static func full(
    own: String = "2", peer: String = "3", priority: String = "200", node: String = "primary"
  ) -> String {
    Sample.replacing(
      (
        "\"address\": \"10.1.0.2/24\"",
        "\"address\": \"10.1.0.\(own)/24\", \"address6\": \"fd00:1::\(own)/64\""
      ),
      ("\"password\": null,", "\"password\": \"s3cret\", \"authMode\": \"permissive\","),
      ("\"priority\": 200", "\"priority\": \(priority)"),
      ("\"node\": \"primary\"", "\"node\": \"\(node)\""),
      (
        "\"track\": [\"ge2\", \"ge3\"],",
        """
        "track": ["ge2", {"port": "ge3", "weight": 60}], "acceptMode": false, "checksum": "rfc9568",
        "checks": [{"name": "isp", "kind": "icmp", "target": "203.0.113.254", "fall": 5},
                   {"name": "web", "kind": "http", "target": "http://10.1.0.250/up", "weight": 90}],
        "unicastPeers": [{"port": "ge2", "addresses": ["10.1.0.\(peer)", "fe80::\(peer)"]}],
        "allowedSources": ["10.1.0.\(peer)", "203.0.113.3", "fe80::\(peer)"],
        """
      ),
      (last, last + more))
  }

  @Test("every value arrives, and the canonical form keeps it")
  func everyValue() throws {
    let document = try Sample.parse(Self.full())
    let vrrp = try #require(document.ha?.vrrp)
    #expect(vrrp.password == Secret("s3cret") && vrrp.authenticationMode == .permissive)
    #expect(!vrrp.acceptMode && vrrp.checksum == .rfc9568)
    #expect(vrrp.track.map(\.weight) == [20, 60])
    let isp = try #require(vrrp.checks.first)
    #expect(isp.kind == .icmp && isp.intervalMs == 1_000 && isp.timeoutMs == 500)
    #expect(isp.fall == 5 && isp.rise == 2 && isp.weight == 20)
    #expect(vrrp.checks.last?.target == "http://10.1.0.250/up")
    #expect(vrrp.unicastPeers.first?.addresses.map(\.description) == ["10.1.0.3", "fe80::3"])
    #expect(vrrp.allowedSources.count == 3)
    #expect(document.lan.first?.address6 == IPv6Prefix("fd00:1::2/64"))
    let again = try ConfigurationDocument(parsing: document.canonical)
    #expect(again == document && again.canonical == document.canonical)
    #expect(document.pretty(redacted: true).contains("s3cret") == false)
  }

  @Test("one router per port, group and family; RFC 9568 5.2.9: a link-local address is the first")
  func routers() throws {
    let routers = try #require(try Sample.parse(Self.full()).ha?.vrrp.routers)
    #expect(
      routers.map(\.device) == [
        "vr4-ge2-77", "vr4-ge3-77", "vr6-ge2-77", "vr4-ge2-78", "vr6-ge2-78",
      ])
    #expect(routers[0].addresses.map(\.description) == ["10.1.0.1", "10.1.0.6"])
    #expect(routers[2].addresses.map(\.description) == ["fe80::200:5eff:fe00:24d", "fd00:1::1"])
    #expect(routers[2].mac.description == "00:00:5e:00:02:4d")
    #expect(routers[4].addresses.map(\.description) == ["fe80::9"])
    #expect(routers[4].mac.description == "00:00:5e:00:02:4e")
  }

  @Test("the nodes of a pair share everything but what names one of them")
  func sharedForm() throws {
    let one = try Sample.parse(Self.full())
    let other = try Sample.parse(
      Self.full(own: "3", peer: "2", priority: "100", node: "secondary"))
    #expect(other.canonical != one.canonical)
    #expect(other.sharedCanonical == one.sharedCanonical)
    for change in [
      ("\"weight\": 60", "\"weight\": 61"), ("\"acceptMode\": false", "\"acceptMode\": true"),
      ("rfc9568", "rfc5798"), ("s3cret", "s3cre7"), ("permissive", "enforce"),
      ("\"fall\": 5", "\"fall\": 6"), ("fe80::9/64", "fe80::8/64"),
      ("10.1.0.5/24\", \"groupId\": 78", "10.1.0.5/24\", \"groupId\": 79"),
    ] {
      let parts = Self.full().split(separator: change.0, omittingEmptySubsequences: false)
      let changed = try Sample.parse(parts.joined(separator: change.1))
      #expect(changed.sharedCanonical != one.sharedCanonical, "\(change.0)")
    }
  }

  @Test("a document that uses none of the later keys has the hash that the first release gives it")
  func oldHash() throws {
    let text = String(decoding: try Sample.parse().canonical, as: UTF8.self)
    for key in [
      "authMode", "acceptMode", "checksum", "checks", "unicastPeers", "allowedSources", "address6",
      "weight",
    ] { #expect(!text.contains(key), "\(key)") }
    #expect(text.contains("\"track\":[\"ge2\",\"ge3\"]"))
    #expect(text.contains("{\"address\":\"10.1.0.1/24\",\"port\":\"ge2\"}"))
  }

  @Test("RFC 9568 5.2.4: the owner's virtual address is its own, and only the owner's")
  func owner() throws {
    let owner = Sample.replacing(
      ("\"priority\": 200", "\"priority\": 255"), ("\"10.1.0.1/24\"", "\"10.1.0.2/24\""),
      ("\"203.0.113.1/24\"", "\"203.0.113.2/24\""),
      ("\"to\": \"203.0.113.1\"", "\"to\": \"203.0.113.2\""))
    #expect(try Sample.parse(owner).ha?.vrrp.isOwner == true)
    let other = Sample.replacing(
      ("\"10.1.0.1/24\"", "\"10.1.0.2/24\""),
      ("\"10.1.0.2/24\", \"dhcp\"", "\"10.1.0.3/24\", \"dhcp\""),
      ("\"203.0.113.2/24\",\n", "\"203.0.113.3/24\",\n"),
      ("\"203.0.113.1/24\"", "\"203.0.113.2/24\""),
      ("\"to\": \"203.0.113.1\"", "\"to\": \"203.0.113.2\""))
    #expect(Sample.problems(other) == [])
  }

  @Test("version 2 with a password, one second apart")
  func versionTwo() throws {
    let text = Sample.replacing(
      ("\"version\": 3", "\"version\": 2"), ("Ms\": 20", "Ms\": 1000"),
      ("\"password\": null", "\"password\": \"s3cret\""))
    #expect(try Sample.parse(text).ha?.vrrp.version == 2)
  }

  @Test("RFC 9568 6.1: without Accept_Mode a virtual address is silent, and nobody else's")
  func acceptMode() throws {
    let context = try Sample.parse(Self.full()).policyContext(hash: [])
    #expect(context.silentAddresses.contains(.v4(IPv4Address(10, 1, 0, 1))))
    #expect(!context.addresses.contains(.v4(IPv4Address(10, 1, 0, 1))))
    #expect(context.addresses.contains(.v4(IPv4Address(10, 1, 0, 2))))
    let open = try Sample.parse().policyContext(hash: [])
    #expect(open.silentAddresses.isEmpty)
    #expect(open.addresses.contains(.v4(IPv4Address(10, 1, 0, 1))))
  }
}
