import Policy
import Wire

/// A policy and packets over few addresses and ports, so that they meet often.
struct RandomWorld {
  static let interfaces = ["p0", "p1", "p2", "p3"]

  let policy: PolicyDocument
  /// When all packets come, in seconds since 1970.
  let time: Int64
  /// With port forwards: `p0` is outside.
  let context: PolicyContext
  private var random: SplitMix64
  /// Ports at the edges of what the policy names.
  private let ports: [UInt16]

  /// The same world for the same seed.
  init(seed: UInt64) {
    var random = SplitMix64(seed)
    let zones = Self.zones(&random)
    let groups = zones.isEmpty ? [] : Self.groups(zones, &random)
    let services = (0..<4).map { index in
      Service(name: "s\(index)", entries: random.times(1...4) { Self.entry(&$0) })
    }
    let complements = groups.isEmpty ? [] : Self.complements(groups, &random)
    let names =
      zones.map(\.name) + groups.map(\.name) + complements.map(\.name) + [PolicyDocument.any]
    let serviceNames = services.map(\.name) + [PolicyDocument.any]
    let rules = (0..<random.number(in: 0...12)).map { index in
      Rule(
        // Not in the order of the document.
        id: "r\(index * 7 % 13)", tier: random.pick([.allow, .allow, .allow, .deny]),
        from: random.times(1...2) { $0.pick(names) }, to: random.times(1...2) { $0.pick(names) },
        service: random.pick(serviceNames), schedule: random.pick([nil, nil, nil, "h0", "h1"]))
    }
    policy = PolicyDocument(
      version: UInt32(1 + seed % 1_000_000), zones: zones, groups: groups, complements: complements,
      services: services, rules: rules, schedules: (0...1).map { Self.schedule($0, &random) })
    // Some minute of the ten years from 2026 on.
    time = 1_767_225_600 + Int64(random.number(in: 0...5_259_600)) * 60
    let bounds = services.flatMap(\.entries).flatMap(\.ports).flatMap { range in
      [
        range.lowerBound &- 1, range.lowerBound, range.upperBound, range.upperBound &+ 1,
      ]
    }
    ports = bounds + [0, 1, 443, 65_535]
    context = Self.context(&random)
    self.random = random
  }

  private static func schedule(_ index: Int, _ random: inout SplitMix64) -> Schedule {
    let names = ["UTC", "Europe/Paris", "America/Los_Angeles", "Australia/Lord_Howe"]
    let from = random.number(in: 0...1439)
    guard let timeZone = TimeZone(named: random.pick(names)) else {
      preconditionFailure("they are in the table")
    }
    return Schedule(
      name: "h\(index)",
      days: Schedule.Weekday.allCases.filter { _ in random.number(in: 0...3) > 0 },
      from: from, to: (from + random.number(in: 1...1439)) % 1440, timeZone: timeZone)
  }

  private static func context(_ random: inout SplitMix64) -> PolicyContext {
    let forwards = random.times(0...4) { forward(&$0) }
    return PolicyContext(
      interfaces: interfaces.map { .init(name: $0, isOutside: $0 == "p0") },
      addresses: [], managementPort: "none", link: nil, translations: [],
      // What is about one port is about none of the others.
      forwards: forwards.indices.filter { index in
        !forwards[..<index].contains {
          $0.address == forwards[index].address && $0.transport == forwards[index].transport
        }
      }.map { forwards[$0] },
      reflections: AddressFamily.allCases.map(reflection),
      hash: [UInt8](repeating: 1, count: 32))
  }

  /// From an address that no host has.
  private static func forward(_ random: inout SplitMix64) -> PolicyContext.PortForward {
    let family = random.pick(AddressFamily.allCases)
    let own: IPAddress =
      family == .ipv4
      ? .v4(IPv4Address(10, 0, 0, UInt8(64 + random.number(in: 0...1))))
      : .v6(IPv6Address(high: 0xfd00 << 48, low: UInt64(64 + random.number(in: 0...1))))
    let low = UInt16(random.pick([1, 8_000, 65_530]))
    return PolicyContext.PortForward(
      id: "f", address: own, transport: random.pick([.tcp, .udp, .sctp]),
      ports: low...low + UInt16(random.number(in: 0...5)), to: address(family, &random),
      toPort: UInt16(random.pick([1, 20, 443, 65_530])), isReflected: random.number(in: 0...1) == 1)
  }

  /// Of half of the hosts, where they leave by `p1`.
  private static func reflection(_ family: AddressFamily) -> PolicyContext.Translation {
    switch family {
    case .ipv4:
      .init(
        from: .v4(IPv4Prefix(IPv4Address(10, 0, 0, 0), length: 27)), interfaces: ["p1"],
        to: .v4(IPv4Address(10, 0, 0, 70)), randomPorts: false)
    case .ipv6:
      .init(
        from: .v6(IPv6Prefix(IPv6Address(high: 0xfd00 << 48, low: 0), length: 123)),
        interfaces: ["p1"], to: .v6(IPv6Address(high: 0xfd00 << 48, low: 70)), randomPorts: false)
    }
  }

  /// The packet as it leaves, if it may.
  func translated(_ packet: PolicyPacket) -> PolicyPacket {
    var result = context.forwarded(packet)
    guard result != packet else { return packet }
    let reflection = context.reflections.first {
      $0.from.contains(packet.source) && $0.interfaces.contains(packet.outInterface)
    }
    if let source = reflection?.to { result.source = source }
    return result
  }

  /// Each interface is in one zone or in none, and a zone may have several.
  private static func zones(_ random: inout SplitMix64) -> [Zone] {
    var zones: [String: [String]] = [:]
    for interface in interfaces {
      let number = random.number(in: 0...5)
      if number < 5 { zones["z\(number / 2)", default: []].append(interface) }
    }
    return zones.keys.sorted().map { Zone(name: $0, ports: zones[$0] ?? []) }
  }

  /// Networks of a zone are apart; those of different zones contain each other as they like.
  private static func groups(_ zones: [Zone], _ random: inout SplitMix64) -> [Group] {
    var taken: [String: [IPPrefix]] = [:]
    var groups: [Group] = []
    for index in 0..<random.number(in: 0...6) {
      let zone = random.pick(zones).name
      let nets = random.times(1...4) { network(&$0) }.filter { net in
        let isFree = !(taken[zone] ?? []).contains { $0.overlaps(net) }
        if isFree { taken[zone, default: []].append(net) }
        return isFree
      }
      if !nets.isEmpty {
        groups.append(Group(name: "g\(index)", id: UInt16(1 + index * 571), zone: zone, nets: nets))
      }
    }
    return groups
  }

  /// What is left of a zone without one or two of its groups.
  private static func complements(
    _ groups: [Group], _ random: inout SplitMix64
  ) -> [Complement] {
    (0..<random.number(in: 0...3)).map { index in
      let zone = random.pick(groups).zone
      let others = groups.filter { $0.zone == zone }.map(\.name)
      return Complement(
        name: "n\(index)", zone: zone, not: random.times(1...2) { $0.pick(others) })
    }
  }

  private static func network(_ random: inout SplitMix64) -> IPPrefix {
    // Everything, the whole world of the packets, or a part of it.
    let suffix = [32, 6, 5, 4, 3, 2, 1, 0, 0, 0][random.number(in: 0...9)]
    switch address(random.pick(AddressFamily.allCases), &random) {
    case .v4(let address):
      return .v4(IPv4Prefix(address, length: 32 - suffix).network)
    case .v6(let address):
      return .v6(IPv6Prefix(address, length: suffix == 32 ? 0 : 128 - suffix).network)
    }
  }

  private static func address(_ family: AddressFamily, _ random: inout SplitMix64) -> IPAddress {
    let host = random.number(in: 0...63)
    return switch family {
    case .ipv4: .v4(IPv4Address(10, 0, 0, UInt8(host)))
    case .ipv6: .v6(IPv6Address(high: 0xfd00 << 48, low: UInt64(host)))
    }
  }

  private static func entry(_ random: inout SplitMix64) -> Service.Entry {
    let transport = random.pick(TransportProtocol.allCases)
    guard transport.hasPorts else { return .init(transport) }
    let ports = random.times(0...4) { random in
      let low = UInt16(random.pick([1, 1, 20, 20, 443, 65_530]) + random.number(in: 0...5))
      return low...UInt16(min(65_535, Int(low) + random.pick([0, 0, 1, 4, 70_000])))
    }
    return .init(transport, ports: ports)
  }

  /// The first packet of some connection.
  mutating func packet() -> PolicyPacket {
    guard !context.forwards.isEmpty, random.number(in: 0...3) == 0 else { return plainPacket() }
    // To a port forward, or close by.
    let forward = random.pick(context.forwards)
    let ends = [forward.ports.lowerBound, forward.ports.upperBound]
    let port = random.pick(ends + [forward.ports.lowerBound - 1, forward.ports.upperBound &+ 1])
    return PolicyPacket(
      inInterface: random.pick(["p0"] + Self.interfaces),
      outInterface: random.pick(Self.interfaces),
      source: Self.address(forward.address.family, &random), destination: forward.address,
      protocolNumber: random.pick([forward.transport, forward.transport, .tcp]).rawValue,
      port: port)
  }

  private mutating func plainPacket() -> PolicyPacket {
    let family = random.pick(AddressFamily.allCases)
    // The ICMP of the other family is no echo request, and belongs to no connection.
    let numbers: [UInt8] = [family == .ipv4 ? 1 : 58, 6, 6, 17, 17, 47, 50, 99, 132, 132]
    let number = random.pick(numbers)
    let hasPorts = TransportProtocol(rawValue: number)?.hasPorts ?? false
    return PolicyPacket(
      inInterface: random.pick(Self.interfaces), outInterface: random.pick(Self.interfaces),
      source: Self.address(family, &random), destination: Self.address(family, &random),
      protocolNumber: number, port: hasPorts ? random.pick(ports) : 0)
  }

  /// One of two.
  mutating func chance() -> Bool { random.number(in: 0...1) == 1 }
}

/// SplitMix64: the same numbers for the same seed.
struct SplitMix64 {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  private mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  mutating func number(in range: ClosedRange<Int>) -> Int {
    range.lowerBound + Int(next() % UInt64(range.count))
  }

  /// One of a list that is not empty.
  mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[number(in: 0...elements.count - 1)]
  }

  /// As many values as a number in `range` says.
  mutating func times<Element>(
    _ range: ClosedRange<Int>, _ body: (inout SplitMix64) -> Element
  ) -> [Element] {
    var result: [Element] = []
    for _ in 0..<number(in: range) { result.append(body(&self)) }
    return result
  }
}
