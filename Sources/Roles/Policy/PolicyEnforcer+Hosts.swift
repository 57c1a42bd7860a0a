import Messages
import Policy
import Wire

/// Hosts come and go while a policy stays in force.
extension PolicyEnforcer {
  /// From now on these are the hosts of LANs. Throws when the kernel did not take it; the next look
  /// loads everything then.
  func meet(_ hosts: [LANHost]) throws {
    guard let old = wanted, old.hosts != hosts else { return }
    let next = old.with(hosts)
    wanted = next
    let (before, now) = (old.bindings, next.bindings)
    var text = PolicyCompiler.bindings(
      adding: now.subtracting(before), removing: before.subtracting(now))
    // No range is among what a host is in, so that it is one transaction.
    if next.policy != old.policy { text = next.ruleset.deltas(from: old.ruleset).joined() + text }
    guard !text.isEmpty else { return }
    noteMoved(from: old, to: next)
    do {
      try transact(text)
    } catch {
      generation = nil
      hasPlacedHosts = false
      throw error
    }
    try judgeMovedAgain(next.policy)
  }

  /// What failed before.
  func retryJudging(_ policy: PolicyDocument) {
    let complaint = "connections of hosts in other groups: "
    do {
      try judgeMovedAgain(policy)
      if status.error.hasPrefix(complaint) { status.error = "" }
    } catch { status.error = "\(complaint)\(error)" }
  }

  /// Hosts that the kernel has in other groups than the policy.
  func movedInKernel(_ policy: PolicyDocument) -> Set<IPv4Address> {
    // Without a ruleset nobody is in a group.
    guard let listing = try? nftables.run(PolicyCompiler.hostListing) else { return [] }
    let before = PolicyEnforcer.placedHosts(listing)
    return Set(before.symmetricDifference(policy.placedHosts).map(\.address))
  }

  /// Remembers who is in another group than before.
  func noteMoved(from old: Wanted, to new: Wanted) {
    guard old.policy.matchesHosts || new.policy.matchesHosts else { return }
    moved.formUnion(old.policy.movedHosts(to: new.policy))
  }

  /// Connections of hosts in other groups than before are judged again with the next packet of who opened
  /// them; answers pass for a moment more, as at a change of the policy. To be asked when the kernel has
  /// the groups; what fails is tried again by the next look.
  func judgeMovedAgain(_ policy: PolicyDocument) throws {
    guard !moved.isEmpty, hasPlacedHosts else { return }
    // Who was in the midst of being judged by the groups before has its stamp then.
    awaitPackets()
    let mark = PolicyCompiler.movedMark(policy.epoch)
    let judged = try KernelConnections.find(of: moved) {
      $0 != mark && PolicyCompiler.epoch(ofMark: $0) == policy.epoch
    }
    if !judged.isEmpty {
      try transact(PolicyCompiler.grace([policy.epoch]))
      try KernelConnections.mark(judged, mark)
    }
    moved = []
    mustStampAnnounced = true
    stampAnnounced()
  }
}
