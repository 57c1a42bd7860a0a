import Configuration
import Linux
import Messages
import Policy
import SessionSync
import Store
import Testing
import Wire

@testable import Roles

@Suite struct PeerMessageTests {
  private let messages: [PeerMessage] = [
    .leases(LeaseMessage(now: 7, inUse: 3, leases: [])),
    .policy(1, .offer([0x7b, 0x7d], isLast: true)), .policy(2, .offer([], isLast: false)),
    .policy(3, .apply(seconds: 90)), .policy(4, .keep), .policy(.max, .takeBack),
    .policy(5, .answer(done: false, "policy.version: 3 is too late")),
  ]

  @Test("what the supervisors tell each other survives, cut short it throws, spoilt it never traps")
  func coding() throws {
    for message in messages {
      let whole = message.encoded
      #expect(try PeerMessage(decoding: whole) == message)
      for count in 0..<whole.count {
        #expect(throws: (any Error).self) { try PeerMessage(decoding: Array(whole.prefix(count))) }
      }
      for index in whole.indices {
        for bit in 0..<8 {
          var octets = whole
          octets[index] ^= 1 << bit
          // Whether it is one is of no interest, only that it comes to an end.
          _ = try? PeerMessage(decoding: octets)
        }
      }
    }
  }

  @Test("no message is longer than a frame between the nodes")
  func room() {
    let piece = [UInt8](repeating: 0x20, count: PeerMessage.pieceBytes)
    #expect(
      PeerMessage.policy(.max, .offer(piece, isLast: true)).encoded.count <= Limits.messageFrame)
    let words = String(repeating: "é", count: PeerMessage.pieceBytes)
    let answer = PeerMessage.PolicyStep.answer(done: false, words).bounded
    #expect(PeerMessage.policy(.max, answer).encoded.count <= Limits.messageFrame)
    guard case .answer(false, let short) = answer else { return #expect(Bool(false)) }
    #expect(words.hasPrefix(short) && short.count > 1_000)
  }
}

@Suite(.enabled(if: OwnNamespace.isAllowed, "\(OwnNamespace.reason)"))
struct BothNodesTests {
  private let policy = """
    {"schema": 1, "version": 2, "zones": {"lan": {"ports": ["ge2"]}},
     "defaults": {"action": "deny"}}
    """

  private func inBench(_ body: (Supervisor, ConfigurationDocument) throws -> Void) throws {
    try OwnNamespace.run {
      try OwnNamespace.makePorts("ge1", "ge2", "ge3", "ge4")
      let given = try NodeNetworkTests.document()
      try body(try SupervisorBench(Plan(given)).supervisor, given)
    }
  }

  @Test(
    "the other node takes a policy in pieces, and puts nothing in force that it was not offered")
  func offered() throws {
    try inBench { supervisor, given in
      let octets = Array(policy.utf8)
      supervisor.received(.offer(Array(octets.prefix(20)), isLast: false), 5)
      supervisor.received(.apply(seconds: 60), 5)
      supervisor.received(.offer(Array(octets.dropFirst(20)), isLast: true), 6)
      #expect(supervisor.both.offer?.document == nil && supervisor.plan.given == given)
      supervisor.received(.offer(Array(octets.prefix(20)), isLast: false), 7)
      supervisor.received(.offer(Array(octets.dropFirst(20)), isLast: true), 7)
      #expect(
        supervisor.both.offer?.document?.policy.version == 2 && supervisor.plan.given == given)
      supervisor.received(.apply(seconds: 60), 8)
      #expect(supervisor.plan.given == given)
      supervisor.received(.apply(seconds: 60), 7)
      #expect(supervisor.plan.given.policy.version == 2)
      #expect(supervisor.change?.terms.paired == .theirs(7))
      // Another one's word is nothing to it.
      supervisor.received(.takeBack, 6)
      supervisor.received(.keep, 6)
      #expect(supervisor.plan.given.policy.version == 2 && supervisor.change != nil)
      supervisor.received(.takeBack, 7)
      #expect(supervisor.plan.given == given && supervisor.change == nil)
    }
  }

  @Test("a policy that is refused by this node, or longer than any document, is not kept for later")
  func refused() throws {
    try inBench { supervisor, given in
      let texts = [
        "[]", policy.replacing("ge2", with: "ge7"), policy.replacing("lan", with: "l n"),
      ]
      for (number, text) in zip(UInt64(20)..., texts) {
        supervisor.received(.offer(Array(text.utf8), isLast: true), number)
        #expect(supervisor.both.offer == nil, "\(text)")
        supervisor.received(.apply(seconds: 60), number)
        #expect(supervisor.change == nil && supervisor.plan.given == given)
      }
      let piece = [UInt8](repeating: 0x20, count: PeerMessage.pieceBytes)
      for _ in 0...ConfigurationDocument.textBytes / piece.count {
        supervisor.received(.offer(piece, isLast: false), 9)
      }
      #expect(supervisor.both.offer == nil)
    }
  }

  @Test("asked for on a node that is not active, or alone, nothing is begun")
  func notHere() throws {
    try inBench { supervisor, given in
      var request = ControlRequest(.policyApply)
      request.document = policy
      request.bothNodes = true
      supervisor.handle(request, from: .socket(1))
      #expect(supervisor.both.asked == nil && supervisor.plan.given == given)
      supervisor.knowledge.role = .active
      supervisor.handle(request, from: .socket(1))
      // The other node is not connected.
      #expect(supervisor.both.asked == nil && supervisor.plan.given == given)
    }
  }

  @Test("a change that the other node was asked for is confirmed there, unless nobody is there")
  func notByOthers() throws {
    try inBench { supervisor, given in
      var zeros = ByteReader([UInt8](repeating: 0, count: 1_024))
      var status = try Messages.SyncStatus(from: &zeros)
      status.connected = true
      supervisor.knowledge.sync = status
      supervisor.received(.offer(Array(policy.utf8), isLast: true), 5)
      supervisor.received(.apply(seconds: 60), 5)
      supervisor.change?.phase = .unconfirmed(deadline: MonotonicClock.now() + .seconds(60))
      for verb in [ControlRequest.Verb.configConfirm, .configRollback] {
        supervisor.handle(ControlRequest(verb), from: .socket(1))
        #expect(supervisor.change != nil, "\(verb)")
      }
      supervisor.received(.keep, 5)
      #expect(supervisor.change == nil && supervisor.plan.given.policy.version == 2)
      let next = policy.replacing("\"version\": 2", with: "\"version\": 3")
      supervisor.received(.offer(Array(next.utf8), isLast: true), 6)
      supervisor.received(.apply(seconds: 60), 6)
      supervisor.change?.phase = .unconfirmed(deadline: MonotonicClock.now() + .seconds(60))
      supervisor.knowledge.sync = nil
      supervisor.handle(ControlRequest(.configRollback), from: .socket(1))
      #expect(supervisor.change == nil && supervisor.plan.given.policy.version == 2)
    }
  }

  /// A node that was asked and has come to `phase`, under number 5.
  private func ask(
    _ supervisor: Supervisor, _ phase: PairedChange.Phase, within seconds: Int? = nil
  ) throws {
    let document = try supervisor.plan.given.replacing(
      policy: try PolicyText(parsing: Array(policy.utf8)))
    var terms = ChangeTerms(confirmWithinSeconds: seconds)
    terms.paired = .ours(5)
    // Every one has another number but here.
    supervisor.both.word = nil
    supervisor.both.asked = PairedChange(
      number: 5, client: .socket(1), document: document, terms: terms, phase: phase,
      deadline: MonotonicClock.now() + .seconds(20))
  }

  @Test("the node that was asked goes on with each answer, and only with its own")
  func steps() throws {
    try inBench { supervisor, given in
      try ask(supervisor, .offered)
      supervisor.received(.answer(done: true, ""), 6)
      #expect(supervisor.both.asked?.phase == .offered)
      // Nothing else is changed in between.
      var other = ControlRequest(.policyApply)
      other.document = policy
      supervisor.handle(other, from: .socket(2))
      #expect(supervisor.change == nil && supervisor.plan.given == given)
      supervisor.received(.answer(done: true, ""), 5)
      #expect(supervisor.both.asked?.phase == .there && supervisor.plan.given == given)
      supervisor.received(.answer(done: true, ""), 5)
      #expect(supervisor.both.asked?.phase == .here && supervisor.both.asked?.deadline == nil)
      #expect(supervisor.change?.terms.paired == .ours(5))
      #expect(supervisor.plan.given.policy.version == 2)
      // It is no longer in force there.
      supervisor.received(.answer(done: false, "nobody confirmed"), 5)
      #expect(supervisor.change == nil && supervisor.plan.given == given)
      #expect(supervisor.both.asked == nil && supervisor.both.word?.step == .takeBack)
    }
  }

  @Test("the last word is said until it is answered or too late; only one that is lost is told")
  func lastWord() throws {
    try inBench { supervisor, _ in
      for (step, answer, isTold) in [
        (PeerMessage.PolicyStep.keep, true, false), (.keep, false, true), (.keep, nil, true),
        (.takeBack, true, false), (.takeBack, false, false), (.takeBack, nil, false),
      ] as [(PeerMessage.PolicyStep, Bool?, Bool)] {
        try ask(supervisor, .here, within: 3)
        supervisor.endPaired(5, step)
        #expect(supervisor.both.asked == nil && supervisor.both.word?.step == step)
        let before = try supervisor.store.events(limit: 100).count
        if let answer {
          supervisor.received(.answer(done: answer, "words"), 5)
        } else {
          let until = try #require(supervisor.pairedDeadline)
          supervisor.expirePaired(at: until - .seconds(1))
          #expect(supervisor.both.word != nil)
          supervisor.expirePaired(at: until)
        }
        #expect(supervisor.both.word == nil && supervisor.pairedDeadline == nil)
        #expect(try supervisor.store.events(limit: 100).count == before + (isTold ? 1 : 0))
      }
    }
  }

  @Test("without an answer, or with a refusal, nothing is changed here")
  func unanswered() throws {
    try inBench { supervisor, given in
      for phase in [PairedChange.Phase.offered, .there] {
        try ask(supervisor, phase)
        supervisor.received(.answer(done: false, "no"), 5)
        #expect(supervisor.both.asked == nil && supervisor.plan.given == given)
        try ask(supervisor, phase)
        supervisor.expirePaired(at: MonotonicClock.now() + .seconds(21))
        #expect(supervisor.both.asked == nil && supervisor.plan.given == given)
        #expect(supervisor.change == nil)
      }
    }
  }
}
