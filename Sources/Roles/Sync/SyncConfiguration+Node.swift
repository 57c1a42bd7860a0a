import Glibc
import Linux
import Messages
import Netlink
import SessionSync
import Wire

extension SyncConfiguration {
  /// The first eight octets of the policy's hash, enough to notice a difference.
  var policyNumber: UInt64 { policyHash.prefix(8).reduce(0) { $0 << 8 | UInt64($1) } }

  /// What the protocol needs to know; `stream` names this run of the role.
  func nodeConfiguration(stream: UInt64) -> SyncNode.Configuration {
    let own = nodeAddresses + ([link.address] + link.peers).map { .v4($0) }
    return SyncNode.Configuration(
      node: node.rawValue, stream: stream, policy: policyNumber,
      maximumFlows: KernelFacts.maximumFlows, buckets: KernelFacts.buckets,
      filter: SyncFilter(
        nodeAddresses: own.map { FlowAddress($0) },
        virtualAddresses: virtualAddresses.map { FlowAddress($0) }))
  }
}

/// Settings of the kernel that both nodes must share; 0 where the kernel does not tell.
enum KernelFacts {
  /// `nf_conntrack_max`.
  static var maximumFlows: UInt32 { number("nf_conntrack_max") }
  /// `nf_conntrack_buckets`.
  static var buckets: UInt32 { number("nf_conntrack_buckets") }
  /// `nf_conntrack_events`; with anything but 1, some entries never report.
  static var eventMode: UInt32 { number("nf_conntrack_events") }

  private static func number(_ name: String) -> UInt32 {
    // An absent setting is 0, which the peer's greeting and the caller show.
    let text = (try? Files.read("/proc/sys/net/netfilter/" + name)) ?? []
    return text.prefix { (48...57).contains($0) }.reduce(0) { $0 &* 10 &+ UInt32($1 - 48) }
  }
}
