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

  /// Puts the policy in force; every counter of its elements is 0.
  func load() throws {
    let hash = [UInt8](repeating: 1, count: 32)
    let ruleset = PolicyCompiler.compile(document.policy, document.policyContext(hash: hash))
    try nftables.run(ruleset.text)
  }

  /// Sends the packet, and tells by which interface it left; nil when it did not.
  func wayOut(_ packet: PolicyPacket) throws -> String? {
    for port in ports.values { while try port.leave() != nil {} }
    sent += 1
    try ports[packet.inInterface]?.arrive(
      packet.octets(way: 0, sourcePort: sent, hasOptions: false))
    let end = packet.transportOctets(sent)
    for port in ports.values {
      while let left = try port.leave() {
        if left.suffix(end.count) == end[...] { return port.name }
      }
    }
    return nil
  }

  /// The rule behind the one element of the policy's maps that has counted a packet since
  /// ``load()``; nil when none has.
  func ruleThatCounted() throws -> String? {
    let matrix = PolicyMatrix(document.policy)
    var found: [String] = []
    for map in ["pol", "pol_range", "pol_proto", "pol_any"] {
      let text = try nftables.run("list map \(PolicyCompiler.table) \(map)")
      for element in text.split(separator: /[,{}]/) where element.contains("packets 1 ") {
        // `0x00000fa1 . 0x00000fa3 . 6 . 80-90 counter packets 1 bytes 44 : goto ok`
        let key = element.split(separator: " counter ").first ?? ""
        let parts = key.split(separator: " . ").map { $0.drop { $0.isWhitespace } }
        found.append(try #require(Self.rule(parts, matrix), "\(map): \(element)"))
      }
    }
    #expect(found.count < 2, "one element decides: \(found)")
    return found.first
  }

  private static func rule(_ key: [Substring], _ matrix: PolicyMatrix) -> String? {
    let classes = key.prefix(2).compactMap { UInt32($0.dropFirst(2), radix: 16) }
    guard classes.count == 2 else { return nil }
    let pair = PolicyMatrix.Pair(source: classes[0], destination: classes[1])
    guard let cell = matrix.cells[pair] else { return nil }
    guard key.count > 2 else { return cell.any?.ruleID }
    guard let transport = UInt8(key[2]).flatMap({ TransportProtocol(rawValue: $0) }) else {
      return nil
    }
    guard key.count > 3 else { return cell.whole[transport]?.ruleID }
    let low = key[3].split(separator: "-").first.flatMap { UInt16($0) }
    return cell.ports[transport]?.first { $0.ports.lowerBound == low }?.decision.ruleID
  }
}
