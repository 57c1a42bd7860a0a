import Configuration
import Messages
import Policy
import SessionSync
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
      for text in [
        "[]", policy.replacing("ge2", with: "ge7"), policy.replacing("lan", with: "l n"),
      ] {
        supervisor.received(.offer(Array(text.utf8), isLast: true), 5)
        #expect(supervisor.both.offer?.document == nil, "\(text)")
        supervisor.received(.apply(seconds: 60), 5)
        #expect(supervisor.change == nil && supervisor.plan.given == given)
      }
      let piece = [UInt8](repeating: 0x20, count: PeerMessage.pieceBytes)
      for _ in 0...ConfigurationDocument.textBytes / piece.count {
        supervisor.received(.offer(piece, isLast: false), 9)
      }
      #expect(supervisor.both.offer == nil)
    }
  }

  @Test("asked for where there is no pair or no active node, nothing is begun")
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
}
