import Wire

/// One message of a netfilter socket.
public struct NetlinkMessage: Hashable, Sendable {
  /// What it says.
  public enum Body: Hashable, Sendable {
    /// An entry was made, changed or removed, or is the answer to a question.
    case flow(FlowEvent)
    /// An expectation was made, changed or removed, or is the answer to a question.
    case expectation(ExpectationEvent)
    /// A counter of nftables, in answer to ``MessageBatch/dumpCounters(table:)``.
    case counter(NamedCounter)
    /// How many transactions of nftables there were, in answer to ``MessageBatch/askGeneration()``,
    /// or with news of one.
    case generation(UInt32)
    /// What a chain made of a packet that is followed.
    case trace(TraceStep)
    /// The request with this sequence number was done.
    case acknowledged
    /// The request with this sequence number failed with this positive `errno`.
    case failed(errno: Int32)
    /// A dump is complete.
    case done
    /// Something else of this type, to be ignored.
    case other(type: UInt16)
  }

  /// Number of the request that this answers; 0 for events.
  public var sequence: UInt32
  /// Port of the socket that caused it; 0 when the kernel did.
  public var port: UInt32
  /// What it says.
  public var body: Body
}

/// A walk over the messages of one datagram.
public struct NetlinkReader {
  private var offset = 0

  /// Starts at the first message.
  public init() {}

  /// The next message of `datagram`, or nil behind the last one.
  ///
  /// Throws ``NetlinkError`` for a malformed message and goes on behind it at the next call;
  /// behind a malformed header nothing follows. Never reads outside `datagram`, whatever it holds.
  public mutating func next(_ datagram: RawSpan) throws(NetlinkError) -> NetlinkMessage? {
    let start = offset
    let count = datagram.byteCount - start
    if count == 0 { return nil }
    guard count >= 16 else { return try fail(datagram, start) }
    let length = Int(datagram.host32(start))
    guard length >= 16, length <= count else { return try fail(datagram, start) }
    offset = min(start + (length + 3) & ~3, datagram.byteCount)
    return NetlinkMessage(
      sequence: datagram.host32(start + 8), port: datagram.host32(start + 12),
      body: try Self.body(datagram, start, start + length))
  }

  private mutating func fail(
    _ datagram: RawSpan, _ start: Int
  ) throws(NetlinkError) -> NetlinkMessage? {
    offset = datagram.byteCount
    throw .truncated(offset: start)
  }

  @inline(__always)
  private static func body(
    _ datagram: RawSpan, _ start: Int, _ end: Int
  ) throws(NetlinkError) -> NetlinkMessage.Body {
    let type = datagram.host16(start + 4)
    switch type {
    case Header.error, Header.done:
      // `struct nlmsgerr` begins with a negative errno; so does the end of a failed dump.
      guard end - start >= 20 else {
        if type == Header.done { return .done }
        throw .truncated(offset: start)
      }
      let code = Int32(bitPattern: datagram.host32(start + 16))
      if code != 0 { return .failed(errno: 0 &- code) }
      return type == Header.done ? .done : .acknowledged
    default: break
    }
    if type == NamedCounter.messageType {
      guard end - start >= Header.size else { throw .truncated(offset: start) }
      let counter = try NamedCounter(datagram, AttributeCursor(start + Header.size, end))
      return counter.map { .counter($0) } ?? .other(type: type)
    }
    if type == RulesetGeneration.messageType {
      guard end - start >= Header.size else { throw .truncated(offset: start) }
      let number = try RulesetGeneration.parse(datagram, AttributeCursor(start + Header.size, end))
      return number.map { .generation($0) } ?? .other(type: type)
    }
    if type == TraceStep.messageType {
      guard end - start >= Header.size else { throw .truncated(offset: start) }
      return .trace(try TraceStep(datagram, AttributeCursor(start + Header.size, end)))
    }
    let (subsystem, kind) = (type >> 8, type & 0xff)
    guard subsystem == Header.connections || subsystem == Header.expectations,
      kind == Header.new || kind == Header.delete
    else { return .other(type: type) }
    guard end - start >= Header.size else { throw .truncated(offset: start) }
    let familyOctet = unsafe datagram.unsafeLoad(fromByteOffset: start + 16, as: UInt8.self)
    guard let family = AddressFamily(rawValue: familyOctet) else { return .other(type: type) }
    let range = AttributeCursor(start + Header.size, end)
    let change = change(datagram, start, kind)
    if subsystem == Header.connections {
      return .flow(try FlowEvent(datagram, range, change, family: family))
    }
    let expectation = try Expectation(datagram, range, family: family)
    return .expectation(ExpectationEvent(change, expectation))
  }

  /// Updates are told from new entries by the flags, and from answers by the sequence number,
  /// which is 0 in every event.
  private static func change(_ datagram: RawSpan, _ start: Int, _ kind: UInt16) -> FlowChange {
    if kind == Header.delete { return .destroyed }
    let created = datagram.host16(start + 6) & Header.create != 0
    return created || datagram.host32(start + 8) != 0 ? .new : .updated
  }
}
