import Configuration
import Linux
import Messages
import Wire

/// A policy that one command puts in force on both nodes: the standby first, then here.
struct PairedChange {
  /// Where it is.
  enum Phase {
    /// The other node says whether it would.
    case offered
    /// The other node puts it in force.
    case there
    /// It is put in force here, and waits to be confirmed as any change.
    case here
  }

  /// Chosen here, for both.
  let number: UInt64
  /// Whoever asked.
  let client: ControlClient
  /// The document of this node with the policy.
  let document: ConfigurationDocument
  /// How it is confirmed.
  var terms: ChangeTerms
  /// Where it is.
  var phase = Phase.offered
  /// When the other node has to have answered; nil while it is not asked.
  var deadline: Instant?

  /// Whether this node has still to put it in force: nothing may be changed under it.
  var isUnderWay: Bool {
    switch phase {
    case .offered, .there: true
    case .here: false
    }
  }
}

/// A policy on its way to both nodes.
struct BothNodes {
  /// This node was asked.
  var asked: PairedChange?
  /// The other node was, and offers it.
  var offer: PolicyOffer?
  /// The last word that this node has said about one, until the other node has answered or takes it
  /// back by itself; said again to a connection that is new.
  var word: LastWord?

  /// To keep it, or to take it back.
  struct LastWord {
    let number: UInt64
    let step: PeerMessage.PolicyStep
    /// Said no more, and answered no more.
    let until: Instant
  }
}

/// What the other node offers.
struct PolicyOffer {
  /// Chosen there.
  let number: UInt64
  /// The pieces so far.
  var text: [UInt8] = []
  /// The document of this node with the policy; nil: not whole yet, or refused.
  var document: ConfigurationDocument?
}

extension Supervisor {
  private static let verb = ControlRequest.Verb.policyApply.rawValue
  /// Seconds that a policy waits longer to be kept on the other node than here: what comes between.
  private static let headStartSeconds = 30

  // MARK: The node that is asked

  /// Begins with the other node; `terms` are what holds here.
  func applyOnBoth(
    _ document: ConfigurationDocument, _ terms: ChangeTerms, for client: ControlClient
  ) {
    let candidate = Plan(document, lease: lease)
    if let reason = reasonNotOnBoth ?? reasonNot(toApply: candidate, terms) {
      return refuse(client, "\(Self.verb): \(reason)")
    }
    var run = PairedChange(
      number: .random(in: 1 ... .max), client: client, document: document, terms: terms)
    run.terms.paired = .ours(run.number)
    both.asked = run
    awaitPeer(.offered)
    var rest = document.policyCanonical[...]
    repeat {
      let piece = rest.prefix(PeerMessage.pieceBytes)
      rest = rest.dropFirst(piece.count)
      tell(.offer(Array(piece), isLast: rest.isEmpty), run.number)
    } while !rest.isEmpty
  }

  private var reasonNotOnBoth: String? {
    guard plan.isPair else { return "the gateway is not one of a pair; leave --both out" }
    guard knowledge.role == .active else {
      return "this node is not the active one, which asks the standby first; apply it there"
    }
    guard both.asked == nil else {
      return "another policy is on its way to both nodes; wait for its end"
    }
    guard knowledge.sync?.connected == true else {
      return "the other node is not connected; see ztb ha status, or leave --both out"
    }
    guard allRun else { return "not all roles run; see ztb status" }
    return nil
  }

  private func awaitPeer(_ phase: PairedChange.Phase) {
    both.asked?.phase = phase
    both.asked?.deadline = MonotonicClock.now() + SupervisorLimits.applyPatience
  }

  private func answered(_ number: UInt64, done: Bool, _ words: String) {
    if let word = both.word, word.number == number {
      both.word = nil
      // What was to be taken back is not in force, whatever it says.
      if !done, word.step == .keep {
        note("config.one-node", "the nodes may differ", "the other node: \(words)")
      }
      return
    }
    guard let run = both.asked, run.number == number else { return }
    // It was in force there, and is not any more.
    if case .here = run.phase, !done { return takeBack(because: "the other node: \(words)") }
    guard run.deadline != nil else { return }
    guard done else { return failPaired("the other node: \(words)") }
    switch run.phase {
    case .offered:
      let seconds = (run.terms.confirmWithinSeconds ?? 0) + Self.headStartSeconds
      awaitPeer(.there)
      tell(.apply(seconds: UInt32(seconds)), number)
    case .there:
      both.asked?.phase = .here
      both.asked?.deadline = nil
      if !apply(run.document, Self.verb, run.terms, for: run.client) {
        endPaired(number, .takeBack)
      }
    case .here: break
    }
  }

  /// The other node has not answered in time.
  func expirePaired(at now: Instant) {
    if let deadline = both.asked?.deadline, deadline <= now {
      failPaired("the other node did not answer in time; see ztb ha status")
    }
    if let word = both.word, word.until <= now {
      both.word = nil
      // By itself it keeps nothing.
      guard word.step == .keep else { return }
      note("config.one-node", "the nodes may differ", "the other node did not answer in time")
    }
  }

  /// When ``expirePaired(at:)`` is due.
  var pairedDeadline: Instant? {
    [both.asked?.deadline, both.word?.until].compactMap { $0 }.min()
  }

  private func failPaired(_ reason: String) {
    guard let run = both.asked else { return }
    endPaired(run.number, .takeBack)
    refuse(run.client, "\(Self.verb): \(reason); nothing was changed here")
  }

  /// A change is over on this node, or did not even begin: so it is on the other one.
  func endPaired(_ number: UInt64, _ step: PeerMessage.PolicyStep) {
    guard let run = both.asked, run.number == number else { return }
    both.asked = nil
    // By then it has taken it back if it has not heard of it.
    let seconds = step == .keep ? 0 : run.terms.confirmWithinSeconds ?? 0
    let until = MonotonicClock.now() + .seconds(seconds + Self.headStartSeconds)
    both.word = BothNodes.LastWord(number: number, step: step, until: until)
    tell(step, number)
  }

  /// A connection to the other node is new: what was said last may not have come.
  func repeatLastWord() {
    if let word = both.word { tell(word.step, word.number) }
  }

  /// Nothing of it is left on this node.
  func giveUpBoth(_ reason: String) {
    if let run = both.asked {
      endPaired(run.number, .takeBack)
      if run.isUnderWay { refuse(run.client, "\(Self.verb): \(reason)") }
    }
    both = BothNodes()
  }

  // MARK: The other node

  /// Takes one step of a policy.
  func received(_ step: PeerMessage.PolicyStep, _ number: UInt64) {
    switch step {
    case .offer(let piece, let isLast): offered(piece, isLast, number)
    case .apply(let seconds):
      guard let document = both.offer?.number == number ? both.offer?.document : nil else {
        return tell(.answer(done: false, "this policy was not offered before"), number)
      }
      both.offer = nil
      let terms = ChangeTerms(confirmWithinSeconds: Int(seconds), paired: .theirs(number))
      apply(document, "\(Self.verb) on the other node", terms, for: .peer(number))
    case .keep:
      guard change?.terms.paired == .theirs(number), case .unconfirmed = change?.phase else {
        return tell(.answer(done: false, "it is not in force here any more"), number)
      }
      keepChange()
      tell(.answer(done: true, "kept"), number)
    case .takeBack:
      both.offer = nil
      if change?.terms.paired == .theirs(number) { revert("the other node took it back") }
      // One that was never begun, or that this node has taken back, is as it should be.
      tell(.answer(done: true, "not in force"), number)
    case .answer(let done, let words): answered(number, done: done, words)
    }
  }

  private func offered(_ piece: [UInt8], _ isLast: Bool, _ number: UInt64) {
    var current = both.offer ?? PolicyOffer(number: number)
    if current.number != number { current = PolicyOffer(number: number) }
    current.text += piece
    guard current.text.count <= ConfigurationDocument.textBytes else {
      both.offer = nil
      let words = "no document is longer than \(ConfigurationDocument.textBytes) octets"
      return tell(.answer(done: false, words), number)
    }
    both.offer = current
    guard isLast else { return }
    let words: String
    do throws(ConfigurationProblems) {
      let document = try plan.given.replacing(policy: try PolicyText(parsing: current.text))
      let reason = reasonNot(toApply: Plan(document, lease: lease), ChangeTerms())
      both.offer?.document = document
      words = reason ?? ""
    } catch { words = "\(error)" }
    if !words.isEmpty { both.offer = nil }
    tell(.answer(done: words.isEmpty, words), number)
  }

  /// Why a change that the other node was asked for is neither confirmed nor taken back here; nil: it is
  /// one of this node, or the other node is not there to be asked.
  var reasonToAskThere: String? {
    guard case .theirs = change?.terms.paired, knowledge.sync?.connected == true else { return nil }
    return "this policy is for both nodes; say it on the other one, where it was applied"
  }

  // MARK: Both

  /// Answers the other node.
  func tell(_ step: PeerMessage.PolicyStep, _ number: UInt64) {
    tellPeer(.policy(number, step.bounded))
  }

  /// Has `sync` tell the other node.
  func tellPeer(_ message: PeerMessage) { send(.sync(.message(message.encoded)), to: .sync) }

  /// The other node tells something.
  func receivedMessage(_ octets: [UInt8]) {
    // While roles are replaced it is of the pair that was.
    guard plan.isPair, !isReplacing else { return }
    do {
      switch try PeerMessage(decoding: octets) {
      case .leases(let message): receivedLeases(message)
      case .policy(let number, let step): received(step, number)
      }
    } catch { log.write(.error, "sync", "news of the other node that cannot be read: \(error)") }
  }
}
