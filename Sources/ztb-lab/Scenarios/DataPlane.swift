import Linux
import Wire

/// Checks of one pair's data plane, by what leaves its machines.
final class DataPlane {
  let stage: Stage
  let world: World
  let wire: Capture

  /// What an announcement schedule is, in milliseconds after the first (RFC 9568 8.1.2 asks for
  /// one; neighbours and switches lose frames).
  private static let schedule = [0, 1, 10, 100, 1000]
  /// How late this machine may be with one of them.
  private static let lateness = Interval.milliseconds(20)
  private static let ports: [Port] = [.lan, .wan]
  private static let virtualMAC = Dialect.version3.virtualMAC

  init(_ stage: Stage, _ world: World? = nil) throws {
    self.stage = stage
    self.world = try world ?? stage.makeWorld()
    wire = try Capture(self.world.fabric)
    self.world.companions.append(wire)
  }

  private func virtual(_ port: Port) -> IPv4Address {
    port == .lan ? Plan.lanVirtual : Plan.wanVirtual
  }

  /// D03: ARP to the standby alone, and pings to the virtual MAC and address.
  func standbyIsSilent() throws -> String {
    let standby = try world.waitForPair(active: nil).peer
    try wire.clear()
    for _ in 0..<25 {
      for port in DataPlane.ports {
        try wire.ask(virtual(port), port, to: standby)
        try wire.send(ping(port), port, to: standby)
      }
      try world.pause(milliseconds: 20)
    }
    let answers = wire.frames.filter { frame in
      guard frame.node == standby else { return false }
      if let arp = frame.arp, arp.sender == virtual(frame.port) { return true }
      return frame.ipProtocol == 1 || frame.arp?.target == Plan.asker(frame.port)
    }
    try stage.expect(answers.isEmpty, "\(answers.count) answers, first \(answers[0].octets)")
    return "50 questions by ARP and 50 pings, no answer"
  }

  /// D05: also when a switch asks for groups; and the switches keep the virtual MAC where it is.
  func standbyKeepsMAC() throws -> String {
    let active = try world.waitForPair(active: nil)
    try wire.clear()
    for port in DataPlane.ports { try wire.send(groupQuery(port), port) }
    try world.pause(milliseconds: 2500)
    let frames = wire.frames
    for port in DataPlane.ports {
      try stage.expect(
        frames.contains { $0.node == active && $0.port == port && $0.isFromVirtualMAC },
        "nothing of the active was seen on \(port)")
    }
    let strays = frames.filter { $0.node == active.peer && $0.isFromVirtualMAC }
    try stage.expect(strays.isEmpty, "\(strays.count) frames of the standby have the virtual MAC")
    let reports = frames.filter(\.isGroupReport)
    try stage.expect(
      reports.allSatisfy { !$0.isFromVirtualMAC }, "a group report has the virtual MAC")
    try expectSwitches(active)
    return "no frame of \(frames.count) strays, nor one of \(reports.count) group reports"
  }

  /// D04: the node has to ask for the client itself, and must not show its own MAC with the
  /// virtual address.
  func activeHidesMAC() throws -> String {
    let active = try world.waitForPair(active: nil)
    try wire.clear()
    for _ in 0..<3 {
      try world.gateway(active).host.run(["ip", "neigh", "flush", "all"])
      try world.client.run(["ip", "neigh", "flush", "all"])
      try world.client.run(["ping", "-c", "1", "-W", "2", "\(Plan.server)"])
      try world.pause(milliseconds: 100)
    }
    let shown = wire.frames.compactMap { frame -> (CapturedFrame, CapturedFrame.ARP)? in
      guard frame.node == active, let arp = frame.arp, arp.sender == virtual(frame.port) else {
        return nil
      }
      return (frame, arp)
    }
    try stage.expect(!shown.isEmpty, "the active never named the virtual address")
    let leaks = shown.filter {
      $0.1.senderMAC != DataPlane.virtualMAC || $0.0.source != DataPlane.virtualMAC
    }
    try stage.expect(leaks.isEmpty, "\(leaks.count) of \(shown.count) messages show another MAC")
    let entry = try world.client.run(["ip", "neigh", "show", "\(Plan.lanVirtual)"])
    try stage.expect(entry.contains("\(DataPlane.virtualMAC)"), "the client has \(entry)")
    return "\(shown.count) messages name the virtual address, all with the virtual MAC"
  }

  /// D10: by ARP with the physical MAC, and by the path of a ping.
  func ownAddressAnswers() throws -> String {
    try wire.clear()
    for node in Node.allCases { try wire.ask(node.lanAddress, .lan) }
    try world.pause(milliseconds: 50)
    for node in Node.allCases {
      let answers = wire.frames.filter {
        $0.arp?.isReply == true && $0.arp?.sender == node.lanAddress
      }
      try stage.expect(
        answers.count == 1 && answers[0].node == node
          && answers[0].arp?.senderMAC == Port.lan.mac(node),
        "\(answers.count) answers for \(node.name)")
      try world.client.run(["ping", "-c", "1", "-W", "2", "\(node.lanAddress)"])
    }
    return "each node answers for itself, with its own MAC, and to a ping"
  }

  /// D01 and D06: a planned move, seen from the first announcement on.
  func announcements() throws -> String {
    let old = try world.waitForPair(active: nil)
    try wire.clear()
    try world.switchOver(old)
    try world.pause(milliseconds: 1500)
    var notes: [String] = []
    for port in DataPlane.ports {
      let frames = wire.frames.filter { $0.port == port && $0.arp?.isAnnouncement == true }
      try stage.expect(frames.allSatisfy { $0.node == old.peer }, "the old active announces")
      for frame in frames { try expectAnnouncement(frame, port) }
      guard let first = frames.first else { throw LabError.failed("no announcement on \(port)") }
      let times = frames.map { $0.at - first.at }
      notes.append(times.map { $0.milliseconds.text() }.joined(separator: " "))
      try stage.expect(
        times.count == DataPlane.schedule.count, "\(times.count) announcements on \(port)")
      for (time, due) in zip(times, DataPlane.schedule) {
        let early = Interval.milliseconds(due) - time
        try stage.expect(
          early < .milliseconds(3) && time - .milliseconds(due) < DataPlane.lateness,
          "\(port): announced after \(notes.last ?? "") ms")
      }
      try expectOrder(port, old: old)
    }
    try expectSwitches(old.peer)
    return "after \(notes.joined(separator: "; ")) ms; nothing of the old node came later"
  }

  /// D07: no answer any more, shortly after the role was killed.
  func crashTakesAddress() throws -> String {
    let active = try world.waitForPair(active: nil)
    try wire.clear()
    try world.gateway(active).crash()
    let struck = MonotonicClock.now()
    for _ in 0..<100 {
      for port in DataPlane.ports { try wire.ask(virtual(port), port, to: active) }
      try world.pause(milliseconds: 5)
    }
    let last = wire.frames.last {
      $0.node == active && ($0.isFromVirtualMAC || $0.arp?.sender == virtual($0.port))
    }
    let late = last.map { $0.at - struck } ?? .zero
    try stage.expect(late < .milliseconds(100), "it still answered after \(late)")
    try world.waitForPair(active: active.peer, seconds: 60)
    try expectSwitches(active.peer)
    return "its last frame with the virtual MAC came \(late.milliseconds.text(1)) ms after the kill"
  }

  /// A planned move: the new node alone answers, and the client reaches the server through it.
  func movesAndForwards() throws -> String {
    let old = try world.waitForPair(active: nil)
    try world.switchOver(old)
    let referee = Referee(world: world, wire: wire, dialect: .version3)
    try world.pause(milliseconds: 100)
    let seen = try referee.watch(old.peer, milliseconds: 500)
    try stage.expect(
      seen.rivalAdverts == 0 && seen.rivalAnswers == 0 && seen.unanswered == 0, seen.description)
    try world.client.run(["ping", "-c", "2", "-W", "2", "\(Plan.server)"])
    try expectSwitches(old.peer)
    return "\(old.peer.name) took over and forwards: \(seen.description)"
  }

  /// A planned move and then a power cut under a probe.
  func moveUnderProbe(_ fleet: Fleet) throws -> String {
    let old = try world.waitForPair(active: nil, seconds: 60)
    try world.pause(milliseconds: 600)
    let moved = try world.under(fleet, pause: 500) { try world.switchOver(old) }
    let cut = try world.waitForPair(active: old.peer)
    let lost = try world.under(fleet, pause: 500) { try world.cutPower(cut) }
    let gaps = [moved, lost].map { $0.probe?.gapMs ?? .infinity }
    try stage.expect(gaps.allSatisfy { $0 < 300 }, "blackouts of \(gaps) ms")
    try world.restorePower(cut)
    return "blackout \(gaps[0].text()) ms at a planned move, \(gaps[1].text()) ms at a power cut"
  }

  /// RFC 9568 8.1.2 with errata 7947 and 7949.
  private func expectAnnouncement(_ frame: CapturedFrame, _ port: Port) throws {
    guard let arp = frame.arp else { return }
    try stage.expect(
      arp.sender == virtual(port) && arp.senderMAC == DataPlane.virtualMAC
        && frame.source == DataPlane.virtualMAC && frame.destination == .broadcast && !arp.isReply,
      "an announcement is wrong: \(frame.octets)")
  }

  /// After the first frame of the new node with the virtual MAC, none of the old one.
  private func expectOrder(_ port: Port, old: Node) throws {
    let frames = wire.frames.filter { $0.port == port && $0.isFromVirtualMAC }
    guard let first = frames.firstIndex(where: { $0.node == old.peer }) else {
      throw LabError.failed("\(port): the new active never used the virtual MAC")
    }
    let late = frames[first...].filter { $0.node == old }
    try stage.expect(late.isEmpty, "\(port): \(late.count) frames of the old node came later")
  }

  /// The switches have learnt the virtual MAC behind the active's ports.
  private func expectSwitches(_ active: Node) throws {
    for port in DataPlane.ports {
      let table = try world.fabric.host.run(["bridge", "fdb", "show", "br", port.bridge(.a)])
      let entries = table.split(separator: "\n").filter { $0.hasPrefix("\(DataPlane.virtualMAC)") }
      try stage.expect(
        entries.count == 1 && entries[0].contains("dev \(port.switchPort(active)) "),
        "the switch of \(port.network) has \(entries)")
    }
  }

  /// An echo request from nobody to the virtual address and MAC.
  private func ping(_ port: Port) -> [UInt8] {
    ipv4(port, DataPlane.virtualMAC, virtual(port), 1, [8, 0, 0xf7, 0xff, 0, 0, 0, 0])
  }

  /// A general query of IGMP version 2, to be answered within a second (RFC 2236 2).
  private func groupQuery(_ port: Port) -> [UInt8] {
    ipv4(
      port, MACAddress(0x0100_5e00_0001), IPv4Address(224, 0, 0, 1), 2,
      [0x11, 10, 0xee, 0xf5, 0, 0, 0, 0], timeToLive: 1)
  }

  private func ipv4(
    _ port: Port, _ mac: MACAddress, _ target: IPv4Address, _ protocolNumber: UInt8,
    _ payload: [UInt8], timeToLive: UInt8 = 64
  ) -> [UInt8] {
    var writer = ByteWriter(capacity: 64)
    writer.octets([0x45, 0, 0, UInt8(20 + payload.count), 0, 0, 0, 0, timeToLive, protocolNumber])
    writer.uint16(0)
    writer.octets(Plan.asker(port).octets + target.octets)
    var checksum = InternetChecksum()
    checksum.add(writer.bytes)
    writer.patch16(checksum.value, at: 10)
    return mac.octets + Capture.askerMAC(port).octets + [0x08, 0x00] + writer.bytes + payload
  }
}
