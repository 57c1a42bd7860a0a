import Testing
import Wire

@testable import Roles

@Suite struct WANLeaseTests {
  private static let good = [
    "interface": "wan0", "ip": "203.0.113.15", "mask": "24", "subnet": "255.255.255.0",
    "router": "203.0.113.254", "dns": "1.1.1.1 8.8.8.8", "lease": "3600",
    "serverid": "203.0.113.253", "opt224": "706f7274616c2e6578616d706c653a38343433",
  ]

  private static func lease(_ changes: [String: String?]) throws -> WANLease {
    var environment = good
    for (name, value) in changes { environment[name] = value }
    return try WANLease(environment: environment)
  }

  @Test("a lease is read whole, with the portal of option 224")
  func whole() throws {
    let lease = try Self.lease([:])
    #expect(lease.address == IPv4Prefix("203.0.113.15/24"))
    #expect(lease.router == IPv4Address("203.0.113.254"))
    #expect(lease.dns.map(\.description) == ["1.1.1.1", "8.8.8.8"])
    #expect(lease.seconds == 3_600 && lease.interface == "wan0")
    #expect(lease.server == IPv4Address("203.0.113.253"))
    #expect(lease.portal == "portal.example:8443")
    #expect(lease.problems.isEmpty)
  }

  @Test("address, mask and time are needed, and must be what they are called")
  func required() {
    let cases: [(String, String?, WANLeaseProblem)] = [
      ("interface", nil, .missing(name: "interface")), ("ip", nil, .missing(name: "ip")),
      ("ip", "", .missing(name: "ip")), ("lease", nil, .missing(name: "lease")),
      ("ip", "203.0.113", .malformed(name: "ip", value: "203.0.113")),
      ("ip", "127.0.0.1", .malformed(name: "ip", value: "127.0.0.1")),
      ("ip", "224.0.0.18", .malformed(name: "ip", value: "224.0.0.18")),
      ("ip", "203.0.113.0", .malformed(name: "ip", value: "203.0.113.0")),
      ("ip", "203.0.113.255", .malformed(name: "ip", value: "203.0.113.255")),
      ("ip", "0.0.0.0", .malformed(name: "ip", value: "0.0.0.0")),
      ("mask", "33", .malformed(name: "mask", value: "33")),
      ("mask", "0", .malformed(name: "mask", value: "0")),
      ("lease", "0", .malformed(name: "lease", value: "0")),
      ("lease", "-1", .malformed(name: "lease", value: "-1")),
      ("lease", "99999999999", .malformed(name: "lease", value: "99999999999")),
    ]
    for (name, value, problem) in cases {
      #expect(throws: problem) { try Self.lease([name: value]) }
    }
  }

  @Test("without a number of bits the mask itself counts, if it is one")
  func masks() throws {
    for (mask, length) in [("255.255.255.0", 24), ("255.255.255.254", 31), ("255.255.240.0", 20)] {
      let lease = try Self.lease(["mask": nil, "subnet": mask])
      #expect(lease.address.length == length)
    }
    #expect(try Self.lease(["mask": nil, "subnet": "255.255.255.255"]).address.length == 32)
    for mask in ["255.0.255.0", "0.0.0.0", "0.255.255.255", "24", ""] {
      #expect(throws: WANLeaseProblem.self) { try Self.lease(["mask": nil, "subnet": mask]) }
    }
  }

  @Test("what is not needed is left out where it cannot be, and named")
  func optional() throws {
    let cases = [
      ("router", "10.9.0.1"), ("router", "203.0.113.15"), ("router", "x"),
      ("dns", "1.1.1.1 0.0.0.0"),
      ("dns", "; rm -rf"), ("serverid", "nobody"), ("opt224", "zz"), ("opt224", "7"),
    ]
    for (name, value) in cases {
      let lease = try Self.lease([name: value])
      #expect(lease.problems == [.malformed(name: name, value: value)])
    }
    let few = try Self.lease(["router": nil, "dns": nil, "serverid": nil, "opt224": nil])
    #expect(few.problems.isEmpty && few.router == nil && few.dns.isEmpty && few.portal == nil)
    #expect(try Self.lease(["dns": "9.9.9.1 9.9.9.2 9.9.9.3 9.9.9.4"]).dns.count == 3)
    #expect(try Self.lease(["router": "203.0.113.1 203.0.113.2"]).router?.value == 0xcb00_7101)
  }

  @Test("option 224 is a host, perhaps with a port and a scheme; anything else is none")
  func portal() {
    func place(_ text: String) -> String? {
      PortalOption.place(
        hexadecimal: text.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())
    }
    #expect(place("portal.example") == "portal.example:8443")
    #expect(place("https://portal.example") == "portal.example:8443")
    #expect(place("https://10.0.0.1:443") == "10.0.0.1:443")
    #expect(place("portal.example:9000\0") == "portal.example:9000")
    for wrong in [
      "", "http://portal.example", "portal.example:0", "portal.example:65536", "a b", "a:1:2",
      "portal.example/path", "user@portal.example", "-a", "a..b", "\u{e9}",
      String(repeating: "a.", count: 130) + "a",
    ] { #expect(place(wrong) == nil, "\(wrong)") }
  }

  @Test("the events of the client are known, others are nil")
  func events() {
    #expect(LeaseEvent(environment: ["event": "bound"]) == .bound)
    #expect(LeaseEvent(environment: ["event": "other"]) == nil)
    #expect(LeaseEvent(environment: [:]) == nil)
  }
}
