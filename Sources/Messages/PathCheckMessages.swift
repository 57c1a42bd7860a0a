public import Wire

/// Something that must be reachable from this node.
public struct PathCheckOrder: Hashable, Sendable {
  /// How it is asked.
  public enum Kind: UInt8, Hashable, Sendable, CaseIterable, WireCodable {
    /// An echo request to an address.
    case icmp = 1
    /// A GET of a URL.
    case http = 2
  }

  /// Its name in the document.
  public var name: String
  /// How it is asked.
  public var kind: Kind
  /// An address or a URL.
  public var target: String
  /// Time from one question to the next.
  public var interval: Interval
  /// Longest wait for an answer.
  public var timeout: Interval
  /// Failures in a row that make it down.
  public var fall: UInt8
  /// Successes in a row that make it up again.
  public var rise: UInt8

  /// Joins the parts.
  public init(
    name: String, kind: Kind, target: String, interval: Interval, timeout: Interval, fall: UInt8,
    rise: UInt8
  ) {
    self.name = name
    self.kind = kind
    self.target = target
    self.interval = interval
    self.timeout = timeout
    self.fall = fall
    self.rise = rise
  }
}

extension PathCheckOrder: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    name = try String(from: &reader)
    kind = try Kind(from: &reader)
    target = try String(from: &reader)
    interval = try Interval(from: &reader)
    timeout = try Interval(from: &reader)
    fall = try UInt8(from: &reader)
    rise = try UInt8(from: &reader)
  }

  public func write(into writer: inout ByteWriter) {
    name.write(into: &writer)
    kind.write(into: &writer)
    target.write(into: &writer)
    interval.write(into: &writer)
    timeout.write(into: &writer)
    fall.write(into: &writer)
    rise.write(into: &writer)
  }
}

/// Everything `checks` needs.
public struct PathCheckConfiguration: Hashable, Sendable {
  /// What to watch.
  public var checks: [PathCheckOrder]

  /// Joins the parts.
  public init(checks: [PathCheckOrder]) { self.checks = checks }
}

extension PathCheckConfiguration: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    checks = try [PathCheckOrder](from: &reader)
  }

  public func write(into writer: inout ByteWriter) { checks.write(into: &writer) }
}

/// How one path is.
public struct PathCheckResult: Hashable, Sendable {
  /// Its name in the document.
  public var name: String
  /// Whether it is up, after hysteresis.
  public var isUp: Bool
  /// What the last question came to, such as `answer in 0.4 ms` or `no answer in 500 ms`.
  public var text: String

  /// Joins the parts.
  public init(name: String, isUp: Bool, text: String) {
    self.name = name
    self.isUp = isUp
    self.text = text
  }
}

extension PathCheckResult: WireCodable {
  public init(from reader: inout ByteReader) throws(WireError) {
    name = try String(from: &reader)
    isUp = try Bool(from: &reader)
    text = try String(from: &reader)
  }

  public func write(into writer: inout ByteWriter) {
    name.write(into: &writer)
    isUp.write(into: &writer)
    text.write(into: &writer)
  }
}
