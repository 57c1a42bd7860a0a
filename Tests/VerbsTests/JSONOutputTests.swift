import FoundationEssentials
import Netlink
import Policy
import Testing
import Wire

@testable import Verbs

/// What was printed when Foundation wrote it.
private func foundation(_ value: some Encodable) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  return String(decoding: try encoder.encode(value), as: UTF8.self)
}

@Suite("What --json prints") struct JSONOutputTests {
  @Test("sessions, as they stand")
  func sessions() throws {
    let flow = Flow(
      tuple: FlowTuple(
        transport: .tcp, source: FlowAddress(IPv4Address(10, 1, 0, 5)),
        destination: FlowAddress(IPv4Address(192, 0, 2, 7)), sourcePort: 40_000,
        destinationPort: 80))
    let listing = SessionVerbs.Listing(matches: 1, sessions: [Session(flow)])
    #expect(
      try jsonText(listing) == """
        {
          "matches" : 1,
          "sessions" : [
            {
              "mark" : 0,
              "original" : "10.1.0.5:40000>192.0.2.7:80",
              "proto" : "tcp",
              "reply" : "192.0.2.7:80>10.1.0.5:40000",
              "state" : "new",
              "timeoutSeconds" : 0,
              "translated" : false
            }
          ]
        }
        """)
    #expect(try jsonText(listing) == foundation(listing))
  }

  @Test("a policy, with counts and without")
  func policy() throws {
    let policy = PolicyDocument(
      version: 42, zones: [Zone(name: "lan", ports: ["p1"]), Zone(name: "wan", ports: ["p2"])],
      services: [Service(name: "dns", entries: [.init(.udp, ports: [53...53])])],
      rules: [Rule(id: "out", tier: .allow, from: ["lan"], to: ["wan"], service: "any")])
    for hits in [nil, PolicyHits(packets: ["c_default_denied": .max])] {
      let output = PolicyOutput(policy, ["a \"warning\" / \n"], hits)
      #expect(try jsonText(output) == foundation(output))
    }
  }

  @Test("a table of words")
  func version() throws {
    let version = ["version": "1.0", "supervisor": ""]
    #expect(
      try jsonText(version) == "{\n  \"supervisor\" : \"\",\n  \"version\" : \"1.0\"\n}")
  }
}
