import Testing
import Wire

@testable import Policy

@Suite("What a change opens and closes is what the evaluator says of both policies")
struct EffectAgreementTests {
  @Test("random policies, one in place of another, and random packets")
  func agreement() {
    var (opened, closed) = (0, 0)
    for seed in 1...150 {
      var world = RandomWorld(seed: UInt64(seed))
      let old = world.policy
      let new = Self.changed(old, seed)
      let places = PolicyPlaces(old, new)
      let differences = new.differences(between: places, from: old, at: world.time)
      for _ in 0..<200 {
        let packet = world.packet()
        let transport = TransportProtocol(rawValue: packet.protocolNumber)
        if !packet.isTracked || transport?.hasPorts == true && packet.port == 0 { continue }
        let was = old.evaluate(packet, at: world.time).allowed
        let now = new.evaluate(packet, at: world.time).allowed
        let pair = Self.pair(packet, old, new, places)
        let difference = pair.flatMap { differences[$0] }
        let opens = difference?.opened.contains(transport, port: packet.port) ?? false
        let closes = difference?.closed.contains(transport, port: packet.port) ?? false
        #expect(opens == (now && !was) && closes == (was && !now), "seed \(seed): \(packet)")
        (opened, closed) = (opened + (opens ? 1 : 0), closed + (closes ? 1 : 0))
      }
    }
    // A test of equal policies would pass.
    #expect(opened > 1000 && closed > 1000)
  }

  /// With other rules, zones or groups.
  private static func changed(_ old: PolicyDocument, _ seed: Int) -> PolicyDocument {
    let other = RandomWorld(seed: UInt64(seed + 1_000)).policy
    var new = other
    switch seed % 4 {
    case 0: break
    case 1:
      new = old
      new.killSwitch = KillSwitch(
        level: seed % 8 == 1 ? .red : .yellow,
        yellow: [.init(from: ["any"], to: ["any"], service: "s0")])
      if let first = new.rules.first { new.rules[0].tier = first.tier == .deny ? .guard : .deny }
    default:
      new = old
      new.groups = old.groups.compactMap { group in
        var group = group
        group.nets = group.nets.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
        return group.id % 3 == 0 ? nil : group
      }
      let names = Set(new.groups.map(\.name))
      new.complements = old.complements.map { complement in
        var complement = complement
        complement.not.removeAll { !names.contains($0) }
        return complement
      }
      new.services = other.services
      if seed % 4 == 3, !new.zones.isEmpty { new.zones[0].ports.removeLast() }
    }
    return new
  }

  /// The places of both ends; nil where neither policy knows one of them.
  private static func pair(
    _ packet: PolicyPacket, _ old: PolicyDocument, _ new: PolicyDocument, _ places: PolicyPlaces
  ) -> PolicyPlaces.Pair? {
    let indexes = [
      (packet.source, packet.inInterface), (packet.destination, packet.outInterface),
    ].map { address, interface -> Int? in
      let names = [old, new].map { policy in
        policy.place(of: address, on: interface).map { $0.group?.name ?? $0.zone.name }
      }
      if names == [nil, nil] { return nil }
      // Zones of one name may be on other interfaces.
      let index = places.all.firstIndex { [$0.old, $0.new] == names }
      #expect(index != nil, "no place \(names)")
      return index
    }
    guard let from = indexes[0], let to = indexes[1] else { return nil }
    return PolicyPlaces.Pair(from: from, to: to)
  }
}
