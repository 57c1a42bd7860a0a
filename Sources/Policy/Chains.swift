import Wire

/// The rules of each chain that packets walk through. Their number depends on the node's interfaces
/// and translations, never on the policy's rules: these are in maps, at a constant cost per packet.
struct Chains {
  /// A chain with its rules, one statement per line.
  struct Chain: Hashable {
    let name: String
    var rules: [String]
  }

  /// The ports of the protocols between the nodes.
  private enum LinkPorts {
    /// Heartbeat, UDP.
    static let heartbeat = 7112
    /// Session stream, TCP.
    static let sync = 7113
  }

  let policy: PolicyDocument
  let context: PolicyContext
  /// ``PolicyDocument/openSchedules(at:)``.
  let openSchedules: UInt16

  /// Chains that are not attached to a hook.
  static let regular = [
    "from_peer", ok, current, judged, "deny_default", killed, quarantined, forwardedName,
    bindings,
  ]

  /// What is counted by name.
  static let counters = [
    "c_spoofed", PolicyCompiler.unboundCounter, "c_invalid", "c_stale", "c_untracked",
    "c_input_denied",
    PolicyCompiler.defaultCounter, PolicyCompiler.killedCounter,
    PolicyCompiler.quarantinedCounter,
  ]

  /// Every chain, the base chains first.
  var all: [Chain] {
    [
      preRaw, outRaw, input, forward, natPre, natPost, fromPeer, okChain, currentChain,
      judgedChain, Chain(name: "deny_default", rules: denial(PolicyCompiler.defaultCounter)),
      killedChain, quarantinedChain, forwardedChain, bindingsChain,
    ]
  }

  /// Spoofed packets end here; what stays on the node is not tracked, so that it makes no entries
  /// of its own in the table that is copied to the peer.
  private var preRaw: Chain {
    var rules = context.interfaces.flatMap { interface in
      interface.allNetworks.map { network in
        // A network within this one is behind its own interface.
        let within = context.interfaces.filter { other in
          other.allNetworks.contains { network.contains($0.address) && network.length < $0.length }
        }
        let devices = Set(interface.devices + within.flatMap(\.devices) + ["lo"])
        let family = network.family == .ipv4 ? "ip" : "ip6"
        return "\(family) saddr \(network.network) iifname != \(set(Array(devices))) "
          + "counter name \"c_spoofed\" drop"
      }
    }
    rules.append("iifname \(set(["lo"] + closedPorts)) notrack")
    rules += questions.map { "\($0) notrack" }
    // One comparison for both families; what leaves has no such type yet.
    rules += [Chains.protocolsOfNeighbours, "meta pkttype multicast notrack"]
    return Chain(name: "pre_raw", rules: rules)
  }

  private var outRaw: Chain {
    // A report from a virtual MAC would teach the switches that it lives here, when it does not.
    let virtual = context.interfaces.flatMap { $0.virtualDevices + $0.virtualDevices6 }
    let quiet = [
      "meta l4proto 2 drop",
      "icmpv6 type { mld-listener-report, mld-listener-done, mld2-listener-report } drop",
      "icmpv6 type nd-router-solicit drop",
    ].map { "oifname \(set(virtual)) \($0)" }
    return Chain(
      name: "out_raw",
      rules: (virtual.isEmpty ? [] : quiet) + [
        "oifname \"lo\" notrack", "oifname \(set(closedPorts)) notrack",
      ] + answers.map { "\($0) notrack" } + [
        Chains.protocolsOfNeighbours, "ip daddr 224.0.0.0/4 notrack", "ip6 daddr ff00::/8 notrack",
      ])
  }

  /// VRRP (112) and IGMP (2); everything else that is multicast stays between neighbours, too.
  private static let protocolsOfNeighbours = "meta l4proto { 2, 112 } notrack"

  private var input: Chain {
    var rules = ["iifname \"lo\" accept", "iifname \"\(context.managementPort)\" drop"]
    if let link = context.link { rules.append("iifname \"\(link.port)\" goto from_peer") }
    // What the document has the node do for hosts counts for a silent address, too.
    rules += routerTraffic + neighbourTraffic + hostServices + silence
    rules.append("ct state invalid counter name \"c_invalid\" drop")
    rules.append("ct state established,related accept")
    for interface in context.interfaces where interface.usesDHCP {
      rules.append("iifname \"\(interface.name)\" udp sport 67 udp dport 68 accept")
    }
    rules += echoRules
    rules.append("counter name \"c_input_denied\"")
    return Chain(name: "input", rules: rules)
  }

  /// Adverts, and the queries of switches that follow their groups.
  private var routerTraffic: [String] {
    let routers = context.interfaces.filter { !$0.virtualDevices.isEmpty }.flatMap(\.devices)
    let routers6 = context.interfaces.filter { !$0.virtualDevices6.isEmpty }.flatMap(\.devices)
    var rules: [String] = []
    if !routers.isEmpty {
      // RFC 9568 5.1.1.3: an advert that has been routed has lost its 255.
      rules.append("iifname \(set(routers)) ip protocol 112 ip ttl 255 accept")
      rules.append("iifname \(set(routers)) ip protocol 2 accept")
    }
    if !routers6.isEmpty {
      rules.append("iifname \(set(routers6)) meta l4proto 112 ip6 hoplimit 255 accept")
      rules.append(
        "iifname \(set(routers6)) icmpv6 type mld-listener-query ip6 hoplimit 1 accept")
    }
    return rules
  }

  /// IPv6 does not work without (RFC 4861 7.1: 255 again); also at addresses that are silent else
  /// (RFC 9568 6.1).
  private var neighbourTraffic: [String] {
    let devices = context.interfaces.filter(\.hasIPv6).flatMap(\.devices)
    guard !devices.isEmpty else { return [] }
    let types = "{ nd-neighbor-solicit, nd-neighbor-advert }"
    return [
      "iifname \(set(devices)) icmpv6 type \(types) ip6 hoplimit 255 accept",
      "iifname \(set(devices)) icmpv6 type mld-listener-query accept",
    ]
  }

  /// DHCP from hosts: to everybody, or to the server that they know.
  private var questions: [String] {
    served.map { interface, service in
      "iifname \(set(interface.devices)) ip daddr { 255.255.255.255, \(service.address) } "
        + "udp sport 68 udp dport 67"
    }
  }

  /// DHCP to hosts.
  private var answers: [String] {
    served.map { "oifname \(set($0.0.devices)) udp sport 67 udp dport 68" }
  }

  private var served: [(PolicyContext.Interface, PolicyContext.Service)] {
    context.interfaces.compactMap { interface in interface.service.map { (interface, $0) } }
  }

  /// DHCP and names for hosts, on the port and on the device with the virtual MAC, as broadcasts
  /// reach both; and what the servers behind a relay answer.
  private var hostServices: [String] {
    questions.map { "\($0) accept" }
      + served.flatMap { interface, service -> [String] in
        let sources = interface.allNetworks.filter { $0.family == .ipv4 }.map { "\($0.network)" }
        let names = ["udp", "tcp"].flatMap { transport in
          let match =
            "iifname \(set(interface.devices)) ip saddr { \(sources.joined(separator: ", ")) } "
            + "ip daddr \(service.address) \(transport) dport 53"
          return (hasMembers ? ["\(match) ip saddr @members jump \(Chains.quarantined)"] : [])
            + ["\(match) accept"]
        }
        let servers = service.servers.map(\.description).joined(separator: ", ")
        let relayed =
          "ip saddr { \(servers) } ip daddr \(service.address) udp sport 67 udp dport 67 accept"
        // Names carry data, too: nothing of them is left when everything is closed.
        let isAnswering = service.answersNames && policy.killSwitch.level != .red
        return (isAnswering ? names : []) + (servers.isEmpty ? [] : [relayed])
      }
  }

  /// What comes back to a silent address in answer to a translated packet is forwarded, not input.
  private var silence: [String] {
    byFamily(context.silentAddresses).map { "\($0) counter name \"c_input_denied\" drop" }
  }

  private var echoRules: [String] {
    let limit = "limit rate 100/second burst 100 packets accept"
    return byFamily(context.addresses).map { match in
      let type = match.hasPrefix("ip6") ? "icmpv6" : "icmp"
      return "\(match) \(type) type echo-request \(limit)"
    }
  }

  /// A match on the destination for each family that has addresses.
  private func byFamily(_ addresses: [IPAddress]) -> [String] {
    AddressFamily.allCases.compactMap { family -> String? in
      let own = addresses.filter { $0.family == family }.sorted().map(\.description)
      guard !own.isEmpty else { return nil }
      return "\(family == .ipv4 ? "ip" : "ip6") daddr { \(own.joined(separator: ", ")) }"
    }
  }

  /// The link is not tracked, so both directions are named. A segment that opens a connection has
  /// SYN without ACK and is only accepted towards our port.
  private var fromPeer: Chain {
    guard let link = context.link else { return Chain(name: "from_peer", rules: []) }
    let peers = link.peers.sorted().map(\.description).joined(separator: ", ")
    return Chain(
      name: "from_peer",
      rules: [
        "ip saddr != { \(peers) } counter name \"c_input_denied\" drop",
        "udp dport \(LinkPorts.heartbeat) accept", "tcp dport \(LinkPorts.sync) accept",
        "tcp sport \(LinkPorts.sync) tcp flags & (syn | ack) != syn accept",
        "ip protocol icmp accept", "counter name \"c_input_denied\" drop",
      ])
  }

  private var hasMembers: Bool { !policy.quarantine.members.isEmpty }

  /// Connections of this epoch pass, answered or not; every other packet is judged, which stamps it.
  ///
  /// Of what changes with each version nothing is in here: the kernel walks every map of a chain
  /// whose rules are replaced, however many elements it has.
  private var forward: Chain {
    let end = "goto \(Chains.judged)"
    var rules = bindingRules + [Chains.forwardedOnes]
    // Before anything is accepted for its epoch: a clock that was set may bring a member back.
    if hasMembers { rules += Chains.members("ct direction original", "jump \(Chains.quarantined)") }
    rules.append("jump \(Chains.current)")
    // Behind what every packet of a connection has to walk through: what comes or goes by a closed port was
    // never allowed, and what is invalid has no entry with a mark.
    rules += closedPorts.flatMap { ["iifname \"\($0)\" drop", "oifname \"\($0)\" drop"] }
    rules.append("ct state invalid counter name \"c_invalid\" drop")
    // Before the entry is confirmed, or not at all.
    rules += context.helpers.map(\.rule).sorted()
    if hasMembers {
      let counter = "counter name \"\(PolicyCompiler.quarantinedCounter)\" drop"
      rules += Chains.members("ct direction reply", counter)
    }
    // What a kill switch closes has no moment more, whoever else has to wait to be judged again.
    if policy.killSwitch.level == .green {
      rules.append(
        "ct direction reply ct mark and 0xff000000 @\(PolicyCompiler.graceSet) \(Chains.pass)")
    }
    rules += [
      // The direction that opened the connection is the one to be judged.
      "ct direction reply counter name \"c_stale\" drop",
      // An ICMP error has the mark of the connection that it is about, and must not stamp that anew.
      "ct state related meta l4proto { 1, 58 } counter name \"c_stale\" drop",
      // Without an entry there is no mark to look anything up by, nor one to be stamped.
      "ct state untracked counter name \"c_untracked\" drop",
      // A lookup that finds nothing keeps the old value. The class of the source is found in the mark
      // and kept in the priority, as those are the packet's own: its connection's mark is shared with
      // packets that other processors judge meanwhile.
      "meta priority set 0", "meta mark set 0", "meta mark set iifname map @zone_in",
    ]
    rules += Chains.lookups("saddr")
    rules += [
      "meta priority set meta mark map @sources", "meta mark set 0",
      "meta mark set oifname map @zone_out",
    ]
    rules += Chains.lookups("daddr")
    rules += ["th dport map @pol", "th dport map @pol_range"].map {
      "meta mark set \(Chains.pair) . meta l4proto . \($0) \(end)"
    }
    rules += [
      "meta mark set \(Chains.pair) . meta l4proto map @pol_proto \(end)",
      "meta mark set \(Chains.pair) map @pol_any \(end)",
      unjudged,
    ]
    return Chain(name: "forward", rules: rules)
  }

  /// The classes of both ends, as keys have them.
  private static let pair = "meta priority . meta mark"

  /// A group is of one zone; by its number the key is short, as a map of ranges is slow else. Who is
  /// found has no zone's number any more, so that he is not found twice.
  private static func lookups(_ end: String) -> [String] {
    [("ip", ["hosts", "nets"]), ("ip6", ["hosts6", "nets6"])].flatMap { family, maps in
      maps.map { "meta mark set meta mark . \(family) \(end) map @\($0)" }
    }
  }

  /// A statement about either end, of either family, that is in quarantine.
  private static func members(_ match: String, _ statement: String) -> [String] {
    [("ip", PolicyCompiler.members), ("ip6", PolicyCompiler.members6)].flatMap { family, set in
      ["saddr", "daddr"].map { "\(match) \(family) \($0) @\(set) \(statement)" }
    }
  }

  /// Accepts, with the mark that ``PolicyCompiler/guardian`` wants to see.
  static let pass = "meta mark set \(PolicyCompiler.passMark) accept"

  private var natPost: Chain {
    Chain(name: "nat_post", rules: reflections + context.translations.map { statement($0) })
  }

  func statement(_ translation: PolicyContext.Translation) -> String {
    let family = translation.from.family == .ipv4 ? "ip" : "ip6"
    let match =
      "oifname \(set(translation.interfaces)) \(family) saddr \(translation.from.network)"
    let action = translation.to.map { "snat \(family) to \($0)" } ?? "masquerade"
    return "\(match) \(action)" + (translation.randomPorts ? " fully-random" : "")
  }

  /// Ports that nothing is forwarded from or to.
  private var closedPorts: [String] {
    [context.managementPort] + (context.link.map { [$0.port] } ?? [])
  }

  func set(_ names: [String]) -> String {
    "{ " + names.sorted().map { "\"\($0)\"" }.joined(separator: ", ") + " }"
  }

  /// What a connection carries that this very ruleset has allowed.
  var stamp: UInt32 { Chains.stamp(policy.epoch, openSchedules) }

  /// The `ct mark` of what is allowed in an epoch with these schedules open.
  static func stamp(_ epoch: UInt8, _ openSchedules: UInt16) -> UInt32 {
    UInt32(epoch) << 24 | UInt32(openSchedules) << 12
  }

  /// A mark as nft has it.
  static func text(_ mark: UInt32) -> String { "0x" + String(mark, radix: 16) }
}
