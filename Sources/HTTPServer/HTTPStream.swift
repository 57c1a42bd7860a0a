/// An answer that goes on: what is sent reaches the client piece by piece.
public final class HTTPStream {
  private weak var connection: Connection?
  private let limitBytes: Int
  private var waiting: [UInt8] = []
  private var position = 0
  private var closed = false
  private var waits = false

  /// Whether the client is still there and the stream was not closed.
  public private(set) var isOpen = true

  /// Called once when the client goes away, or is too slow for what it is sent.
  public var whenGone: (() -> Void)?

  init(_ connection: Connection?, limitBytes: Int) {
    self.connection = connection
    self.limitBytes = limitBytes
  }

  /// Sends octets; does nothing on a stream that is not open.
  public func send(_ octets: [UInt8]) {
    guard isOpen else { return }
    waiting.append(contentsOf: octets)
    if waiting.count - position > limitBytes {
      // A client that does not read is cut off; it may connect again.
      connection?.abandon()
      return
    }
    wake()
  }

  /// Ends the answer after what was sent.
  public func close() {
    guard isOpen else { return }
    isOpen = false
    closed = true
    whenGone = nil
    wake()
  }

  private func wake() {
    guard waits else { return }
    waits = false
    connection?.resume()
  }

  /// Moves octets to the daemon: how many, 0: none yet, nil: there are no more.
  func read(into buffer: UnsafeMutableRawBufferPointer) -> Int? {
    let count = min(buffer.count, waiting.count - position)
    if count > 0 {
      unsafe buffer.copyBytes(from: waiting[position..<position + count])
      position += count
      if position == waiting.count {
        waiting.removeAll(keepingCapacity: waiting.capacity <= 65_536)
        position = 0
      }
      return count
    }
    guard !closed, isOpen, let connection else { return nil }
    waits = true
    connection.suspend()
    return 0
  }

  /// The client is gone.
  func end() {
    guard isOpen else { return }
    isOpen = false
    let report = whenGone
    whenGone = nil
    report?()
  }
}
