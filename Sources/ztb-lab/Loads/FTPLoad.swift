import Glibc
import Linux
import Wire

/// An FTP user (RFC 959, with IPv6 RFC 2428): a long transfer runs across the event; then the next command and the next
/// transfer on the same control connection.
///
/// `total` is three: data, command, next transfer. Options: `family`, `mode` (passive or active),
/// `size` of `long`, `small` of `small`.
final class FTPLoad: Load {
  /// What the control connection waits for, in order; `transfer` repeats.
  private enum Step: Equatable {
    case greeting, user, password, type, port, retrieve, transfer, idle, done, failed(String)
  }

  private let reactor: Reactor
  private let server: IPAddress
  private let isActive: Bool
  private let sizes: [Int]
  private let pattern = Pattern()
  private let control: Descriptor
  private var listener: Descriptor?
  private var data: BulkStream?
  private var step = Step.greeting
  private var received: [UInt8] = []
  private var fileIndex = 0
  private var completed = 0
  private var fetched = 0
  private var gotAllData = false
  private var sawCompletion = false
  private var deadline: Instant?
  private var ticker: Ticker?

  private static let names = ["long", "small"]

  init(_ options: LoadOptions, _ reactor: Reactor) throws {
    self.reactor = reactor
    server = options.server
    isActive = options.text("mode") == "active"
    sizes = [options.int("size", 0), options.int("small", 0)]
    control = try Sockets.connect(Endpoint(server, 21))
    try reactor.add(control.rawValue) { [unowned self] _ in readControl() }
    ticker = try Ticker(reactor, every: .milliseconds(50)) { [unowned self] now in
      if let deadline, now > deadline, !isFinished { fail("no progress in \(step)") }
    }
  }

  var isReady: Bool { (data?.offset ?? 0) > 0 || isFinished }
  func finish() { deadline = MonotonicClock.now() + TransferLoad.patience }
  var isFinished: Bool { if case .failed = step { true } else { step == .done } }

  func report(at now: Instant) -> Report {
    var report = Report()
    report.total = 3
    report.alive = fetched + completed
    if case .failed(let reason) = step {
      report.notes = [reason]
    }
    return report
  }

  private func readControl() {
    do {
      while let piece = try control.read(limit: 4096) {
        if piece.isEmpty { return fail("the server closed the control connection") }
        received += piece
      }
      while let end = received.firstIndex(of: UInt8(ascii: "\n")) {
        let line = String(decoding: received[..<end], as: UTF8.self)
        received.removeFirst(end + 1)
        // "150-text" starts an answer of several lines; only "150 text" ends it.
        if line.dropFirst(3).first == " ", let code = Int(line.prefix(3)) { try take(code, line) }
      }
    } catch { fail("\(error)") }
  }

  private func take(_ code: Int, _ line: String) throws {
    switch (step, code) {
    case (.greeting, 220): try send("USER anonymous", .user)
    case (.user, 331): try send("PASS lab@", .password)
    case (.user, 230), (.password, 230): try send("TYPE I", .type)
    case (.type, 200): try prepareTransfer()
    case (.port, 200): try send("RETR \(FTPLoad.names[fileIndex])", .retrieve)
    case (.port, 227), (.port, 229):
      try openPassive(line)
      try send("RETR \(FTPLoad.names[fileIndex])", .retrieve)
    case (.retrieve, 150): step = .transfer
    case (.transfer, 226):
      sawCompletion = true
      try finishTransfer()
    case (.idle, 257):
      completed += 1
      fileIndex = 1
      try prepareTransfer()
    default: throw LabError.failed("in \(step) the server said: \(line)")
    }
  }

  private func prepareTransfer() throws {
    gotAllData = false
    sawCompletion = false
    let family = server.family
    guard isActive else { return try send(family == .ipv4 ? "PASV" : "EPSV", .port) }
    let socket = try Sockets.listen(0, family)
    let port = try Sockets.port(of: socket)
    try reactor.add(socket.rawValue) { [unowned self] _ in acceptData() }
    listener = consume socket
    switch family {
    case .ipv4:
      let host = Plan.client.octets.map { String($0) }.joined(separator: ",")
      try send("PORT \(host),\(port >> 8),\(port & 0xff)", .port)
    case .ipv6: try send("EPRT |2|\(Plan.client6)|\(port)|", .port)
    }
  }

  /// `227 Entering Passive Mode (203,0,113,254,p1,p2).` or
  /// `229 Entering Extended Passive Mode (|||port|)`
  private func openPassive(_ line: String) throws {
    let numbers = line.dropFirst(4).split { !$0.isNumber }.compactMap { UInt16($0) }
    switch (server.family, numbers.count) {
    case (.ipv4, 6):
      let octets = numbers.prefix(4).map { UInt8(truncatingIfNeeded: $0) }
      let address = IPv4Address(octets[0], octets[1], octets[2], octets[3])
      try watch(try Sockets.connect(Endpoint(address, numbers[4] << 8 | numbers[5])))
    case (.ipv6, 1): try watch(try Sockets.connect(Endpoint(server, numbers[0])))
    default: throw LabError.failed("no address in: \(line)")
    }
  }

  private func acceptData() {
    do {
      guard let socket = listener.take() else { return }
      let number = try Sockets.accept(socket)
      reactor.remove(socket.rawValue)
      guard let number else { throw LabError.failed("the data connection went away") }
      try watch(Descriptor(owning: number))
    } catch { fail("\(error)") }
  }

  private func watch(_ socket: consuming Descriptor) throws {
    let stream = BulkStream(socket, pattern, state: .open)
    data = stream
    try reactor.add(stream.socket.rawValue) { [unowned self] _ in
      do {
        guard try stream.receive() else { return }
        reactor.remove(stream.socket.rawValue)
        gotAllData = true
        guard stream.offset == sizes[fileIndex] else {
          throw LabError.failed("the file is too short")
        }
        fetched += 1
        try finishTransfer()
      } catch {
        reactor.remove(stream.socket.rawValue)
        fail("\(error)")
      }
    }
  }

  /// The data connection's end and the server's word come in either order.
  private func finishTransfer() throws {
    guard gotAllData, sawCompletion else { return }
    if fileIndex == 0 { try send("PWD", .idle) } else { step = .done }
  }

  private func send(_ line: String, _ next: Step) throws {
    step = next
    let octets = Array((line + "\r\n").utf8)
    guard try control.write(octets) == octets.count else {
      throw LabError.failed("the control connection takes no more")
    }
  }

  private func fail(_ reason: String) {
    if !isFinished { step = .failed(reason) }
    reactor.remove(control.rawValue)
  }
}
