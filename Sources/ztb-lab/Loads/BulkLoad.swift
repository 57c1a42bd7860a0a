import CLinux
import Glibc
import Linux
import Wire

/// One direction of a paced TCP stream whose octets are all checked.
final class BulkStream {
  enum State: Equatable {
    case connecting, open, finished
    case failed(String)
  }
  let socket: Descriptor
  var state: State
  /// Octets sent, or received and found right.
  var offset = 0
  /// The count that the other end reports when it has read everything.
  var trailer: [UInt8] = []
  private let pattern: Pattern

  init(_ socket: consuming Descriptor, _ pattern: Pattern, state: State) {
    self.socket = socket
    self.pattern = pattern
    self.state = state
  }

  /// Sends up to `budget` octets.
  func send(_ budget: Int) throws {
    var left = budget
    while left > 0 {
      guard let count = try socket.write(pattern.octets(at: offset, count: min(left, 65_536)))
      else {
        return
      }
      offset += count
      left -= count
    }
  }

  /// Reads what is there and checks it; true at the end of the stream.
  func receive() throws -> Bool {
    while let piece = try socket.read(limit: 1 << 18) {
      if piece.isEmpty { return true }
      guard pattern.matches(piece[...], at: offset) else {
        throw LabError.failed("octets from \(offset) on are wrong")
      }
      offset += piece.count
    }
    return false
  }

  /// Says that nothing more will be sent.
  func closeSending() { _ = Glibc.shutdown(socket.rawValue, Int32(SHUT_WR)) }
}

/// Octets that a stream may send each 5 ms: about 16 MB/s.
private let bulkBudget = 80_000

/// Two TCP streams, one up and one down, at about 16 MB/s each, every octet compared.
///
/// `alive` counts the directions that moved on after the event; after ``finish()`` those that were
/// complete to the last octet. Options: `family`, `to`.
final class BulkLoad: Load {
  private let reactor: Reactor
  private let pattern = Pattern()
  private let up: BulkStream
  private let down: BulkStream
  private var ticker: Ticker?
  private var offsetsAtMark = (up: 0, down: 0)
  private var finishing = false

  init(_ options: LoadOptions, _ reactor: Reactor) throws {
    self.reactor = reactor
    let server = options.server
    up = BulkStream(
      try Sockets.connect(Endpoint(server, Service.bulkUp)), pattern, state: .connecting)
    down = BulkStream(
      try Sockets.connect(Endpoint(server, Service.bulkDown)), pattern, state: .open)
    try reactor.add(up.socket.rawValue, [.readable, .writable]) { [unowned self] _ in reactUp() }
    try reactor.add(down.socket.rawValue) { [unowned self] _ in reactDown() }
    ticker = try Ticker(reactor, every: .milliseconds(5)) { [unowned self] _ in
      if up.state == .open && !finishing { guarded(up) { try up.send(bulkBudget) } }
    }
  }

  var isReady: Bool { up.offset > 1 << 20 && down.offset > 1 << 20 }

  func mark(at now: Instant) { offsetsAtMark = (up.offset, down.offset) }

  func report(at now: Instant) -> Report {
    var report = Report()
    report.total = 2
    // What fits into socket buffers is not progress: 8 MB is more than they hold.
    let moved = [
      up.offset > offsetsAtMark.up + 8 << 20, down.offset > offsetsAtMark.down + 8 << 20,
    ]
    for (stream, hasMoved) in zip([up, down], moved) {
      if finishing ? stream.state == .finished : stream.state == .open && hasMoved {
        report.alive += 1
      }
      if case .failed(let reason) = stream.state {
        report.resets += 1
        report.notes.append(reason)
      }
    }
    report.notes.append("\(up.offset >> 20) MB up, \(down.offset >> 20) MB down")
    return report
  }

  func finish() {
    finishing = true
    up.closeSending()
    down.closeSending()
  }

  var isFinished: Bool {
    [up, down].allSatisfy { $0.state != .open && $0.state != .connecting }
  }

  private func reactUp() {
    guarded(up) {
      if up.state == .connecting {
        let code = Sockets.error(of: up.socket)
        if code != 0 { throw SystemError(call: "connect", code: code) }
        up.state = .open
        try reactor.change(up.socket.rawValue, to: .readable)
      }
      while let piece = try up.socket.read(limit: 64) {
        if !piece.isEmpty {
          up.trailer += piece
          continue
        }
        var reader = ByteReader(up.trailer)
        guard let count = try? reader.uint64(), count == UInt64(up.offset) else {  // too short
          throw LabError.failed("the server did not get everything")
        }
        return settle(up, .finished)
      }
    }
  }

  private func reactDown() {
    guarded(down) {
      guard try down.receive() else { return }
      if !finishing { throw LabError.failed("the stream ended early") }
      settle(down, .finished)
    }
  }

  private func guarded(_ stream: BulkStream, _ body: () throws -> Void) {
    do { try body() } catch { settle(stream, .failed("\(error)")) }
  }

  private func settle(_ stream: BulkStream, _ state: BulkStream.State) {
    stream.state = state
    reactor.remove(stream.socket.rawValue)
  }
}

/// The other end of ``BulkLoad``: checks what comes up, sends what goes down.
final class BulkServer: Load {
  private let reactor: Reactor
  private let pattern = Pattern()
  private let upListener: Descriptor
  private let downListener: Descriptor
  private var senders: [Int32: BulkStream] = [:]
  private var ticker: Ticker?
  private var failures: [String] = []

  init(_ options: LoadOptions, _ reactor: Reactor) throws {
    self.reactor = reactor
    upListener = try Sockets.listen(Service.bulkUp, options.family)
    downListener = try Sockets.listen(Service.bulkDown, options.family)
    try reactor.add(upListener.rawValue) { [unowned self] _ in accept(up: true) }
    try reactor.add(downListener.rawValue) { [unowned self] _ in accept(up: false) }
    ticker = try Ticker(reactor, every: .milliseconds(5)) { [unowned self] _ in
      for stream in senders.values {
        do { try stream.send(bulkBudget) } catch { drop(stream, "\(error)") }
      }
    }
  }

  func report(at now: Instant) -> Report {
    var report = Report()
    report.resets = failures.count
    report.notes = failures
    return report
  }

  private func accept(up: Bool) {
    do {
      while let number = try up ? Sockets.accept(upListener) : Sockets.accept(downListener) {
        let stream = BulkStream(Descriptor(owning: number), pattern, state: .open)
        if !up { senders[number] = stream }
        try reactor.add(number) { [unowned self] _ in up ? receive(stream) : ended(stream) }
      }
    } catch { failures.append("\(error)") }
  }

  private func receive(_ stream: BulkStream) {
    do {
      guard try stream.receive() else { return }
      var writer = ByteWriter()
      writer.uint64(UInt64(stream.offset))
      _ = try stream.socket.write(writer.bytes)
      drop(stream, nil)
    } catch { drop(stream, "\(error)") }
  }

  /// The client of a downward stream has said that it wants no more, or is gone.
  private func ended(_ stream: BulkStream) {
    do {
      if let piece = try stream.socket.read(limit: 64), piece.isEmpty { drop(stream, nil) }
    } catch { drop(stream, "\(error)") }
  }

  private func drop(_ stream: BulkStream, _ reason: String?) {
    if let reason { failures.append(reason) }
    senders[stream.socket.rawValue] = nil
    reactor.remove(stream.socket.rawValue)
  }
}
