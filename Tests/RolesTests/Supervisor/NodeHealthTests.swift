import Testing
import Wire

@testable import Roles

@Suite struct NodeHealthTests {
  private func at(_ seconds: Int) -> Instant { Instant.zero + .seconds(seconds) }

  @Test("a role that is away for a moment is no reason; one that stays away is, by its name")
  func roles() {
    var health = NodeHealth()
    let away = NodeHealth.Picture(stoppedRoles: ["sync"])
    let looks = [(away, 0), (away, 4), (NodeHealth.Picture(), 5), (away, 6), (away, 11)].map {
      health.look($0.0, at: at($0.1))
    }
    #expect(looks == [false, false, false, false, true])
    #expect(health.reasons == ["sync does not run"])
    let isOver = health.look(.init(), at: at(12))
    #expect(isOver && health.reasons.isEmpty)
  }

  @Test("a policy that the kernel does not confirm counts after a while")
  func policy() {
    var health = NodeHealth()
    let unconfirmed = NodeHealth.Picture(unconfirmedPolicy: [1])
    let looks = [0, 5].map { health.look(unconfirmed, at: at($0)) }
    #expect(looks == [false, true])
    #expect(health.reasons == ["the policy is not confirmed by the kernel"])
  }

  @Test("policies that follow each other are each on its way at some look, and none is stuck")
  func busyPolicy() {
    var health = NodeHealth()
    let looks = (0...20).map { second in
      health.look(.init(unconfirmedPolicy: [UInt8(second)]), at: at(second))
    }
    #expect(!looks.contains(true) && health.reasons.isEmpty)
    // The last of them is.
    let isStuck = health.look(.init(unconfirmedPolicy: [20]), at: at(25))
    #expect(isStuck && health.reasons.count == 1)
  }

  @Test("the connection table counts above 95 %, and no more below 90 %")
  func connections() {
    var health = NodeHealth()
    func look(_ count: Int, _ seconds: Int) -> [String] {
      _ = health.look(.init(connections: (count, 1_000)), at: at(seconds))
      return health.burdens.map(\.text)
    }
    #expect(look(950, 0) == [])
    #expect(look(951, 1) == ["the connection table is more than 95 % full"])
    #expect(look(901, 2).count == 1)
    #expect(look(900, 3) == [])
    #expect(look(950, 4) == [])
  }

  @Test("a disk that cannot be written counts at once, with the reason, and forbids nothing")
  func disk() {
    var health = NodeHealth()
    let isOther = health.look(.init(diskProblem: "No space left on device"), at: at(0))
    #expect(isOther)
    #expect(health.reasons.isEmpty)
    #expect(
      health.burdens == [
        .init(name: "disk", text: "the disk cannot be written: No space left on device")
      ])
  }

  @Test("the neighbour's address is found by address and interface, and not while it is asked for")
  func neighbours() {
    let text = """
      IP address       HW type     Flags       HW address            Mask     Device
      169.254.77.2     0x1         0x2         52:54:00:12:34:56     *        ge4
      10.1.0.9         0x1         0x0         00:00:00:00:00:00     *        ge2
      """
    let peer = IPv4Address(169, 254, 77, 2)
    #expect(
      ARPTable.mac(of: peer, on: "ge4", in: text) == MACAddress("52:54:00:12:34:56"))
    #expect(ARPTable.mac(of: peer, on: "ge2", in: text) == nil)
    #expect(ARPTable.mac(of: IPv4Address(10, 1, 0, 9), on: "ge2", in: text) == nil)
    #expect(ARPTable.mac(of: peer, on: "ge4", in: "") == nil)
  }
}
