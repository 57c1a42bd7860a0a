import Wire

/// What the supervisors of a pair tell each other by the link of `sync`.
///
///     kind 1, then a ``LeaseMessage``, or: number 8, step 1, the step's own
enum PeerMessage: Hashable {
  /// About leases of hosts.
  case leases(LeaseMessage)
  /// About a policy that is put in force on both nodes; every change has a number.
  case policy(UInt64, PolicyStep)

  /// The steps of a policy on both nodes.
  enum PolicyStep: Hashable {
    /// A piece of the policy; the last one asks whether it may be put in force.
    case offer([UInt8], isLast: Bool)
    /// Put it in force, and take it back after so many seconds unless it is to be kept.
    case apply(seconds: UInt32)
    /// Keep it.
    case keep
    /// Take it back.
    case takeBack
    /// The answer to an offer, and to each step behind it: done or not, and in which words.
    case answer(done: Bool, String)

    /// The same with no more words than a frame holds.
    var bounded: PolicyStep {
      guard case .answer(let done, let words) = self, words.utf8.count > pieceBytes else {
        return self
      }
      // A character has four octets at most that are worth to be read.
      return .answer(done: done, String(words.unicodeScalars.prefix(pieceBytes / 4)))
    }
  }

  /// Octets of the policy in one offer, and of the words of an answer, so that a frame between the
  /// nodes holds them.
  static let pieceBytes = 14_336
}

extension PeerMessage: WireCodable {
  init(from reader: inout ByteReader) throws(WireError) {
    let offset = reader.offset
    let kind = try reader.uint8()
    switch kind {
    case 1: self = .leases(try LeaseMessage(from: &reader))
    case 2: self = .policy(try reader.uint64(), try PolicyStep(from: &reader))
    default: throw .invalid(offset: offset, value: UInt64(kind))
    }
  }

  func write(into writer: inout ByteWriter) {
    switch self {
    case .leases(let message):
      writer.uint8(1)
      message.write(into: &writer)
    case .policy(let number, let step):
      writer.uint8(2)
      writer.uint64(number)
      step.write(into: &writer)
    }
  }
}

extension PeerMessage.PolicyStep: WireCodable {
  init(from reader: inout ByteReader) throws(WireError) {
    let offset = reader.offset
    let step = try reader.uint8()
    switch step {
    case 1:
      let piece = try [UInt8](from: &reader)
      self = .offer(piece, isLast: try Bool(from: &reader))
    case 2: self = .apply(seconds: try reader.uint32())
    case 3: self = .keep
    case 4: self = .takeBack
    case 5:
      let done = try Bool(from: &reader)
      self = .answer(done: done, try String(from: &reader))
    default: throw .invalid(offset: offset, value: UInt64(step))
    }
  }

  func write(into writer: inout ByteWriter) {
    switch self {
    case .offer(let piece, let isLast):
      writer.uint8(1)
      piece.write(into: &writer)
      isLast.write(into: &writer)
    case .apply(let seconds):
      writer.uint8(2)
      writer.uint32(seconds)
    case .keep: writer.uint8(3)
    case .takeBack: writer.uint8(4)
    case .answer(let done, let words):
      writer.uint8(5)
      done.write(into: &writer)
      words.write(into: &writer)
    }
  }
}
