import Wire

/// What a frame is about.
///
///     octets  0  4       5     6       8               16
///             length     type  count   first sequence  body …
///                version
///
/// All numbers in network order. `length` counts the whole frame, 16…16 384. `count` is the number
/// of records in the body of `records`, else 0. `first sequence` is the sequence of the first
/// record in `records`, and that of the next record to come in every other frame.
public enum FrameType: UInt8, Hashable, Sendable {
  /// ``Hello``; first on a connection, and again when the sender's role changes.
  case hello = 1
  /// ``StreamPosition``: I follow your stream, and this is what I have.
  case helloAck = 2
  /// ``FlowRecord`` values.
  case records = 3
  /// ``Acknowledgement`` of what is in the receiver's kernel.
  case ack = 4
  /// `u32 id`: a full copy begins; nothing received before counts.
  case bulkBegin = 5
  /// `u32 id`, ``StreamDigest``: the full copy is complete; remove what was not in it.
  case bulkEnd = 6
  /// The receiver asks for a full copy.
  case resyncRequest = 7
  /// `u32 id`: tell me when everything before is in your kernel.
  case barrier = 8
  /// `u32 id`: it is.
  case barrierAck = 9
  /// ``StreamDigest`` of what was sent so far.
  case digest = 10
  /// I am still here.
  case ping = 11
  /// The stream goes on where the receiver's position ends, without a full copy.
  case resume = 12
  /// Octets that the two supervisors understand. Either node sends it, whatever its
  /// role; it has no place in the sequence. A node that does not know it counts it and goes on.
  case message = 13
  /// ``NeighbourList``: the hosts that the active node knows by their Ethernet addresses, all of
  /// them. It has no place in the sequence. A node that does not know it counts it and goes on.
  case neighbours = 14
  /// ``Inventory``: how many of each kind the sender holds, for people. Either node sends it, whatever
  /// its role; it has no place in the sequence.
  case inventory = 15
}

/// The first 16 octets of a frame.
struct FrameHeader: Hashable {
  static let count = 16

  var length: Int
  var version: UInt8
  var type: UInt8
  var records: Int
  var firstSequence: UInt64

  init(parsing reader: inout ByteReader) throws(WireError) {
    let length = try reader.uint32()
    guard (UInt32(Self.count)...UInt32(Limits.frame)).contains(length) else {
      throw .invalid(offset: 0, value: UInt64(length))
    }
    self.length = Int(length)
    version = try reader.uint8()
    type = try reader.uint8()
    records = Int(try reader.uint16())
    firstSequence = try reader.uint64()
  }
}

/// Lays frames out one behind the other.
struct FrameWriter {
  private(set) var writer = ByteWriter(capacity: Limits.frame)
  private var start = 0
  private var records: UInt16 = 0
  /// The version both nodes speak.
  var version = Hello.highestVersion

  /// Octets written so far.
  var count: Int { writer.count }

  /// Octets that the frame under construction may still take.
  var room: Int { Limits.frame - (writer.count - start) }

  /// Starts a frame.
  mutating func begin(_ type: FrameType, firstSequence: UInt64) {
    start = writer.count
    records = 0
    writer.uint32(0)
    writer.uint8(version)
    writer.uint8(type.rawValue)
    writer.uint16(0)
    writer.uint64(firstSequence)
  }

  /// Appends one record to the frame.
  mutating func record(_ body: (inout ByteWriter) -> Void) {
    body(&writer)
    records += 1
  }

  /// Ends a frame of records; one without any is taken back.
  mutating func endRecords() {
    if records == 0 { writer.truncate(to: start) } else { end() }
  }

  /// Ends the frame: its length and count are known.
  mutating func end() {
    let length = writer.count - start
    precondition(length <= Limits.frame, "a frame is never longer than its limit")
    writer.patch16(UInt16(length >> 16), at: start)
    writer.patch16(UInt16(truncatingIfNeeded: length), at: start + 2)
    writer.patch16(records, at: start + 6)
  }

  /// A whole frame with a small body.
  mutating func frame(
    _ type: FrameType, firstSequence: UInt64, _ body: (inout ByteWriter) -> Void = { _ in }
  ) {
    begin(type, firstSequence: firstSequence)
    body(&writer)
    end()
  }

  /// Moves everything written to the end of `output`.
  mutating func move(to output: inout [UInt8]) {
    output.append(contentsOf: writer.bytes)
    writer.removeAll()
  }
}

/// Cuts a stream of octets into frames.
struct FrameAssembler {
  private var buffer: [UInt8] = []
  private var position = 0

  /// Takes octets as they arrived; at most one incomplete frame is kept.
  mutating func append(_ octets: ArraySlice<UInt8>) {
    if position > 0 {
      buffer.removeFirst(position)
      position = 0
    }
    buffer.append(contentsOf: octets)
  }

  /// Forgets everything, for a new connection.
  mutating func removeAll() {
    buffer.removeAll(keepingCapacity: true)
    position = 0
  }

  /// The next whole frame, or nil until more octets arrive.
  mutating func next() throws(WireError) -> (header: FrameHeader, body: ArraySlice<UInt8>)? {
    guard buffer.count - position >= FrameHeader.count else { return nil }
    var reader = ByteReader(buffer[position...])
    let header = try FrameHeader(parsing: &reader)
    guard buffer.count - position >= header.length else { return nil }
    let body = buffer[position + FrameHeader.count..<position + header.length]
    position += header.length
    return (header, body)
  }
}
