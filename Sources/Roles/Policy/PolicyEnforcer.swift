import Configuration
import Glibc
import Linux
import Messages
import Policy
import Wire

/// Keeps one policy in the kernel: loads it, proves that it is there, and repairs it.
///
/// Makes no decision about time but through the instants it is given, and knows no channel, so
/// that a test can run it in a namespace.
final class PolicyEnforcer {
  /// How often the kernel is asked whether the ruleset is still there.
  static let checkInterval = Interval.seconds(2)
  /// How long after a change of any ruleset it is asked: a program may be in the midst of more.
  static let suspicion = Interval.milliseconds(20)

  /// How far the wall clock may go another way than the monotonic one before it counts as set.
  static let clockTolerance: Int64 = 2

  /// How a ruleset came into the kernel.
  enum Way: String {
    /// Every chain and every element.
    case whole
    /// What differed from the one before.
    case delta
  }

  /// What a look found, in words.
  enum Finding: Hashable {
    /// Others had changed it, and it is in force again.
    case repaired(String)
    /// Other hours have begun, and are in force.
    case followed(String)
    /// What is to be in force is not, and why.
    case failed(String)
  }

  let nftables: Nftables
  let wallClock: () -> Int64
  let awaitPackets: () -> Void
  /// What the wall clock was ahead of the monotonic one when the quarantine was filled, in seconds.
  private var clockLead: Int64 = 0
  var wanted: Wanted?
  /// The generation of the rulesets that ``wanted`` has led to; nil where the kernel may hold
  /// anything else, because somebody had a transaction of his own or one of ours failed.
  var generation: UInt32?
  /// How the last load was made, and how long its transactions took in nftables and the kernel.
  private(set) var lastLoad: (way: Way, took: Interval) = (.whole, .zero)
  /// How long the transactions of the last load took, and those since.
  private var transactionsTook = Interval.zero
  /// When that was.
  private var loadedAt = Instant.zero
  /// Hosts that have come into another group, and whose connections are to be judged again.
  var moved: Set<IPv4Address> = []
  /// Whether what helpers announced may lack the stamp of the moment.
  var mustStampAnnounced = false
  /// Whether the kernel has the hosts of ``wanted`` in their groups.
  var hasPlacedHosts = true
  /// Epoch that connections judged before the last change carry.
  private var previousEpoch: UInt8?
  /// Whether our guard stands; nobody else can remove it.
  private var isGuarded = false
  var status = PolicyStatus(
    loaded: false, version: 0, hash: [], epoch: 0, appliedAt: 0, error: "")

  /// When packets are followed no longer; nil: none are.
  private(set) var traceEnd: Instant?

  /// When ``check()`` is due next; nil until a policy is wanted.
  private(set) var deadline: Instant?

  /// - Parameters:
  ///   - wallClock: seconds since 1970; decides who is still in quarantine.
  ///   - awaitPackets: between the two transactions of a change, until no processor is in the midst of
  ///     a packet that it began before.
  init(
    wallClock: @escaping () -> Int64 = WallClock.secondsSince1970,
    awaitPackets: @escaping () -> Void = PolicyEnforcer.awaitProcessors
  ) throws(NftablesError) {
    nftables = try Nftables()
    self.wallClock = wallClock
    self.awaitPackets = awaitPackets
  }

  /// Puts a policy in force. Throws a sentence when it cannot be; then the last one stays.
  func configure(_ configuration: PolicyConfiguration, at now: Instant) throws(PolicyRefusal) {
    let document: ConfigurationDocument
    do {
      document = try ConfigurationDocument(parsing: configuration.document)
    } catch { throw PolicyRefusal(description: error.description) }
    let policy = document.policy
    if let wanted, wanted.policy.epoch == policy.epoch, wanted.hash != configuration.appliedHash {
      throw PolicyRefusal(
        description: "policy.version: \(policy.version) has the epoch \(policy.epoch) of version "
          + "\(wanted.policy.version), which is in force with other content; raise it")
    }
    let context = document.policyContext(hash: configuration.appliedHash)
    let next = Wanted(document, context, configuration.hosts, at: wallClock())
    let before = wanted?.ruleset.epoch ?? epochInKernel()
    let isLate = before.map { $0 != next.ruleset.epoch } ?? false
    // A process before this one had hosts in groups, too, whose connections go on.
    if wanted == nil, !isLate, policy.matchesHosts { moved.formUnion(movedInKernel(next.policy)) }
    let hasOtherHours = wanted.map { $0.openSchedules != next.openSchedules } ?? false
    try load(next, granting: isLate || hasOtherHours ? before : nil, at: now)
    wanted = next
    deadline = nextLook(at: now)
    if isLate { previousEpoch = before }
    stampAnnounced()
  }

  /// The node became active: connections that the peer judged by its last policy may go on.
  ///
  /// Unless a change was seen, that is the version before this one. Under this one, too, its stamp may
  /// be another: its hours are by its clock, and a build before this one kept more in the mark.
  func promoted() {
    guard let wanted else { return }
    let version = wanted.policy.version
    let epoch = previousEpoch ?? PolicyDocument.epoch(of: version - 1)
    do {
      try transact(PolicyCompiler.grace([epoch, wanted.ruleset.epoch]))
    } catch { status.error = "grace for epoch \(epoch): \(error)" }
    mustStampAnnounced = true
    stampAnnounced()
  }

  /// Has the kernel tell of packets until ``traceEnd``, in place of those before.
  func follow(_ trace: PacketTrace, at now: Instant) throws(NftablesError) {
    let text = PolicyCompiler.trace(
      number: trace.number, from: trace.source, to: trace.destination,
      protocolNumber: trace.protocolNumber, port: trace.port)
    try transact((traceEnd == nil ? "" : PolicyCompiler.traceRemoval) + text)
    traceEnd = now + .seconds(Int(trace.duration))
  }

  /// Follows packets no longer when ``traceEnd`` has come.
  func endTrace(at now: Instant) throws(NftablesError) {
    guard let end = traceEnd, end <= now else { return }
    // Where it fails it is tried again, after a while.
    traceEnd = now + PolicyEnforcer.checkInterval
    try transact(PolicyCompiler.traceRemoval)
    traceEnd = nil
  }

  /// Somebody changed a ruleset, perhaps this enforcer: looks soon.
  func suspect(at now: Instant) {
    deadline = deadline.map { min($0, now + PolicyEnforcer.suspicion) }
  }

  /// Looks whether the ruleset is still in the kernel, and loads it again when it is not.
  ///
  /// - Returns: what was found wrong, or nil.
  func check(at now: Instant) -> Finding? {
    guard let wanted else { return nil }
    deadline = nextLook(at: now)
    defer { stampAnnounced() }
    let isThere = identityInKernel() == wanted.ruleset.identity
    if isThere, hasPlacedHosts, !isTouched(at: now) {
      followClock(wanted, at: now)
      retryJudging(wanted.policy)
      return nil
    }
    if isThere, !hasPlacedHosts {
      do {
        try load(wanted, at: now)
        return nil
      } catch { return .failed("the ruleset lacks the hosts of the moment: \(error)") }
    }
    let what = isThere ? "touched by another program" : "gone from the kernel"
    do {
      try load(wanted, at: now)
      return .repaired("the ruleset was \(what) and is loaded again")
    } catch { return .failed("the ruleset is \(what): \(error)") }
  }

  /// Whether others had a transaction since our last: perhaps about a chain of ours. One that has
  /// many is not followed more often than at each ``checkInterval``.
  private func isTouched(at now: Instant) -> Bool {
    guard let current = try? KernelRulesets.generation(), current != generation,
      now >= loadedAt + PolicyEnforcer.checkInterval
    else { return false }
    return true
  }

  /// Loads the ruleset of the hours that have begun, when they have; to be asked at each
  /// ``deadline``, before ``check(at:)``. Whoever was judged under other hours is judged again: both
  /// nodes come to the same rules and stamp by their clocks, and the peer need not be asked.
  ///
  /// - Returns: what was done, or nil.
  func followSchedules(at now: Instant) -> Finding? {
    guard let wanted, !wanted.policy.schedules.isEmpty else { return nil }
    let time = wallClock()
    guard wanted.policy.openSchedules(at: time) != wanted.openSchedules else { return nil }
    let next = Wanted(wanted.document, wanted.context, wanted.hosts, at: time)
    do {
      try load(next, granting: next.ruleset.epoch, at: now)
    } catch { return .failed("the hours have changed, but not the ruleset: \(error)") }
    self.wanted = next
    stampAnnounced()
    let open = next.policy.schedules.filter { $0.isOpen(at: time) }.map(\.name)
    return .followed("open schedules: \(open.isEmpty ? "none" : open.joined(separator: ", "))")
  }

  /// Schedules begin and end with a minute, as offsets from UTC are whole minutes today.
  private func nextLook(at now: Instant) -> Instant {
    let usual = now + PolicyEnforcer.checkInterval
    guard let wanted, !wanted.policy.schedules.isEmpty else { return usual }
    return min(usual, now + .seconds(Int(60 - wallClock() % 60)))
  }

  /// The transactions, then the proof.
  ///
  /// - Parameter epoch: accepted in reply direction for a moment, from the last of them on.
  private func load(
    _ next: Wanted, granting epoch: UInt8? = nil, at now: Instant
  ) throws(PolicyRefusal) {
    let time = wallClock()
    transactionsTook = .zero
    do {
      let way = try put(next, at: time, granting: epoch)
      lastLoad = (way, transactionsTook)
    } catch {
      restore(at: time)
      status.error = error.description
      throw PolicyRefusal(description: error.description)
    }
    guard identityInKernel() == next.ruleset.identity else {
      generation = nil
      status.loaded = false
      status.error = "nftables took the ruleset, but the kernel does not show it"
      throw PolicyRefusal(description: status.error)
    }
    // A version that stays does not have everybody judged again.
    if let wanted, wanted.ruleset.epoch == next.ruleset.epoch { noteMoved(from: wanted, to: next) }
    status = PolicyStatus(
      loaded: true, version: UInt64(next.policy.version), hash: next.hash,
      epoch: next.ruleset.epoch, appliedAt: time, error: "")
    clockLead = time - now.nanoseconds / 1_000_000_000
    loadedAt = now
    hasPlacedHosts = true
    mustStampAnnounced = true
    raiseGuard()
  }

  /// Only the difference where the kernel holds what is wanted and nobody else has touched any
  /// ruleset since; everything where there is any doubt. A table of an older build may have other
  /// types; it is replaced, still without a moment in which anything passes unjudged.
  private func put(
    _ next: Wanted, at time: Int64, granting epoch: UInt8?
  ) throws(NftablesError) -> Way {
    let quarantine = PolicyCompiler.quarantine(next.policy, at: time)
    // A kernel that does not tell is a doubt.
    if let wanted, generation != nil, (try? KernelRulesets.generation()) == generation {
      let isEmpty = [wanted, next].allSatisfy { $0.policy.quarantine.members.isEmpty }
      var deltas = next.ruleset.deltas(from: wanted.ruleset)
      deltas[0] += isEmpty ? "" : quarantine
      let (old, new) = (wanted.bindings, next.bindings)
      // Who is bound before and after is bound in between.
      deltas[0] += PolicyCompiler.bindings(adding: new.subtracting(old))
      deltas[deltas.count - 1] += PolicyCompiler.bindings(removing: old.subtracting(new))
      deltas[deltas.count - 1] += epoch.map { PolicyCompiler.grace([$0]) } ?? ""
      // What cannot be added or removed is not what was believed to be there.
      // Nor is it where somebody else had a transaction meanwhile.
      if (try? transact(deltas)) != nil, generation != nil { return .delta }
    }
    let inKernel = identityInKernel()
    // Where it is gone its connections are there still.
    let before = inKernel.isEmpty ? wanted?.ruleset.identity ?? [] : inKernel
    let texts = next.ruleset.texts(over: before)
    try replace(by: next, texts.rules + quarantine + PolicyCompiler.bindings(next.bindings))
    if !before.isEmpty { awaitPackets() }
    // Also what was allowed since the first transaction, which carries the epoch of before.
    let granted = [epoch, before.first.map { PolicyDocument.epoch(of: $0) }].compactMap { $0 }
    try transact(texts.stamp + PolicyCompiler.grace(Set(granted)))
    return .whole
  }

  /// The first transaction of a whole load.
  private func replace(by next: Wanted, _ text: String) throws(NftablesError) {
    // Whose name is not known stays for now.
    let names = (try? KernelRulesets.counterNames()) ?? []
    let stale = PolicyCompiler.removal(ofRulesAmong: names, but: next.ruleset)
    do {
      do {
        try transact(text + stale, isWhole: true)
      } catch {
        // What a rule left behind does nothing, and goes with the next load.
        try transact(text)
      }
    } catch {
      let fresh = "add table \(PolicyCompiler.table)\n" + PolicyCompiler.removal
      try transact(fresh + text, isWhole: true)
    }
  }

  /// Puts the last ruleset in force again where a half of the next one may be.
  private func restore(at time: Int64) {
    guard let wanted else { return }
    if identityInKernel() != wanted.ruleset.identity {
      // Not what was believed: all of it.
      generation = nil
      // If that fails, too, the next look finds it.
      _ = try? put(wanted, at: time, granting: nil)
    }
    status.loaded = identityInKernel() == wanted.ruleset.identity
  }

  private func transact(_ texts: [String]) throws(NftablesError) {
    for (index, text) in texts.enumerated() {
      if index > 0 { awaitPackets() }
      try transact(text)
    }
  }

  /// Waits for whatever any processor does in the kernel, some 20 ms. Without, a processor would have to
  /// be held up for the time of two transactions in the midst of one packet, to judge it by old ranges
  /// and stamp it as of the new version.
  private static func awaitProcessors() {
    do {
      try ProcessorBarrier.wait()
    } catch {
      // A kernel that cannot is no reason to have no policy. So long nothing keeps a processor.
      usleep(20_000)
    }
  }

  /// Runs a transaction. What the kernel holds is known after it if it was known before, or if it
  /// replaces everything, and nobody else had one at the same time.
  func transact(_ text: String, isWhole: Bool = false) throws(NftablesError) {
    // Without a number the next load is whole.
    let before = try? KernelRulesets.generation()
    let wasKnown = generation == before
    let isKnown = isWhole || wasKnown
    generation = nil
    let begun = MonotonicClock.now()
    do throws(NftablesError) {
      try nftables.run(text)
    } catch {
      // One that is refused leaves everything as it was.
      if wasKnown, before != nil, (try? KernelRulesets.generation()) == before {
        generation = before
      }
      throw error
    }
    transactionsTook = transactionsTook + (MonotonicClock.now() - begun)
    // Here too. After the last number the kernel goes on with 1.
    let after = try? KernelRulesets.generation()
    // A transaction that changes nothing does not count.
    let isNext = after == before || after == (before == .max ? 1 : before.map { $0 + 1 })
    if isKnown, before != nil, isNext { generation = after }
  }

  /// The kernel counts down what is left of each quarantine, and knows nothing of a clock that was
  /// set; the quarantine is filled anew then.
  private func followClock(_ wanted: Wanted, at now: Instant) {
    let time = wallClock()
    let lead = time - now.nanoseconds / 1_000_000_000
    guard abs(lead - clockLead) > PolicyEnforcer.clockTolerance else { return }
    do {
      try transact(PolicyCompiler.quarantine(wanted.policy, at: time))
      clockLead = lead
    } catch { status.error = "the quarantine does not follow the clock: \(error)" }
  }

  /// A policy without a guard is in force all the same; the next load tries again.
  private func raiseGuard() {
    guard !isGuarded else { return }
    do {
      try transact(PolicyCompiler.guardian)
      isGuarded = true
    } catch { status.error = "guard: \(error)" }
  }

  private func epochInKernel() -> UInt8? {
    identityInKernel().first.map { PolicyDocument.epoch(of: $0) }
  }

  /// The words of the identity map in the kernel, in order; empty when there is no table.
  private func identityInKernel() -> [UInt32] {
    let command = "list map \(PolicyCompiler.table) \(PolicyCompiler.identityMap)"
    // Fails exactly when there is no such map, which is an answer.
    guard let listing = try? nftables.run(command) else { return [] }
    return PolicyEnforcer.words(listing)
  }
}

/// Why a policy was not put in force.
struct PolicyRefusal: Error, Hashable, CustomStringConvertible {
  /// One sentence, or one line per problem.
  let description: String
}
