public import Wire

/// What a role tells the supervisor: one message on the role's descriptor 3.
public enum Report: Hashable, Sendable {
  /// The configuration is in force; sent once after each `configure`.
  case ready
  /// The configuration cannot be used; the role goes on with the last one, if any.
  case refused(reason: String)
  /// One line for the log; the supervisor adds time and role.
  case log(level: LogLevel, text: String)
  /// Something that an operator wants to find later.
  case event(EventReport)
  /// Only from `vrrp`.
  case vrrp(VRRPReport)
  /// Only from `sync`.
  case sync(SyncReport)
  /// Only from `policy`.
  case policy(PolicyReport)
  /// Only from `agent`.
  case agent(AgentReport)
  /// From `web` and `console`: a ``ControlRequest``, as on the control socket; answered by
  /// ``Command/controlAnswer(request:line:)`` with the same number.
  case control(request: UInt32, line: [UInt8])
  /// Only from `lldp`: who is at the other end of the HA link; an empty text and nil: nobody is
  /// heard.
  case neighbour(text: String, mac: MACAddress?)
  /// Only from `checks`: how every path is, at each change and each second.
  case paths([PathCheckResult])
  /// Only from `probe`: a virtual address has moved.
  case probe(ProbeReport)
}

extension Report: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    let offset = reader.offset
    let tag = try reader.uint8()
    switch tag {
    case 0: self = .ready
    case 1: self = .refused(reason: try String(from: &reader))
    case 2: self = .log(level: try LogLevel(from: &reader), text: try String(from: &reader))
    case 3: self = .event(try EventReport(from: &reader))
    case 4: self = .vrrp(try VRRPReport(from: &reader))
    case 5: self = .sync(try SyncReport(from: &reader))
    case 6: self = .policy(try PolicyReport(from: &reader))
    case 7: self = .agent(try AgentReport(from: &reader))
    case 8:
      self = .control(request: try UInt32(from: &reader), line: try [UInt8](from: &reader))
    case 9:
      self = .neighbour(
        text: try String(from: &reader), mac: try UInt64?(from: &reader).map { MACAddress($0) })
    case 10: self = .paths(try [PathCheckResult](from: &reader))
    case 11: self = .probe(try ProbeReport(from: &reader))
    default: throw .invalid(offset: offset, value: UInt64(tag))
    }
  }

  public func write(into writer: inout ByteWriter) {
    switch self {
    case .ready:
      writer.uint8(0)
    case .refused(let reason):
      writer.uint8(1)
      reason.write(into: &writer)
    case .log(let level, let text):
      writer.uint8(2)
      level.write(into: &writer)
      text.write(into: &writer)
    case .event(let value):
      writer.uint8(3)
      value.write(into: &writer)
    case .vrrp(let value):
      writer.uint8(4)
      value.write(into: &writer)
    case .sync(let value):
      writer.uint8(5)
      value.write(into: &writer)
    case .policy(let value):
      writer.uint8(6)
      value.write(into: &writer)
    case .agent(let value):
      writer.uint8(7)
      value.write(into: &writer)
    case .control(let request, let line):
      writer.uint8(8)
      request.write(into: &writer)
      line.write(into: &writer)
    case .neighbour(let text, let mac):
      writer.uint8(9)
      text.write(into: &writer)
      (mac?.value).write(into: &writer)
    case .paths(let value):
      writer.uint8(10)
      value.write(into: &writer)
    case .probe(let value):
      writer.uint8(11)
      value.write(into: &writer)
    }
  }
}

/// How much a log line matters.
public enum LogLevel: UInt8, Hashable, Sendable, CaseIterable, WireCodable {
  /// An operator must act.
  case error = 0
  /// A state changed.
  case notice = 1
  /// Start and stop.
  case info = 2
  /// Packets; off unless asked for.
  case debug = 3
}

/// An event: what changed and why.
public struct EventReport: Hashable, Sendable {
  /// Stable word for filters, such as `ha.role` or `sync.ready`.
  public var kind: String
  /// One sentence with old and new state.
  public var text: String
  /// Why, in words; empty when there is nothing to add.
  public var cause: String

  /// Joins the parts.
  public init(
    kind: String,
    text: String,
    cause: String
  ) {
    self.kind = kind
    self.text = text
    self.cause = cause
  }
}

extension EventReport: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    kind = try String(from: &reader)
    text = try String(from: &reader)
    cause = try String(from: &reader)
  }

  public func write(into writer: inout ByteWriter) {
    kind.write(into: &writer)
    text.write(into: &writer)
    cause.write(into: &writer)
  }
}
