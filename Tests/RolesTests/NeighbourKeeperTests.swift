import Linux
import SessionSync
import Testing
import Wire

@testable import Roles

@Suite("Neighbours in a kernel", .enabled(if: OwnNamespace.isAllowed, "\(OwnNamespace.reason)"))
struct NeighbourKeeperTests {
  private func host(_ n: Int, mac: UInt64? = nil, device: String = "ge2") -> SessionSync.Neighbour {
    SessionSync.Neighbour(
      device: device, address: .v4(IPv4Address(10, 1, 0, UInt8(n))),
      mac: MACAddress(mac ?? 0x0200_0000_0000 | UInt64(n)))
  }

  private let host6 = SessionSync.Neighbour(
    device: "ge2", address: .v6(IPv6Address(high: 0xfd00_0001 << 32, low: 0x10)),
    mac: MACAddress(0x0200_0000_0010))

  /// A port with a device for a virtual MAC, which is down as on a standby.
  private func inside(_ body: (NeighbourKeeper) throws -> Void) throws {
    try OwnNamespace.run {
      try OwnNamespace.makePorts("ge2", "ge3")
      try OwnNamespace.command("ip", "link", "set", "ge2", "up")
      try OwnNamespace.command("ip", "addr", "add", "10.1.0.2/24", "dev", "ge2")
      try OwnNamespace.command("ip", "link", "set", "ge3", "up")
      try OwnNamespace.command(
        "ip", "link", "add", "vrrp-ge2", "link", "ge2", "type", "macvlan", "mode", "private")
      try body(try NeighbourKeeper())
    }
  }

  private let devices = ["ge2", "vrrp-ge2"]

  @Test("what the peer knows is entered, changed and taken back; also on a device that is down")
  func follow() throws {
    try inside { keeper in
      keeper.follow([host(5), host(6), host6, host(7, device: "vrrp-ge2")], on: devices)
      let all = [host(5), host(6), host6, host(7, device: "vrrp-ge2")]
      #expect(try keeper.read(devices) == all)
      keeper.follow([host(5, mac: 0x0200_0000_0aaa)], on: devices)
      #expect(try keeper.read(devices) == [host(5, mac: 0x0200_0000_0aaa)])
      #expect(keeper.refused == 0)
      // The device keeps its entries as it is raised.
      keeper.follow([host(7, device: "vrrp-ge2")], on: devices)
      try OwnNamespace.command("ip", "link", "set", "vrrp-ge2", "up")
      #expect(try keeper.read(devices) == [host(7, device: "vrrp-ge2")])
    }
  }

  @Test("a device that is not one of the pair's is left alone")
  func foreignDevice() throws {
    try inside { keeper in
      keeper.follow([host(5, device: "ge3"), host(6)], on: devices)
      let known = try keeper.read(devices + ["ge3"])
      #expect(known == [host(6)])
    }
  }

  @Test("what this kernel has found out itself is not replaced, and is not taken back")
  func own() throws {
    try inside { keeper in
      try OwnNamespace.command(
        "ip", "neigh", "add", "10.1.0.5", "lladdr", "02:00:00:00:0b:0b", "dev", "ge2", "nud",
        "reachable")
      keeper.follow([host(5)], on: devices)
      #expect(try keeper.read(devices) == [host(5, mac: 0x0200_0000_0b0b)])
      keeper.follow([], on: devices)
      #expect(try keeper.read(devices) == [host(5, mac: 0x0200_0000_0b0b)])
      // Newer news of the peer count more.
      keeper.follow([host(5)], on: devices)
      keeper.follow([host(5, mac: 0x0200_0000_0c0c)], on: devices)
      #expect(try keeper.read(devices) == [host(5, mac: 0x0200_0000_0c0c)])
    }
  }

  @Test("a promotion enters again what the kernel has forgotten")
  func promotion() throws {
    try inside { keeper in
      keeper.follow([host(5), host(6)], on: devices)
      try OwnNamespace.command("ip", "neigh", "del", "10.1.0.5", "dev", "ge2")
      #expect(try keeper.read(devices) == [host(6)])
      keeper.promote()
      #expect(try keeper.read(devices) == [host(5), host(6)])
      // From here on they are the kernel's.
      keeper.demote()
      keeper.follow([], on: devices)
      #expect(try keeper.read(devices) == [host(5), host(6)])
    }
  }

  @Test("a standby enters again what its kernel has dropped, and nothing else")
  func restore() throws {
    try inside { keeper in
      keeper.follow([host(5), host(6)], on: devices)
      try OwnNamespace.command("ip", "neigh", "del", "10.1.0.5", "dev", "ge2")
      try OwnNamespace.command("ip", "neigh", "del", "10.1.0.6", "dev", "ge2")
      keeper.follow([host(5)], on: devices)
      try keeper.restore(devices)
      #expect(try keeper.read(devices) == [host(5)])
      // It is still the peer's to take back.
      keeper.follow([], on: devices)
      #expect(try keeper.read(devices).isEmpty)
    }
  }

  @Test("hosts that are looked for, given up or entered for good are not told")
  func states() throws {
    try inside { keeper in
      for (address, state) in [(5, "permanent"), (6, "noarp"), (7, "reachable"), (8, "probe")] {
        try OwnNamespace.command(
          "ip", "neigh", "add", "10.1.0.\(address)", "lladdr", "02:00:00:00:00:0\(address)", "dev",
          "ge2", "nud", state)
      }
      #expect(try keeper.read(devices) == [host(7), host(8)])
    }
  }
}
