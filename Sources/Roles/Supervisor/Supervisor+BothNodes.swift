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
    /// The other node is to keep it, too.
    case keeping
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
}

/// A policy on its way to both nodes.
struct BothNodes {
  /// This node was asked.
  var asked: PairedChange?
  /// The other node was, and offers it.
  var offer: PolicyOffer?
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
    return nil
  }

  private func awaitPeer(_ phase: PairedChange.Phase) {
    both.asked?.phase = phase
    both.asked?.deadline = MonotonicClock.now() + SupervisorLimits.applyPatience
  }

  private func answered(_ number: UInt64, done: Bool, _ words: String) {
    guard let run = both.asked, run.number == number, run.deadline != nil else { return }
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
    case .keeping: both.asked = nil
    }
  }

  /// The other node has not answered in time.
  func expirePaired(at now: Instant) {
    guard let deadline = both.asked?.deadline, deadline <= now else { return }
    failPaired("the other node did not answer in time; see ztb ha status")
  }

  private func failPaired(_ reason: String) {
    guard let run = both.asked else { return }
    if case .keeping = run.phase {
      both.asked = nil
      note("config.one-node", "the policy may be kept on this node alone", reason)
      return
    }
    endPaired(run.number, .takeBack)
    refuse(run.client, "\(Self.verb): \(reason); nothing was changed here")
  }

  /// A change is over on this node, or did not even begin: so it is on the other one.
  func endPaired(_ number: UInt64, _ step: PeerMessage.PolicyStep) {
    guard both.asked?.number == number else { return }
    tell(step, number)
    if step == .keep { awaitPeer(.keeping) } else { both.asked = nil }
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
    case .answer(let done, let words): answered(number, done: done, words)
    }
  }

  private func offered(_ piece: [UInt8], _ isLast: Bool, _ number: UInt64) {
    var current = both.offer ?? PolicyOffer(number: number)
    if current.number != number { current = PolicyOffer(number: number) }
    current.text += piece
    guard current.text.count <= ConfigurationDocument.textBytes else { return both.offer = nil }
    both.offer = current
    guard isLast else { return }
    let words: String
    do throws(ConfigurationProblems) {
      let document = try plan.given.replacing(policy: try PolicyText(parsing: current.text))
      let reason = reasonNot(toApply: Plan(document, lease: lease), ChangeTerms())
      if reason == nil { both.offer?.document = document }
      words = reason ?? ""
    } catch { words = "\(error)" }
    tell(.answer(done: words.isEmpty, words), number)
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
