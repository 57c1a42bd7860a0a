import Configuration
import Testing
import Wire

@testable import Init

@Suite struct PortNamingTests {
  private static func card(
    _ name: String, _ slot: String, address: UInt64 = 0, isMultifunction: Bool = false,
    onboard: Int? = nil, hotplug: Int? = nil
  ) -> NetworkCard {
    NetworkCard(
      name: name, address: MACAddress(0x5254_0000_0000 + address), slot: slot,
      isMultifunction: isMultifunction, onboard: onboard, hotplug: hotplug)
  }

  private static let machine = [
    card("eth2", "0000:00:04.0", address: 1), card("eth1", "0000:00:05.0", address: 2),
    card("eth0", "0000:00:06.0", address: 3), card("eth3", "0000:00:07.0", address: 4),
  ]

  @Test("names are those of systems that predict them")
  func predictable() {
    #expect(Self.card("eth0", "0000:04:00.0").predictableNames == ["enp4s0"])
    #expect(Self.card("eth0", "0000:0a:00.1").predictableNames == ["enp10s0f1"])
    #expect(
      Self.card("eth0", "0000:02:00.0", isMultifunction: true).predictableNames == ["enp2s0f0"])
    #expect(Self.card("eth0", "0000:03:1f.0", onboard: 1).predictableNames == ["eno1", "enp3s31"])
    #expect(
      Self.card("eth0", "0000:5e:00.2", isMultifunction: true, hotplug: 84).predictableNames
        == ["ens84f2", "enp94s0f2"])
    #expect(Self.card("usb0", "").predictableNames == [])
  }

  @Test("a virtual machine's ports are in the order of the slots, whatever the kernel called them")
  func machine() throws {
    let profile = try #require(Profile(named: "vm"))
    let naming = PortNaming(profile, Self.machine.reversed(), overrides: [:])
    #expect(naming.names == ["eth2": "ge1", "eth1": "ge2", "eth0": "ge3", "eth3": "ge4"])
    #expect(naming.remarks == [])
  }

  @Test("cards without a port keep their names and are told, and so are ports without a card")
  func remarks() throws {
    let profile = try #require(Profile(named: "vm"))
    let more = PortNaming(
      profile, Self.machine + [Self.card("eth4", "0000:00:08.0", address: 5)], overrides: [:])
    #expect(more.names["eth4"] == nil)
    #expect(more.remarks == ["eth4 (52:54:00:00:00:05, 0000:00:08.0) is no port of a vm"])
    let fewer = PortNaming(profile, Array(Self.machine.prefix(3)), overrides: [:])
    #expect(fewer.remarks == ["ge4: no network card"])
  }

  @Test("a model's ports are where the model says, in any order of the kernel's names")
  func model() throws {
    let profile = try #require(Profile(named: "zt600"))
    let cards = [
      Self.card("eth0", "0000:02:00.0"), Self.card("eth1", "0000:03:00.0"),
      Self.card("eth2", "0000:05:00.3", isMultifunction: true, onboard: 4),
      Self.card("eth3", "0000:05:00.0", isMultifunction: true, onboard: 1),
    ]
    let naming = PortNaming(profile, cards, overrides: [:])
    #expect(naming.names == ["eth0": "ge2", "eth1": "ge1", "eth3": "ge3", "eth2": "ge6"])
    #expect(naming.remarks == ["ge4: no network card", "ge5: no network card"])
  }

  @Test("the box's own map comes before the model's, and no other card takes a port of it")
  func overrides() throws {
    let profile = try #require(Profile(named: "vm"))
    let given = try PortOverrides.parse("ge1 52:54:00:00:00:04\n\nge3 52:54:00:00:00:99\n", profile)
    let naming = PortNaming(profile, Self.machine, overrides: given)
    #expect(naming.names == ["eth3": "ge1", "eth2": "ge2", "eth1": "ge4"])
    #expect(
      naming.remarks == [
        "ge3: no network card", "eth0 (52:54:00:00:00:03, 0000:00:06.0) is no port of a vm",
      ])
  }

  @Test(
    "a map with an error is not used, and the line is named",
    arguments: [
      ("ge1", 1), ("ge1 52:54:00:00:00:01 x", 1), ("ge9 52:54:00:00:00:01", 1),
      ("\nge1 52:54:00:00:01", 2), ("ge1 52:54:00:00:00:01\nge1 52:54:00:00:00:02", 2),
      ("ge1 52:54:00:00:00:01\nge2 52:54:00:00:00:01", 2), ("# comment", 1),
    ])
  func badMap(text: String, line: Int) throws {
    let profile = try #require(Profile(named: "vm"))
    let problem = #expect(throws: PortOverrides.Problem.self) {
      try PortOverrides.parse(text, profile)
    }
    #expect(problem?.line == line)
    #expect(problem?.description.hasPrefix("/cfg/ports line \(line): ") == true)
  }
}
