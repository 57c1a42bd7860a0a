import Linux
import Policy
import Wire

@testable import Roles

/// A real kernel that routes under a policy, in the namespace of a test. The way out of a packet is
/// not a matter of its destination here, so that any two interfaces can be asked about.
final class PolicyRouter {
  /// The interfaces that are routed between, in the order of the ways.
  let interfaces: [String]
  private let nftables: Nftables
  private var ports: [String: Tunnel] = [:]
  private var sent: UInt16 = 0
  private var loaded: Ruleset?

  /// The device with a virtual MAC of an interface.
  private static func virtualDevice(_ interface: String) -> String { "v-\(interface)" }

  /// Makes the interfaces, each with a second device that packets enter by.
  init(_ interfaces: [String]) throws {
    self.interfaces = interfaces
    nftables = try Nftables()
    for (index, name) in interfaces.enumerated() {
      for device in [name, Self.virtualDevice(name)] {
        ports[device] = try Tunnel(device)
        try Sysctl("ipv4/conf/\(device)/rp_filter", 0).apply()
      }
      let (mark, table) = ("\(index + 1)", "\(index + 101)")
      for family in ["-4", "-6"] {
        try OwnNamespace.command(
          "ip", family, "route", "add", "default", "dev", name, "table", table)
        try OwnNamespace.command("ip", family, "rule", "add", "fwmark", mark, "lookup", table)
      }
    }
    // A packet of SCTP is made without a checksum.
    let unchecked = Sysctl("netfilter/nf_conntrack_checksum", 0)
    for setting in Sysctl.common + Sysctl.forwarding(true) + [unchecked] { try setting.apply() }
    try nftables.run(steering)
  }

  /// Gives each packet its way out, and a conntrack zone of its own: each is the first of its
  /// connection, however many there were between the same ends. Counts those that leave with a
  /// priority, which is a packet's class while it is judged and nobody else's.
  private var steering: String {
    var lines = [
      "table inet steering {", "chain first {", "type filter hook prerouting priority -310;",
      "ct zone set numgen inc mod 65535",
    ]
    for way in 1...interfaces.count {
      lines += ["ip dscp \(way) meta mark set \(way)", "ip6 dscp \(way) meta mark set \(way)"]
    }
    lines += [
      "}", "counter prioritised { }", "chain last {", "type filter hook forward priority 300;",
      "meta priority != 0:0 counter name prioritised", "}", "}", "",
    ]
    return lines.joined(separator: "\n")
  }

  /// Puts a policy in force, in place of the one before: by their difference, but for the first.
  func load(_ policy: PolicyDocument, _ context: PolicyContext, at time: Int64) throws {
    var context = context
    for index in context.interfaces.indices {
      context.interfaces[index].virtualDevices = [
        Self.virtualDevice(context.interfaces[index].name)
      ]
    }
    let ruleset = PolicyCompiler.compile(policy, context, at: time)
    let texts = ruleset.texts(over: [])
    for text in loaded.map({ ruleset.deltas(from: $0) }) ?? [texts.rules, texts.stamp] {
      try nftables.run(text)
    }
    loaded = ruleset
  }

  /// Sends the packet, and tells whether it was forwarded as `translated`.
  func forwards(
    _ packet: PolicyPacket, as translated: PolicyPacket, byVirtualDevice isVirtual: Bool = false,
    hasOptions: Bool = false
  ) throws -> Bool {
    let entrance = isVirtual ? Self.virtualDevice(packet.inInterface) : packet.inInterface
    guard let way = interfaces.firstIndex(of: packet.outInterface),
      let source = ports[entrance], let sink = ports[packet.outInterface]
    else { preconditionFailure("the packet is for other interfaces") }
    // What the kernel had to say by itself.
    while try sink.leave() != nil {}
    sent &+= 1
    try source.arrive(
      packet.octets(way: UInt8(way + 1), sourcePort: sent, hasOptions: hasOptions))
    while let left = try sink.leave() {
      if translated.isPacket(left, sourcePort: sent) { return true }
    }
    return false
  }

  /// Whether any packet has left with a priority.
  func hasPrioritised() throws -> Bool {
    try !nftables.run("list counter inet steering prioritised").contains("packets 0 ")
  }

  /// Lists a part of the policy's table.
  func list(_ what: String) throws -> String { try nftables.run("list \(what)") }
}
