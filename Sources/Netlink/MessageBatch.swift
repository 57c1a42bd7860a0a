import Wire

/// Netlink requests laid out one behind the other, to be sent in one call.
///
/// The memory is allocated once: building a message costs tens of nanoseconds where the kernel
/// needs microseconds. Requests are numbered; the kernel handles each by itself and answers a
/// failed one with its number, so only the last is asked to be acknowledged. Raw memory because
/// growing arrays cost more than the whole message; every message starts with a check that the
/// longest one fits, and nothing is written past it.
@safe public struct MessageBatch: ~Copyable {
  /// Octets that the longest request needs: an expectation with headers.
  static let messageLimit = Expectation.sizeLimit + 128

  private let memory: UnsafeMutableRawBufferPointer
  /// Octets used.
  private(set) var end = 0
  private var start = 0

  /// Requests in the batch.
  public private(set) var count = 0
  /// Number of the next request; 0 is never used.
  public private(set) var nextSequence: UInt32 = 1

  /// Makes an empty batch for at most `capacity` octets, at least one request.
  public init(capacity: Int = 200_000) {
    unsafe memory = .allocate(
      byteCount: max(capacity, Self.messageLimit), alignment: 8)
  }

  deinit { unsafe memory.deallocate() }

  /// Whether there might be no room for another request.
  public var isFull: Bool { unsafe memory.count - end < Self.messageLimit }

  /// Whether there is nothing to send.
  public var isEmpty: Bool { count == 0 }

  /// Forgets the requests and keeps the memory and the numbering.
  public mutating func removeAll() {
    end = 0
    count = 0
  }

  /// Asks the kernel to answer the last request even when it is done, so that its answer means
  /// that the whole batch was handled.
  public mutating func acknowledgeLast() {
    guard count > 0 else { return }
    unsafe memory.storeBytes(
      of: memory.loadUnaligned(fromByteOffset: start + 6, as: UInt16.self) | Header.acknowledge,
      toByteOffset: start + 6, as: UInt16.self)
  }

  /// Hands the octets out, for one `send`.
  public func withBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try unsafe body(UnsafeRawBufferPointer(rebasing: memory[..<end]))
  }

  /// A copy of the octets.
  public var bytes: [UInt8] { unsafe [UInt8](memory[..<end]) }

  /// Starts a request: `struct nlmsghdr` and `struct nfgenmsg`. Returns its number.
  mutating func begin(
    _ subsystem: UInt16, _ kind: UInt16, _ flags: UInt16, _ family: AddressFamily?
  ) -> UInt32 {
    precondition(!isFull, "the batch is full; the caller sends it first")
    start = end
    let sequence = nextSequence
    nextSequence = nextSequence == .max ? 1 : nextSequence + 1
    count += 1
    store(UInt32(0))
    store(subsystem << 8 | kind)
    store(flags | Header.request)
    store(sequence)
    store(UInt32(0))
    store(UInt32(family?.rawValue ?? 0))
    return sequence
  }

  /// Ends a request: its length is known.
  mutating func finish() {
    unsafe memory.storeBytes(of: UInt32(end - start), toByteOffset: start, as: UInt32.self)
  }

  /// Appends an attribute that holds others.
  @inline(__always)
  mutating func nest(_ type: UInt16, _ body: (inout Self) -> Void) {
    let at = end
    store(UInt16(0))
    store(type | Header.nested)
    body(&self)
    unsafe memory.storeBytes(of: UInt16(end - at), toByteOffset: at, as: UInt16.self)
  }

  /// Appends a number of one octet, padded to four.
  @inline(__always)
  mutating func attribute(_ type: UInt16, _ value: UInt8) {
    store(UInt32(type) << 16 | 5)
    store(UInt32(value).littleEndian)
  }

  /// Appends a number of two octets in network order, padded to four.
  @inline(__always)
  mutating func attribute(_ type: UInt16, _ value: UInt16) {
    store(UInt32(type) << 16 | 6)
    store(UInt32(value.bigEndian).littleEndian)
  }

  /// Appends a number of four octets in network order.
  @inline(__always)
  mutating func attribute(_ type: UInt16, _ value: UInt32) {
    store(UInt32(type) << 16 | 8)
    store(value.bigEndian)
  }

  /// Appends an address of 4 or 16 octets.
  @inline(__always)
  mutating func attribute(_ type: UInt16, _ address: FlowAddress, _ family: AddressFamily) {
    switch family {
    case .ipv4: attribute(type, UInt32(truncatingIfNeeded: address.low))
    case .ipv6:
      store(UInt32(type) << 16 | 20)
      store(address.high.bigEndian)
      store(address.low.bigEndian)
    }
  }

  /// Appends octets as an attribute, padded to four.
  mutating func attribute(_ type: UInt16, _ octets: [UInt8]) {
    store(UInt32(type) << 16 | UInt32(octets.count + 4))
    raw(octets)
    for _ in 0..<(0 - octets.count) & 3 { store(UInt8(0)) }
  }

  /// Appends octets as they are.
  mutating func raw(_ octets: [UInt8]) {
    precondition(octets.count <= Expectation.sizeLimit, "checked when it was parsed")
    unsafe octets.withUnsafeBytes {
      unsafe UnsafeMutableRawBufferPointer(rebasing: memory[end...]).copyMemory(from: $0)
    }
    end += octets.count
  }

  @inline(__always)
  private mutating func store<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value) {
    unsafe memory.storeBytes(of: value, toByteOffset: end, as: Value.self)
    end += MemoryLayout<Value>.size
  }
}
