public import Wire

/// What the supervisor tells a role: one message on the role's descriptor 3.
public enum Command: Hashable, Sendable {
  /// The role's whole configuration; the first message, and again after each change.
  case configure(RoleConfiguration)
  /// Leave in order (hand over, remove what was made), then exit with 0.
  case stop
  /// Only to `vrrp`.
  case vrrp(VRRPCommand)
  /// Only to `fence`.
  case fence(FenceCommand)
  /// Only to `sync`.
  case sync(SyncCommand)
  /// Only to `policy`.
  case policy(PolicyCommand)
  /// Only to `agent`.
  case agent(AgentCommand)
  /// To `web` and `console`: the answer to ``Report/control(request:line:)``, a ``ControlAnswer``.
  case controlAnswer(request: UInt32, line: [UInt8])
}

extension Command: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    let offset = reader.offset
    let tag = try reader.uint8()
    switch tag {
    case 0: self = .configure(try RoleConfiguration(from: &reader))
    case 1: self = .stop
    case 2: self = .vrrp(try VRRPCommand(from: &reader))
    case 3: self = .fence(try FenceCommand(from: &reader))
    case 4: self = .sync(try SyncCommand(from: &reader))
    case 5: self = .policy(try PolicyCommand(from: &reader))
    case 6: self = .agent(try AgentCommand(from: &reader))
    case 7:
      self = .controlAnswer(
        request: try UInt32(from: &reader), line: try [UInt8](from: &reader))
    default: throw .invalid(offset: offset, value: UInt64(tag))
    }
  }

  public func write(into writer: inout ByteWriter) {
    switch self {
    case .configure(let value):
      writer.uint8(0)
      value.write(into: &writer)
    case .stop:
      writer.uint8(1)
    case .vrrp(let value):
      writer.uint8(2)
      value.write(into: &writer)
    case .fence(let value):
      writer.uint8(3)
      value.write(into: &writer)
    case .sync(let value):
      writer.uint8(4)
      value.write(into: &writer)
    case .policy(let value):
      writer.uint8(5)
      value.write(into: &writer)
    case .agent(let value):
      writer.uint8(6)
      value.write(into: &writer)
    case .controlAnswer(let request, let line):
      writer.uint8(7)
      request.write(into: &writer)
      line.write(into: &writer)
    }
  }
}

/// The part of the configuration document that one role needs, already validated.
public enum RoleConfiguration: Hashable, Sendable {
  /// For `vrrp`.
  case vrrp(VRRPConfiguration)
  /// For `fence`.
  case fence(FenceConfiguration)
  /// For `sync`.
  case sync(SyncConfiguration)
  /// For `policy`.
  case policy(PolicyConfiguration)
  /// For `agent`.
  case agent(AgentConfiguration)
  /// For `web`.
  case web(WebConfiguration)
  /// For `console`.
  case console(ConsoleConfiguration)
  /// For `lldp`.
  case neighbour(NeighbourConfiguration)
  /// For `checks`.
  case checks(PathCheckConfiguration)
  /// For `probe`.
  case probe(ProbeConfiguration)
}

extension RoleConfiguration: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    let offset = reader.offset
    let tag = try reader.uint8()
    switch tag {
    case 0: self = .vrrp(try VRRPConfiguration(from: &reader))
    case 1: self = .fence(try FenceConfiguration(from: &reader))
    case 2: self = .sync(try SyncConfiguration(from: &reader))
    case 3: self = .policy(try PolicyConfiguration(from: &reader))
    case 4: self = .agent(try AgentConfiguration(from: &reader))
    case 5: self = .web(try WebConfiguration(from: &reader))
    case 6: self = .console(try ConsoleConfiguration(from: &reader))
    case 7: self = .neighbour(try NeighbourConfiguration(from: &reader))
    case 8: self = .checks(try PathCheckConfiguration(from: &reader))
    case 9: self = .probe(try ProbeConfiguration(from: &reader))
    default: throw .invalid(offset: offset, value: UInt64(tag))
    }
  }

  public func write(into writer: inout ByteWriter) {
    switch self {
    case .vrrp(let value):
      writer.uint8(0)
      value.write(into: &writer)
    case .fence(let value):
      writer.uint8(1)
      value.write(into: &writer)
    case .sync(let value):
      writer.uint8(2)
      value.write(into: &writer)
    case .policy(let value):
      writer.uint8(3)
      value.write(into: &writer)
    case .agent(let value):
      writer.uint8(4)
      value.write(into: &writer)
    case .web(let value):
      writer.uint8(5)
      value.write(into: &writer)
    case .console(let value):
      writer.uint8(6)
      value.write(into: &writer)
    case .neighbour(let value):
      writer.uint8(7)
      value.write(into: &writer)
    case .checks(let value):
      writer.uint8(8)
      value.write(into: &writer)
    case .probe(let value):
      writer.uint8(9)
      value.write(into: &writer)
    }
  }
}
