import Policy
import Testing
import Wire

@testable import Configuration

/// `policy.groups.*.match`.
struct HostGroupDocumentTests {
  private static func text(_ group: String, dhcp: String = "null") -> String {
    Sample.replacing(
      ("\"nets\": [\"10.1.0.64/28\"]", group), ("\"dhcp\": null", "\"dhcp\": \(dhcp)"))
  }

  private static let server = """
    {"mode": "server", "from": "10.1.0.100", "to": "10.1.0.199",
     "reservations": [{"mac": "02:00:00:00:00:14", "address": "10.1.0.20", "name": "printer"}]}
    """

  @Test("it is read and written; a group without it has the form that it had")
  func forms() throws {
    let match = """
      "match": [{"mac": "02:00:00:00:0A:20"}, {"oui": "00:40:8c"}, {"name": "cam-?"}]
      """
    let document = try Sample.parse(Self.text(match))
    let group = try #require(document.policy.groups.first)
    #expect(group.nets.isEmpty)
    #expect(
      group.match == [.mac(MACAddress(0x0200_0000_0a20)), .oui(0x00408c), .name("cam-?")])
    #expect(try ConfigurationDocument(parsing: document.canonical) == document)
    let both = try Sample.parse(Self.text("\"nets\": [\"10.1.0.64/28\"], \(match)"))
    #expect(both.policy.groups.first?.nets.count == 1)
    #expect(both.policy.groups.first?.match == group.match)
    #expect(try ConfigurationDocument(parsing: both.canonical) == both)
    let plain = try Sample.parse(Self.text("\"nets\": [\"10.1.0.64/28\"]"))
    #expect(!String(decoding: plain.canonical, as: UTF8.self).contains("match"))
  }

  @Test("each mistake has its place and its remedy")
  func mistakes() {
    let path = "policy.groups.cameras"
    #expect(Sample.problems(Self.text("\"match\": []")).count == 1)
    #expect(
      Sample.problems(Self.text("\"match\": [{\"oui\": \"00:40\"}, {}, 7]")) == [
        "\(path).match[0].oui: \"00:40\" is not three octets such as 00:40:8c",
        "\(path).match[1]: must have one of mac, oui and name",
        "\(path).match[2]: a number is not an object",
      ])
    #expect(
      Sample.problems(
        Self.text(
          "\"match\": [{\"mac\": \"01:00:00:00:00:01\"}, {\"mac\": \"02:00:00:00:00:01\", \"name\": \"a\"}]"
        )
      ) == [
        "\(path).match[0].mac: \"01:00:00:00:00:01\" is not "
          + "the Ethernet address of a host such as 02:00:00:00:00:0a",
        "\(path).match[1]: must have one of mac, oui and name",
      ])
    // Without either.
    #expect(Sample.problems(Self.text("\"nets\": []")).count == 1)
  }

  @Test("hosts are those with a lease or a reservation, each once; names are those of reservations")
  func hosts() throws {
    let document = try Sample.parse(
      Self.text("\"match\": [{\"name\": \"printer\"}]", dhcp: Self.server))
    #expect(document.needsHosts)
    #expect(
      try !Sample.parse(Self.text("\"nets\": [\"10.1.0.64/28\"]", dhcp: Self.server)).needsHosts)
    let (printer, other) = (MACAddress(0x0200_0000_0014), MACAddress(0x0200_0000_0015))
    let hosts = document.lanHosts(leased: [
      (printer, IPv4Address(10, 1, 0, 20)), (other, IPv4Address(10, 1, 0, 101)),
      (other, IPv4Address(10, 7, 0, 1)),
    ])
    #expect(
      hosts == [
        LANHost(
          interface: "ge2", mac: printer, address: IPv4Address(10, 1, 0, 20), name: "printer"),
        LANHost(interface: "ge2", mac: other, address: IPv4Address(10, 1, 0, 101)),
      ])
    // Whoever has it is there, not whom it is reserved for.
    #expect(
      document.lanHosts(leased: [(other, IPv4Address(10, 1, 0, 20))]).map(\.mac) == [other])
    let from = try #require(IPAddress("10.1.0.20"))
    let to = try #require(IPAddress("192.0.2.1"))
    func group(_ document: ConfigurationDocument) -> String? {
      document.explain(from: from, to: to, protocolNumber: 6, port: 443).from.group
    }
    #expect(group(document) == nil && group(document.with(hosts)) == "cameras")
  }

  @Test("a group that can match nobody is warned of")
  func warnings() throws {
    let match = "\"match\": [{\"oui\": \"00:40:8c\"}]"
    let warning = "group cameras matches nobody: no port of lan has dhcp with mode server"
    #expect(try Sample.parse(Self.text(match)).policyWarnings.contains(warning))
    #expect(try !Sample.parse(Self.text(match, dhcp: Self.server)).policyWarnings.contains(warning))
  }
}
