import Configuration
import Linux
import Testing
import Wire

@testable import Policy
@testable import Roles

/// A real kernel that routes by a document's networks under its policy, in the namespace of a test.
final class DocumentRouter {
  private let document: ConfigurationDocument
  private let nftables: Nftables
  private var ports: [String: Tunnel] = [:]
  private var sent: UInt16 = 0

  init(_ document: ConfigurationDocument) throws {
    self.document = document
    nftables = try Nftables()
    for network in document.forwardingNetworks {
      ports[network.interface] = try Tunnel(network.interface)
      for own in AddressFamily.allCases.compactMap({ network.own($0) }) {
        try OwnNamespace.command("ip", "address", "add", "\(own)", "dev", network.interface)
      }
    }
    for route in document.routes {
      try OwnNamespace.command("ip", "route", "add", "\(route.to)", "via", "\(route.via)")
    }
    for family in ["-4", "-6"] {
      try OwnNamespace.command(
        "ip", family, "route", "add", "default", "dev", document.wan.interface)
    }
    let unchecked = Sysctl("netfilter/nf_conntrack_checksum", 0)
    for setting in Sysctl.common + Sysctl.forwarding(true) + [unchecked] { try setting.apply() }
  }

  /// Puts the policy in force, in a table made anew: every counter is 0.
  func load(at time: Int64? = nil) throws {
    let hash = [UInt8](repeating: 1, count: 32)
    let ruleset = PolicyCompiler.compile(
      document.policy, document.policyContext(hash: hash), at: time)
    try nftables.run(
      "add table \(PolicyCompiler.table)\n" + PolicyCompiler.removal + ruleset.text
        + PolicyCompiler.quarantine(document.policy, at: 0))
  }

  /// Puts another document's policy in force over the one before, as on a working gateway: what
  /// conntrack knows stays.
  func change(to next: ConfigurationDocument, at time: Int64? = nil) throws {
    let hash = [UInt8](repeating: 2, count: 32)
    try nftables.run(
      PolicyCompiler.compile(next.policy, next.policyContext(hash: hash), at: time).text)
  }

  /// Runs one transaction.
  func run(_ text: String) throws { try nftables.run(text) }

  /// Sends the packet, and tells by which interface it left as `translated`; nil when it did not.
  ///
  /// - Parameter sourcePort: nil for a connection of its own.
  func wayOut(
    _ packet: PolicyPacket, as translated: PolicyPacket, sourcePort: UInt16? = nil
  ) throws -> String? {
    for port in ports.values { while try port.leave() != nil {} }
    sent += 1
    let sourcePort = sourcePort ?? sent
    try ports[packet.inInterface]?.arrive(
      packet.octets(way: 0, sourcePort: sourcePort, hasOptions: false))
    for port in ports.values {
      while let left = try port.leave() {
        if translated.isPacket(left, sourcePort: sourcePort) { return port.name }
      }
    }
    return nil
  }

  /// What has counted a packet since ``load()``; nil when nothing has.
  func decider() throws -> PolicyVerdict.Decider? {
    let text = try nftables.run("list counters table \(PolicyCompiler.table)")
    // `counter r_00000000000000ff {` and on the next line `packets 1 bytes 44`
    let counted = text.split(separator: "counter ").dropFirst().filter {
      !$0.contains("packets 0 ")
    }.compactMap { $0.split(separator: " ").first.map(String.init) }
    let found = counted.compactMap(decider)
    #expect(found.count < 2, "one thing decides: \(found)")
    return found.first
  }

  private func decider(_ counter: String) -> PolicyVerdict.Decider? {
    switch counter {
    case PolicyCompiler.defaultCounter: .byDefault
    case PolicyCompiler.killedCounter: .killSwitch(document.policy.killSwitch.level)
    case PolicyCompiler.quarantinedCounter:
      document.policy.quarantine.members.first.map { .quarantine($0.address) }
    default:
      document.policy.rules.first { $0.kernelName == counter }.map { .rule($0.id) }
    }
  }
}
