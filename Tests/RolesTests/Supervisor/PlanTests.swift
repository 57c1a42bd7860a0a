import Configuration
import Messages
import Supervision
import Testing
import Wire

@testable import Roles

/// A pair's document as JSON; the arguments are what the tests vary.
private func plan(
  version: Int = 42, priority: Int = 200, lan: String = "10.1.0.2/24", routes: String = "",
  isPair: Bool = true, more: String = "", addresses: String = ""
) throws -> Plan {
  let ha = """
    "ha": {"port": "ge4", "address": "169.254.77.1/30", "peers": ["169.254.77.2"],
      "key": "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=", "node": "primary",
      "vrrp": {"groupId": 77, "priority": \(priority), \(more) "virtualAddresses": [
        {"port": "ge3", "address": "203.0.113.1/24"}, {"port": "ge2", "address": "10.1.0.1/24"}
        \(addresses)]}},
    """
  let text = """
    {"schema": 1,
     "gateway": {"name": "paris", "profile": "zt400",
       "deployment": "\(isPair ? "standard_mode_ha" : "standalone")"},
     "wan": {"port": "ge3", "mode": "static", "address": "203.0.113.2/24",
       "gateway": "203.0.113.254", "dns": []},
     "lan": [{"port": "ge2", "address": "\(lan)"}], \(isPair ? ha : "")
     "routes": [\(routes)],
     "policy": {"schema": 1, "version": \(version),
       "zones": {"lan": {"ports": ["ge2"]}, "wan": {"ports": ["ge3"]}},
       "rules": [], "defaults": {"action": "deny"}}}
    """
  return Plan(try ConfigurationDocument(parsing: Array(text.utf8)))
}

@Suite("Plan")
struct PlanTests {
  @Test("a pair runs four roles, a gateway alone only policy")
  func roles() throws {
    #expect(try plan().roles.map(\.name) == [.fence, .policy, .sync, .vrrp])
    #expect(try plan(isPair: false).roles.map(\.name) == [.policy])
    #expect(try plan(isPair: false).configuration(of: .vrrp, bootID: [], storedTerm: 0) == nil)
  }

  @Test("vrrp gets ports with their node address, the macvlan and what is owned")
  func vrrpPart() throws {
    let part = try plan().configuration(of: .vrrp, bootID: [1, 2], storedTerm: 9)
    guard case .vrrp(let vrrp) = part else {
      Issue.record("no part for vrrp")
      return
    }
    #expect(vrrp.bootID == [1, 2] && vrrp.storedTerm == 9 && vrrp.groupID == 77)
    #expect(
      vrrp.ports.last
        == VirtualRouterPort(
          port: "ge2", device: "vr4-ge2-77", groupID: 77,
          nodeAddress: .v4(IPv4Prefix(IPv4Address(10, 1, 0, 2), length: 24)),
          virtualAddresses: [.v4(IPv4Address(10, 1, 0, 1))]))
    #expect(vrrp.ports.map(\.port) == ["ge3", "ge2"])
    #expect(vrrp.tracked.map(\.port) == ["ge3", "ge2"])
    #expect(vrrp.advertInterval == .milliseconds(20))
  }

  @Test("vrrp gets everything that the document says of it, each router with its own peers")
  func wholeVRRPPart() throws {
    let more = """
      "password": "s3cret", "authMode": "permissive", "acceptMode": false, "checksum": "rfc9568",
      "track": [{"port": "ge3", "weight": 60}], "allowedSources": ["10.1.0.3", "fe80::3"],
      "unicastPeers": [{"port": "ge2", "addresses": ["10.1.0.3", "fe80::3"]}],
      "checks": [{"name": "isp", "kind": "http", "target": "http://10.1.0.9/", "weight": 90}],
      """
    let addresses = ", {\"port\": \"ge2\", \"address\": \"fe80::1/64\", \"groupId\": 78}"
    let plan = try plan(more: more, addresses: addresses)
    guard case .vrrp(let vrrp) = plan.configuration(of: .vrrp, bootID: [], storedTerm: 0) else {
      Issue.record("no part for vrrp")
      return
    }
    #expect(vrrp.password == Array("s3cret".utf8) && !vrrp.authEnforced && !vrrp.acceptMode)
    #expect(vrrp.checksum == .rfc9568 && vrrp.version == 3)
    #expect(vrrp.tracked == [TrackedLink(port: "ge3", weight: 60)])
    #expect(vrrp.allowedSources.map(\.description) == ["10.1.0.3", "fe80::3"])
    #expect(vrrp.ports.map(\.device) == ["vr4-ge3-77", "vr4-ge2-77", "vr6-ge2-78"])
    #expect(vrrp.ports.map { $0.unicastPeers.count } == [0, 1, 1])
    #expect(vrrp.ports.last?.groupID == 78 && vrrp.ports.last?.nodeAddress == nil)
    let check = try #require(plan.pathChecks?.checks.first)
    #expect(check.kind == .http && check.timeout == .milliseconds(500) && check.fall == 3)
    // What a drill asks for is inside, although the outside comes first in the document.
    #expect(plan.probe?.port == "ge2" && plan.probe?.virtualMAC == .virtualRouterIPv4(77))
  }

  @Test("path checks change while the roles run, weights of links do not")
  func checksAreLive() throws {
    let old = try plan()
    let check = "\"checks\": [{\"name\": \"a\", \"kind\": \"icmp\", \"target\": \"10.1.0.9\"}],"
    let changed = try plan(more: check)
    #expect(old.pathChecks == nil)
    #expect(changed.pathChecks?.checks.map(\.name) == ["a"] && changed.isLiveChange(from: old))
    #expect(
      try !plan(more: "\"track\": [{\"port\": \"ge3\", \"weight\": 9}],").isLiveChange(from: old))
  }

  @Test("fence waits three dead times, of at least 40 ms each")
  func fencePart() throws {
    let part = try plan().configuration(of: .fence, bootID: [], storedTerm: 0)
    guard case .fence(let fence) = part else {
      Issue.record("no part for fence")
      return
    }
    #expect(fence.silenceLimit == .milliseconds(180))
  }

  @Test("policy and routes change while the roles run; VRRP and addresses do not")
  func liveChange() throws {
    let old = try plan()
    #expect(try plan(version: 43).isLiveChange(from: old))
    let route = "{\"to\": \"10.9.0.0/16\", \"via\": \"10.1.0.250\"}"
    #expect(try plan(routes: route).isLiveChange(from: old))
    #expect(try !plan(priority: 150).isLiveChange(from: old))
    #expect(try !plan(lan: "10.1.0.3/24").isLiveChange(from: old))
    #expect(try !plan(isPair: false).isLiveChange(from: old))
  }

  @Test("the start order of the table holds for every role: no role requires a later one")
  func order() throws {
    var seen: Set<String> = []
    for role in try plan().roles {
      #expect(seen.isSuperset(of: role.service.requires + role.service.after))
      seen.insert(role.service.name)
    }
  }
}
