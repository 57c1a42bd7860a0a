public import Wire

/// Everything `sync` needs.
public struct SyncConfiguration: Hashable, Sendable {
  /// The primary listens, the secondary dials.
  public var node: NodeName
  /// Random, 16 octets, new at each start of the supervisor.
  public var bootID: [UInt8]
  /// Where the peer is.
  public var link: HALink
  /// Addresses of this node alone: flows to or from them stay here.
  public var nodeAddresses: [IPAddress]
  /// Addresses that move with the role: flows that end on them stay here, translated flows do not.
  public var virtualAddresses: [IPAddress]
  /// SHA-256 of the policy; a difference between the nodes makes sync `degraded`.
  public var policyHash: [UInt8]
  /// Interfaces whose neighbours the standby is to know: ports with virtual addresses, and the
  /// devices with the virtual MACs on them.
  public var neighbourDevices: [String]

  /// Joins the parts.
  public init(
    node: NodeName,
    bootID: [UInt8],
    link: HALink,
    nodeAddresses: [IPAddress],
    virtualAddresses: [IPAddress],
    policyHash: [UInt8],
    neighbourDevices: [String]
  ) {
    self.node = node
    self.bootID = bootID
    self.link = link
    self.nodeAddresses = nodeAddresses
    self.virtualAddresses = virtualAddresses
    self.policyHash = policyHash
    self.neighbourDevices = neighbourDevices
  }
}

extension SyncConfiguration: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    node = try NodeName(from: &reader)
    bootID = try [UInt8](from: &reader)
    link = try HALink(from: &reader)
    nodeAddresses = try [IPAddress](from: &reader)
    virtualAddresses = try [IPAddress](from: &reader)
    policyHash = try [UInt8](from: &reader)
    neighbourDevices = try [String](from: &reader)
  }

  public func write(into writer: inout ByteWriter) {
    node.write(into: &writer)
    bootID.write(into: &writer)
    link.write(into: &writer)
    nodeAddresses.write(into: &writer)
    virtualAddresses.write(into: &writer)
    policyHash.write(into: &writer)
    neighbourDevices.write(into: &writer)
  }
}

/// Messages for `sync`.
public enum SyncCommand: Hashable, Sendable {
  /// The node's role now; sent at each change and after a restart.
  case roleChanged(active: Bool, term: UInt64)
  /// Have everything so far applied at the peer, then report.
  case barrier(request: UInt32)
  /// The policy changed.
  case policyHash(hash: [UInt8])
  /// The peer's supervisor is to have this; opaque to `sync`.
  case message([UInt8])
}

extension SyncCommand: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    let offset = reader.offset
    let tag = try reader.uint8()
    switch tag {
    case 0: self = .roleChanged(active: try Bool(from: &reader), term: try UInt64(from: &reader))
    case 1: self = .barrier(request: try UInt32(from: &reader))
    case 2: self = .policyHash(hash: try [UInt8](from: &reader))
    case 3: self = .message(try [UInt8](from: &reader))
    default: throw .invalid(offset: offset, value: UInt64(tag))
    }
  }

  public func write(into writer: inout ByteWriter) {
    switch self {
    case .roleChanged(let active, let term):
      writer.uint8(0)
      active.write(into: &writer)
      term.write(into: &writer)
    case .barrier(let request):
      writer.uint8(1)
      request.write(into: &writer)
    case .policyHash(let hash):
      writer.uint8(2)
      hash.write(into: &writer)
    case .message(let octets):
      writer.uint8(3)
      octets.write(into: &writer)
    }
  }
}

/// Messages from `sync`.
public enum SyncReport: Hashable, Sendable {
  /// Once a second and at each change of readiness.
  case status(SyncStatus)
  /// Answer to `SyncCommand.barrier`.
  case barrierDone(request: UInt32, applied: Bool, reason: String)
  /// The peer's supervisor tells this; not looked at by `sync`.
  case message([UInt8])
  /// A peer has come that knows nothing yet.
  case messagesWanted
}

extension SyncReport: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    let offset = reader.offset
    let tag = try reader.uint8()
    switch tag {
    case 0: self = .status(try SyncStatus(from: &reader))
    case 1:
      self = .barrierDone(
        request: try UInt32(from: &reader),
        applied: try Bool(from: &reader),
        reason: try String(from: &reader))
    case 2: self = .message(try [UInt8](from: &reader))
    case 3: self = .messagesWanted
    default: throw .invalid(offset: offset, value: UInt64(tag))
    }
  }

  public func write(into writer: inout ByteWriter) {
    switch self {
    case .status(let value):
      writer.uint8(0)
      value.write(into: &writer)
    case .barrierDone(let request, let applied, let reason):
      writer.uint8(1)
      request.write(into: &writer)
      applied.write(into: &writer)
      reason.write(into: &writer)
    case .message(let octets):
      writer.uint8(2)
      octets.write(into: &writer)
    case .messagesWanted:
      writer.uint8(3)
    }
  }
}

/// How far a full copy is.
public enum SyncBulk: UInt8, Hashable, Sendable, CaseIterable, WireCodable {
  /// None was needed yet.
  case none = 0
  /// In progress.
  case running = 1
  /// Done.
  case complete = 2
  /// The link broke; nothing was swept.
  case aborted = 3
}

/// One kind of thing that is synchronised.
public struct SyncKind: Hashable, Sendable, WireCodable {
  /// `tcp4`, `marks`, `neighbours` …
  public var name: String
  /// How many this node holds.
  public var here: UInt64
  /// How many the peer holds; nil: it has not told.
  public var peer: UInt64?
  /// What there is to say of it, such as the names of helpers; empty: nothing.
  public var note: String

  /// Joins the parts.
  public init(name: String, here: UInt64, peer: UInt64?, note: String = "") {
    self.name = name
    self.here = here
    self.peer = peer
    self.note = note
  }

  public init(from reader: inout ByteReader) throws(WireError) {
    name = try String(from: &reader)
    here = try UInt64(from: &reader)
    peer = try UInt64?(from: &reader)
    note = try String(from: &reader)
  }

  public func write(into writer: inout ByteWriter) {
    name.write(into: &writer)
    here.write(into: &writer)
    peer.write(into: &writer)
    note.write(into: &writer)
  }
}

/// A picture of the synchroniser.
public struct SyncStatus: Hashable, Sendable {
  /// Whether the standby holds every session: bulk complete and digests equal.
  public var ready: Bool
  /// Why it is not ready; empty when it is.
  public var reason: String
  /// Whether the channel is up.
  public var connected: Bool
  /// Whether it is TLS 1.3 (always, when up).
  public var encrypted: Bool
  /// Whether this node is the source (active).
  public var sending: Bool
  /// Term of the stream.
  public var term: UInt64
  /// Synchronised sessions in this node's shadow table.
  public var sessions: UInt64
  /// The same at the peer, by its last report.
  public var peerSessions: UInt64
  /// Order-independent digest of the synchronised sessions.
  public var digest: UInt64
  /// The same at the peer.
  public var peerDigest: UInt64
  /// How long ago the two were compared at the same sequence; nil: never.
  public var comparedAgo: Interval?
  /// Outcome of that comparison.
  public var digestsAgree: Bool
  /// Age of the oldest change that the peer has not applied.
  public var lag: Interval
  /// Changes not yet sent.
  public var queued: UInt64
  /// The last full copy.
  public var bulk: SyncBulk
  /// Records refused by the kernel and not installed.
  public var refused: UInt64
  /// What is synchronised, by kind.
  public var kinds: [SyncKind]
  /// Everything else, by name (facts of session synchronisation, 6.5).
  public var counters: [NamedCount]

  /// Joins the parts.
  public init(
    ready: Bool,
    reason: String,
    connected: Bool,
    encrypted: Bool,
    sending: Bool,
    term: UInt64,
    sessions: UInt64,
    peerSessions: UInt64,
    digest: UInt64,
    peerDigest: UInt64,
    comparedAgo: Interval?,
    digestsAgree: Bool,
    lag: Interval,
    queued: UInt64,
    bulk: SyncBulk,
    refused: UInt64,
    kinds: [SyncKind],
    counters: [NamedCount]
  ) {
    self.ready = ready
    self.reason = reason
    self.connected = connected
    self.encrypted = encrypted
    self.sending = sending
    self.term = term
    self.sessions = sessions
    self.peerSessions = peerSessions
    self.digest = digest
    self.peerDigest = peerDigest
    self.comparedAgo = comparedAgo
    self.digestsAgree = digestsAgree
    self.lag = lag
    self.queued = queued
    self.bulk = bulk
    self.refused = refused
    self.kinds = kinds
    self.counters = counters
  }
}

extension SyncStatus: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    ready = try Bool(from: &reader)
    reason = try String(from: &reader)
    connected = try Bool(from: &reader)
    encrypted = try Bool(from: &reader)
    sending = try Bool(from: &reader)
    term = try UInt64(from: &reader)
    sessions = try UInt64(from: &reader)
    peerSessions = try UInt64(from: &reader)
    digest = try UInt64(from: &reader)
    peerDigest = try UInt64(from: &reader)
    comparedAgo = try Interval?(from: &reader)
    digestsAgree = try Bool(from: &reader)
    lag = try Interval(from: &reader)
    queued = try UInt64(from: &reader)
    bulk = try SyncBulk(from: &reader)
    refused = try UInt64(from: &reader)
    kinds = try [SyncKind](from: &reader)
    counters = try [NamedCount](from: &reader)
  }

  public func write(into writer: inout ByteWriter) {
    ready.write(into: &writer)
    reason.write(into: &writer)
    connected.write(into: &writer)
    encrypted.write(into: &writer)
    sending.write(into: &writer)
    term.write(into: &writer)
    sessions.write(into: &writer)
    peerSessions.write(into: &writer)
    digest.write(into: &writer)
    peerDigest.write(into: &writer)
    comparedAgo.write(into: &writer)
    digestsAgree.write(into: &writer)
    lag.write(into: &writer)
    queued.write(into: &writer)
    bulk.write(into: &writer)
    refused.write(into: &writer)
    kinds.write(into: &writer)
    counters.write(into: &writer)
  }
}
