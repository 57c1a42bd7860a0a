public import Netlink
public import Wire

/// Whether this node forwards.
public enum SyncRole: UInt8, Hashable, Sendable, WireCodable {
  /// Follows the peer's table and installs it.
  case standby
  /// Owns the sessions and sends them.
  case active
}

/// What happens to a ``SyncNode``.
public enum SyncEvent: Sendable {
  /// The role starts: the kernel's table is unknown.
  case started
  /// The node was given a role, with the term of whoever is active (never lower than before).
  case roleChanged(SyncRole, term: UInt64)
  /// The kernel reported a change of one entry, made by somebody else than this node's own
  /// installations. What is not the end of an entry is wanted after
  /// ``SyncAction/watchChanges(_:)``.
  case flowChanged(FlowEvent)
  /// The kernel reported a change of one expectation.
  case expectationChanged(ExpectationEvent)
  /// The kernel dropped reports (`ENOBUFS`).
  case eventsLost
  /// One entry of the dump that ``SyncAction/requestDump`` asked for.
  case flowDumped(FlowEvent)
  /// The end of the dump; `complete` is false when it broke off.
  case dumpEnded(complete: Bool)
  /// The answer to ``SyncAction/requestFlow(_:)``.
  case flowAnswered(FlowEvent)
  /// The answer to ``SyncAction/requestFlow(_:)`` when there is no such entry (`ENOENT`).
  case flowAbsent(FlowTuple)
  /// The kernel has handled a batch.
  case installed(InstallReport)
  /// An authenticated connection to the peer stands; it replaces any earlier one.
  case connected
  /// Octets from the peer, cut anywhere.
  case received(ArraySlice<UInt8>)
  /// The connection is gone.
  case disconnected
  /// A planned switchover wants everything up to now to be installed on the peer.
  case barrierRequested
  /// The peer's supervisor is to have this, at most ``Limits/messageFrame`` octets; without one it is
  /// dropped, as a connection begins with ``SyncAction/messagesWanted``.
  case messageGiven([UInt8])
  /// The hosts that this node's kernel knows, in a steady order; told now and then while this node
  /// is active.
  case neighboursSeen([Neighbour])
  /// ``SyncNode/deadline`` has come.
  case deadlineReached
}

/// What a ``SyncNode`` wants done, in order.
public enum SyncAction: Hashable, Sendable {
  /// Change the kernel's table, then hand back ``SyncEvent/installed(_:)``.
  case install(InstallBatch)
  /// Report new and changed entries from now on, or no longer. At first they are not reported; the
  /// end of an entry always is.
  case watchChanges(Bool)
  /// Dump all flows, handing each in as ``SyncEvent/flowDumped(_:)``, and when active all
  /// expectations as ``SyncEvent/expectationChanged(_:)``; then ``SyncEvent/dumpEnded(complete:)``.
  case requestDump
  /// Ask the kernel for one entry.
  case requestFlow(FlowTuple)
  /// Close the connection; ``SyncEvent/disconnected`` is not needed afterwards.
  case close(CloseReason)
  /// Everything up to the last ``SyncEvent/barrierRequested`` is in the peer's kernel.
  case barrierPassed
  /// The peer's supervisor tells something.
  case messageReceived([UInt8])
  /// The hosts that the active peer knows, in the place of those told before.
  case neighboursReceived([Neighbour])
  /// A peer has come that knows nothing yet: hand in what it has to know.
  case messagesWanted
  /// ``SyncStatus/isReady`` changed.
  case readinessChanged(Bool)
  /// Something that an operator may want to know.
  case note(SyncNote)
}

/// Why a connection was given up.
public enum CloseReason: Hashable, Sendable {
  /// A frame has a length, type or body that the protocol does not allow.
  case malformed(WireError)
  /// The two nodes have no protocol version in common.
  case version(lowest: UInt8, highest: UInt8)
  /// The peer says that it is this node.
  case sameNode(UInt8)
  /// A frame arrived before the greeting, or a second answer to one.
  case outOfOrder(FrameType)
  /// Records are missing in the stream.
  case sequenceGap(expected: UInt64, received: UInt64)
  /// Nothing arrived for three seconds.
  case silence
  /// More messages wait than ``Limits`` allow.
  case messagesWaiting
}

/// What is worth one line in the log.
public enum SyncNote: Hashable, Sendable {
  /// The peer greeted.
  case greeted(Hello)
  /// A bulk to the peer began with so many flows in the table.
  case bulkStarted(id: UInt32, flows: Int)
  /// The peer has installed the bulk.
  case bulkAcknowledged(id: UInt32)
  /// The stream goes on after `sequence` without a bulk.
  case resumed(after: UInt64)
  /// A bulk from the peer is complete; so many stale entries were removed.
  case bulkInstalled(id: UInt32, flows: Int, swept: Int)
  /// The tables differ; a bulk was asked for.
  case tablesDiffer(own: Int, peer: Int)
  /// Kernel reports were lost; the table will be compared with a dump.
  case eventsLost
  /// A comparison with a dump ended.
  case reconciled(added: Int, removed: Int)
  /// The two nodes are configured differently; the stream goes on.
  case mismatch(Mismatch)

  /// What differs between two nodes that should be alike.
  public enum Mismatch: UInt8, Hashable, Sendable {
    /// The policy or its version.
    case policy
    /// `nf_conntrack_max`.
    case maximumFlows
    /// `nf_conntrack_buckets`.
    case buckets
    /// The set of conntrack helpers.
    case helpers
  }
}
