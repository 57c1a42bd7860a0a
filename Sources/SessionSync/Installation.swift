public import Netlink

/// One change to the kernel's table, to be made in the order given.
public enum Installation: Hashable, Sendable {
  /// Make the entry with this timeout, lenient about TCP windows.
  case create(Flow, timeoutSeconds: UInt32)
  /// Bring the existing entry up to date, lenient about TCP windows.
  case update(Flow, timeoutSeconds: UInt32)
  /// Remove the entry with this original tuple.
  case delete(FlowTuple)
  /// Remove the entry that occupies this reply tuple.
  case deleteReply(FlowTuple)
  /// Let packets outside the TCP windows through: those that the entry remembers are old.
  case makeLenient(FlowTuple)
  /// Check TCP windows again and, unless nil, set the timeout: traffic has passed here.
  case makeStrict(FlowTuple, timeoutSeconds: UInt32?)
  /// Set the timeout alone.
  case setTimeout(FlowTuple, seconds: UInt32)
  /// Set the labels alone, which the kernel refuses where no rule uses them.
  case setLabels(FlowTuple, FlowLabels)
  /// Make the expectation.
  case expect(Expectation)
  /// Remove the expectation.
  case forget(Expectation)
}

/// Changes for the kernel that are sent together and reported together.
public struct InstallBatch: Hashable, Sendable {
  /// Numbers batches; reported back in ``InstallReport``.
  public let id: UInt64
  /// In the order in which the kernel must see them.
  public let operations: [Installation]
}

/// Why the kernel refused one installation.
public enum InstallRefusal: Hashable, Sendable {
  /// `EEXIST`.
  case exists
  /// `ENOENT`: the entry, or the master of a related one, is not there.
  case missing
  /// `EBUSY` or `EOPNOTSUPP`: this entry cannot be changed into that one.
  case conflicting
  /// `ENOMEM` or `ENOSPC`: the table or a chain of it is full.
  case full
  /// Another error number.
  case other(Int32)
}

/// One installation that the kernel refused.
public struct InstallFailure: Hashable, Sendable {
  /// What was asked.
  public var operation: Installation
  /// What the kernel answered.
  public var refusal: InstallRefusal

  /// Joins the two.
  public init(_ operation: Installation, _ refusal: InstallRefusal) {
    self.operation = operation
    self.refusal = refusal
  }
}

/// What became of a batch: every operation that is not listed was done.
public struct InstallReport: Hashable, Sendable {
  /// The batch.
  public var id: UInt64
  /// The operations that failed, in order.
  public var failures: [InstallFailure]

  /// Reports a batch.
  public init(id: UInt64, failures: [InstallFailure] = []) {
    self.id = id
    self.failures = failures
  }
}
