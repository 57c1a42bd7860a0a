public import Wire

/// Messages for `vrrp`.
public enum VRRPCommand: Hashable, Sendable {
  /// Hand over to the peer; answered by `VRRPReport.answer`.
  case switchover(request: UInt32)
  /// Whether the session tables agree; gates preemption and switchover only.
  case syncReadiness(ready: Bool, reason: String)
  /// What the kernel enforces now; carried in the heartbeat.
  case policyApplied(version: UInt64, hash: [UInt8])
  /// Named reasons why this node is not healthy; empty when it is.
  case health(faults: [String])
  /// Answer to `VRRPReport.barrierWanted`.
  case barrierDone(request: UInt32, applied: Bool, reason: String)
  /// Every path check as it stands; sent when one changed.
  case checks([CheckState])
  /// Move the role to the peer and back, measured; told by `VRRPReport.drillStep` and answered by
  /// `VRRPReport.answer`. A dry run only says whether it would be refused.
  case drill(request: UInt32, dryRun: Bool)
}

/// What a path check found.
public struct CheckState: Hashable, Sendable {
  /// Its name in the document.
  public var name: String
  /// Whether the target answers, after hysteresis.
  public var isUp: Bool
  /// What its failure adds to the node's demotion.
  public var weight: UInt8

  /// Joins the parts.
  public init(name: String, isUp: Bool, weight: UInt8) {
    self.name = name
    self.isUp = isUp
    self.weight = weight
  }
}

extension CheckState: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    name = try String(from: &reader)
    isUp = try Bool(from: &reader)
    weight = try UInt8(from: &reader)
  }

  public func write(into writer: inout ByteWriter) {
    name.write(into: &writer)
    isUp.write(into: &writer)
    weight.write(into: &writer)
  }
}

extension VRRPCommand: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    let offset = reader.offset
    let tag = try reader.uint8()
    switch tag {
    case 0: self = .switchover(request: try UInt32(from: &reader))
    case 1:
      self = .syncReadiness(
        ready: try Bool(from: &reader),
        reason: try String(from: &reader))
    case 2:
      self = .policyApplied(
        version: try UInt64(from: &reader),
        hash: try [UInt8](from: &reader))
    case 3: self = .health(faults: try [String](from: &reader))
    case 4:
      self = .barrierDone(
        request: try UInt32(from: &reader),
        applied: try Bool(from: &reader),
        reason: try String(from: &reader))
    case 5: self = .checks(try [CheckState](from: &reader))
    case 6:
      self = .drill(request: try UInt32(from: &reader), dryRun: try Bool(from: &reader))
    default: throw .invalid(offset: offset, value: UInt64(tag))
    }
  }

  public func write(into writer: inout ByteWriter) {
    switch self {
    case .switchover(let request):
      writer.uint8(0)
      request.write(into: &writer)
    case .syncReadiness(let ready, let reason):
      writer.uint8(1)
      ready.write(into: &writer)
      reason.write(into: &writer)
    case .policyApplied(let version, let hash):
      writer.uint8(2)
      version.write(into: &writer)
      hash.write(into: &writer)
    case .health(let faults):
      writer.uint8(3)
      faults.write(into: &writer)
    case .barrierDone(let request, let applied, let reason):
      writer.uint8(4)
      request.write(into: &writer)
      applied.write(into: &writer)
      reason.write(into: &writer)
    case .checks(let states):
      writer.uint8(5)
      states.write(into: &writer)
    case .drill(let request, let dryRun):
      writer.uint8(6)
      request.write(into: &writer)
      dryRun.write(into: &writer)
    }
  }
}

/// Messages from `vrrp`.
public enum VRRPReport: Hashable, Sendable {
  /// At each change and once a second.
  case status(VRRPStatus)
  /// The node became active or standby; the data path has moved already.
  case roleChanged(RoleChange)
  /// To be stored: a term taken by this node or seen at the peer.
  case termTaken(term: UInt64)
  /// Ask `sync` to have everything applied at the peer, before a planned hand-over.
  case barrierWanted(request: UInt32)
  /// Outcome of a command; when refused, why and what to do about it.
  case answer(request: UInt32, done: Bool, text: String)
  /// One step of a drill is done: what happened, in words, and what the neighbours missed.
  case drillStep(request: UInt32, text: String, outage: Interval?, probesLost: UInt32)
}

extension VRRPReport: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    let offset = reader.offset
    let tag = try reader.uint8()
    switch tag {
    case 0: self = .status(try VRRPStatus(from: &reader))
    case 1: self = .roleChanged(try RoleChange(from: &reader))
    case 2: self = .termTaken(term: try UInt64(from: &reader))
    case 3: self = .barrierWanted(request: try UInt32(from: &reader))
    case 4:
      self = .answer(
        request: try UInt32(from: &reader),
        done: try Bool(from: &reader),
        text: try String(from: &reader))
    case 5:
      self = .drillStep(
        request: try UInt32(from: &reader),
        text: try String(from: &reader),
        outage: try Interval?(from: &reader),
        probesLost: try UInt32(from: &reader))
    default: throw .invalid(offset: offset, value: UInt64(tag))
    }
  }

  public func write(into writer: inout ByteWriter) {
    switch self {
    case .status(let value):
      writer.uint8(0)
      value.write(into: &writer)
    case .roleChanged(let value):
      writer.uint8(1)
      value.write(into: &writer)
    case .termTaken(let term):
      writer.uint8(2)
      term.write(into: &writer)
    case .barrierWanted(let request):
      writer.uint8(3)
      request.write(into: &writer)
    case .answer(let request, let done, let text):
      writer.uint8(4)
      request.write(into: &writer)
      done.write(into: &writer)
      text.write(into: &writer)
    case .drillStep(let request, let text, let outage, let probesLost):
      writer.uint8(5)
      request.write(into: &writer)
      text.write(into: &writer)
      outage.write(into: &writer)
      probesLost.write(into: &writer)
    }
  }
}
