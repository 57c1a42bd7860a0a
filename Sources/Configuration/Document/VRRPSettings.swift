public import Wire

/// `ha.vrrp`: virtual routers on one or more ports that change role together.
public struct VRRPSettings: Hashable, Sendable {
  /// Which of the two forms of the IPv4 checksum of version 3 is sent; both are accepted.
  public enum Checksum: String, Hashable, Sendable, CaseIterable {
    /// That of the peer, with pseudo header until one is heard.
    case auto
    /// Without pseudo header (RFC 9568 5.2.8).
    case rfc9568
    /// With pseudo header, as Linux routers read RFC 5798.
    case rfc5798
  }

  /// What becomes of adverts without the HMAC trailer, when a password keys one.
  public enum AuthenticationMode: String, Hashable, Sendable, CaseIterable {
    /// Refused.
    case enforce
    /// Accepted, while a peer is being moved to the password.
    case permissive
  }

  /// VRID of the routers that name no other, 1…255.
  public let groupID: UInt8
  /// Version of the protocol, 2 (IPv4 only) or 3.
  public let version: UInt8
  /// 1…255; 255 for the owner, whose own addresses are the virtual ones. That the other node has
  /// another priority no single document tells: the portal, which writes both, sees to it, and two
  /// equal ones that meet on the heartbeat are an alarm.
  public let priority: UInt8
  /// Milliseconds: version 3 10…40950 in steps of 10, version 2 whole seconds up to 255 s.
  public let advertIntervalMs: Int
  /// Whether the higher priority takes over from a working active.
  public let preempt: Bool
  /// How long it must have been ready before it does, 0…3600000 milliseconds.
  public let preemptDelayMs: Int
  /// At most 8 printable ASCII characters: with version 2 sent as text (RFC 2338 5.3.6), with
  /// version 3 the key of the HMAC trailer.
  public let password: Secret?
  /// Whether adverts without the trailer are refused.
  public let authenticationMode: AuthenticationMode
  /// Whether the active node answers at its virtual addresses (RFC 9568 6.1, Accept_Mode).
  public let acceptMode: Bool
  /// Form of the IPv4 checksum that is sent.
  public let checksum: Checksum
  /// Links that count, and how much.
  public let track: [TrackedLink]
  /// Paths that count, and how much.
  public let checks: [PathCheckSettings]
  /// Neighbours that get adverts one by one in place of the group.
  public let unicastPeers: [UnicastPeers]
  /// Whose adverts count; empty: those of every neighbour in the port's network.
  public let allowedSources: [IPAddress]
  /// What the active node owns; at least one.
  public let virtualAddresses: [VirtualAddress]

  /// A link whose loss makes the node a worse active one.
  public struct TrackedLink: Hashable, Sendable {
    /// The interface.
    public let interface: String
    /// What its loss takes from the priority, 1…254.
    public let weight: UInt8

    /// `weight` of an entry that names none.
    public static let defaultWeight: UInt8 = 20
  }

  /// An address that moves with the role.
  public struct VirtualAddress: Hashable, Sendable {
    /// The interface of the network that it is in.
    public let interface: String
    /// The address, with the length as the author gave it.
    public let address: IPPrefix
    /// VRID of its router.
    public let groupID: UInt8
  }

  /// The other routers on an interface, where the network carries no multicast.
  public struct UnicastPeers: Hashable, Sendable {
    /// The interface.
    public let interface: String
    /// Their own addresses, IPv6 ones link-local; at least one.
    public let addresses: [IPAddress]
  }

  /// Priority of the owner (RFC 9568 5.2.4).
  public static let ownerPriority: UInt8 = 255

  /// Whether this node is the owner of its virtual addresses.
  public var isOwner: Bool { priority == Self.ownerPriority }
}

/// `ha.vrrp.checks[]`: something that must be reachable from this node's own address.
public struct PathCheckSettings: Hashable, Sendable {
  /// How it is asked.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// An echo request.
    case icmp
    /// A GET; any answer below 400 counts.
    case http
  }

  /// What it is called in status and events; unique.
  public let name: String
  /// How it is asked.
  public let kind: Kind
  /// An address, or the URL of a GET.
  public let target: String
  /// Time from one to the next, 100…60000 milliseconds.
  public let intervalMs: Int
  /// Longest wait for an answer, at most ``intervalMs`` milliseconds.
  public let timeoutMs: Int
  /// Failures in a row that make it down, 1…10.
  public let fall: Int
  /// Successes in a row that make it up again, 1…10.
  public let rise: Int
  /// What its loss takes from the priority, 1…254.
  public let weight: UInt8
}
