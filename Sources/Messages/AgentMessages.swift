public import Wire

/// Messages for `agent`.
public enum AgentCommand: Hashable, Sendable {
  /// The status document (JSON), to be sent up; at each change and once in ten seconds.
  case status(document: [UInt8])
  /// Further events, a JSON list of ``EventRecord``, the last with this number.
  case events(list: [UInt8], last: Int64)
  /// What became of a document that the agent reported.
  case applied(version: UInt64, outcome: ApplyOutcome, reason: String)
  /// What became of a command of the portal.
  case commandDone(id: String, done: Bool, text: String)
  /// Fetch software from `source` into the file at `path`, which is made anew.
  ///
  /// - `source`: `http://…`, `https://…` or `portal:VERSION`.
  /// - `path`: in the one directory that the role may write to.
  ///
  /// Another fetch under way ends with a reason first.
  case fetch(source: String, path: String)
  /// Stop fetching; what is there stays. Answered with ``AgentReport/fetchEnded(reason:)`` if there
  /// was something to stop.
  case fetchCancel
}

extension AgentCommand: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    let offset = reader.offset
    let tag = try reader.uint8()
    switch tag {
    case 0:
      self = .status(document: try [UInt8](from: &reader))
    case 1:
      self = .events(list: try [UInt8](from: &reader), last: try Int64(from: &reader))
    case 2:
      self = .applied(
        version: try UInt64(from: &reader), outcome: try ApplyOutcome(from: &reader),
        reason: try String(from: &reader))
    case 3:
      self = .commandDone(
        id: try String(from: &reader), done: try Bool(from: &reader),
        text: try String(from: &reader))
    case 4:
      self = .fetch(source: try String(from: &reader), path: try String(from: &reader))
    case 5: self = .fetchCancel
    default: throw .invalid(offset: offset, value: UInt64(tag))
    }
  }

  public func write(into writer: inout ByteWriter) {
    switch self {
    case .status(let document):
      writer.uint8(0)
      document.write(into: &writer)
    case .events(let list, let last):
      writer.uint8(1)
      list.write(into: &writer)
      last.write(into: &writer)
    case .applied(let version, let outcome, let reason):
      writer.uint8(2)
      version.write(into: &writer)
      outcome.write(into: &writer)
      reason.write(into: &writer)
    case .commandDone(let id, let done, let text):
      writer.uint8(3)
      id.write(into: &writer)
      done.write(into: &writer)
      text.write(into: &writer)
    case .fetch(let source, let path):
      writer.uint8(4)
      source.write(into: &writer)
      path.write(into: &writer)
    case .fetchCancel: writer.uint8(5)
    }
  }
}

/// What became of a configuration document.
public enum ApplyOutcome: UInt8, Hashable, Sendable, WireCodable {
  /// Checked, and being put in force.
  case verified = 0
  /// In force, every role works.
  case applied = 1
  /// Refused, or taken back.
  case failed = 2
}

/// Messages from `agent`.
public enum AgentReport: Hashable, Sendable {
  /// A step of the activation began, ended or failed (3 DNS … 7 certificate).
  case step(number: UInt8, state: StepState, cause: String)
  /// The activation cannot go on; `final`: the same code will not do.
  case failed(reasons: [String], remedy: String, final: Bool)
  /// The key pair (PEM), to be stored before it is used.
  case keyMade(privateKey: String)
  /// The portal knows us, under this name.
  case enrolled(identity: PortalIdentity, gateway: String)
  /// A configuration document to be put in force.
  case document(version: UInt64, text: String)
  /// The portal answers, or does not and why.
  case contact(connected: Bool, reason: String)
  /// The portal wants something: `switchover`, `drill`, `suspend`, `resume`, `restart`,
  /// `factory-reset`, `update VERSION`, `update-activate`.
  case command(id: String, verb: String)
  /// The portal has every event up to this number.
  case eventsDelivered(last: Int64)
  /// The time of the pinned portal, for a box whose clock was never set.
  case clock(secondsSince1970: Int64)
  /// So much of the software is in its file; `total` 0: its size is not known. At most twice a second.
  case fetchProgress(octets: UInt64, total: UInt64)
  /// A fetch is over. `reason` empty: the file is whole; else why it is not, for people.
  case fetchEnded(reason: String)
}

extension AgentReport: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    let offset = reader.offset
    let tag = try reader.uint8()
    switch tag {
    case 0:
      self = .step(
        number: try UInt8(from: &reader), state: try StepState(from: &reader),
        cause: try String(from: &reader))
    case 1:
      self = .failed(
        reasons: try [String](from: &reader), remedy: try String(from: &reader),
        final: try Bool(from: &reader))
    case 2:
      self = .keyMade(privateKey: try String(from: &reader))
    case 3:
      self = .enrolled(
        identity: try PortalIdentity(from: &reader), gateway: try String(from: &reader))
    case 4:
      self = .document(version: try UInt64(from: &reader), text: try String(from: &reader))
    case 5:
      self = .contact(connected: try Bool(from: &reader), reason: try String(from: &reader))
    case 6:
      self = .command(id: try String(from: &reader), verb: try String(from: &reader))
    case 7:
      self = .eventsDelivered(last: try Int64(from: &reader))
    case 8:
      self = .clock(secondsSince1970: try Int64(from: &reader))
    case 9:
      self = .fetchProgress(octets: try UInt64(from: &reader), total: try UInt64(from: &reader))
    case 10:
      self = .fetchEnded(reason: try String(from: &reader))
    default: throw .invalid(offset: offset, value: UInt64(tag))
    }
  }

  public func write(into writer: inout ByteWriter) {
    switch self {
    case .step(let number, let state, let cause):
      writer.uint8(0)
      number.write(into: &writer)
      state.write(into: &writer)
      cause.write(into: &writer)
    case .failed(let reasons, let remedy, let final):
      writer.uint8(1)
      reasons.write(into: &writer)
      remedy.write(into: &writer)
      final.write(into: &writer)
    case .keyMade(let privateKey):
      writer.uint8(2)
      privateKey.write(into: &writer)
    case .enrolled(let identity, let gateway):
      writer.uint8(3)
      identity.write(into: &writer)
      gateway.write(into: &writer)
    case .document(let version, let text):
      writer.uint8(4)
      version.write(into: &writer)
      text.write(into: &writer)
    case .contact(let connected, let reason):
      writer.uint8(5)
      connected.write(into: &writer)
      reason.write(into: &writer)
    case .command(let id, let verb):
      writer.uint8(6)
      id.write(into: &writer)
      verb.write(into: &writer)
    case .eventsDelivered(let last):
      writer.uint8(7)
      last.write(into: &writer)
    case .clock(let secondsSince1970):
      writer.uint8(8)
      secondsSince1970.write(into: &writer)
    case .fetchProgress(let octets, let total):
      writer.uint8(9)
      octets.write(into: &writer)
      total.write(into: &writer)
    case .fetchEnded(let reason):
      writer.uint8(10)
      reason.write(into: &writer)
    }
  }
}

/// How far a step of an activation is.
public enum StepState: UInt8, Hashable, Sendable, WireCodable {
  /// It began.
  case running = 0
  /// It ended well.
  case done = 1
  /// It failed.
  case failed = 2
  /// It was not needed.
  case skipped = 3
}
