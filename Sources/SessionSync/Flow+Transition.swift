import Netlink

/// How the kernel's entry gets from one state of a flow to another.
enum FlowTransition: Hashable {
  /// Nothing that the kernel can be told differs.
  case none
  /// The entry can be changed in place.
  case update
  /// It is another connection with the same key, or the kernel refuses the change: the entry is
  /// removed and made again.
  case replace
}

extension Flow {
  /// How an entry that looks like `self` comes to look like `new`.
  func transition(to new: Flow) -> FlowTransition {
    if sourceNAT != new.sourceNAT || destinationNAT != new.destinationNAT
      || master != new.master || helper != new.helper
    {
      return .replace
    }
    let (old, now) = (
      status.intersection([.seenReply, .assured]), new.status.intersection([.seenReply, .assured])
    )
    // The kernel answers EBUSY to an entry that is to forget either.
    if !old.isSubset(of: now) { return .replace }
    if originalAdjustment != nil && new.originalAdjustment == nil { return .replace }
    if replyAdjustment != nil && new.replyAdjustment == nil { return .replace }
    if let before = tcp?.state.rank, let after = new.tcp?.state.rank, after < before,
      after <= TCPState.established.rank
    {
      // The kernel does not check this: a connection never becomes younger.
      return .replace
    }
    let isSame =
      old == now && mark == new.mark && originalAdjustment == new.originalAdjustment
      && replyAdjustment == new.replyAdjustment && tcp?.carried == new.tcp?.carried
      && sctp == new.sctp
    return isSame ? .none : .update
  }

  /// The timeout with which a standby installs the flow.
  ///
  /// No event tells of a refreshed timeout, so a flow that lives as long as it has traffic gets
  /// a long lease; its first packet after a promotion sets it right. One that is opening or
  /// closing gets what it has left.
  var leaseSeconds: UInt32 {
    let isTransient: Bool
    switch tuple.transport {
    case .tcp: isTransient = tcp?.state != .established
    case .sctp: isTransient = sctp?.state != SCTPTracking.established
    case .udp, .udpLite: isTransient = !status.contains(.assured)
    default: isTransient = !status.contains(.seenReply)
    }
    return isTransient
      ? min(timeoutSeconds, Limits.timeoutSeconds) + Limits.slackSeconds
      : max(timeoutSeconds, Limits.leaseSeconds)
  }
}

extension TCPTracking {
  /// The tracking state without what belongs to one kernel alone.
  fileprivate var carried: TCPTracking {
    var copy = self
    copy.originalFlags.formIntersection(.carried)
    copy.replyFlags.formIntersection(.carried)
    return copy
  }
}
