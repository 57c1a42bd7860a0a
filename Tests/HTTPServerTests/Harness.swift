import CLinux
import Glibc
import HTTP
import HTTPServer
import Linux
import Wire

/// A server on a free loopback port, driven by the test.
final class Harness {
  let reactor: Reactor
  let port: UInt16
  private(set) var requests: [HTTPRequest] = []
  private(set) var exchanges: [HTTPExchange] = []
  private(set) var server: HTTPServer?
  /// Runs within the handler of each request.
  var whenAsked: (() -> Void)?

  /// Answers each request with `respond`, or keeps its exchange for the test without.
  init(
    tls: TLSIdentity? = nil, limits: HTTPServer.Limits = .init(),
    respond: ((HTTPRequest) -> HTTPResponse)? = nil, receive: HTTPServer.Receiver? = nil
  ) throws {
    reactor = try Reactor()
    let listener = try TCPListener.listen(on: IPv4Address(0x7f00_0001), port: 0)
    port = try TCPListener.port(of: listener.rawValue)
    server = try HTTPServer(
      reactor, listener: listener, tls: tls, limits: limits, receive: receive
    ) { [unowned self] request, exchange in
      requests.append(request)
      whenAsked?()
      if let respond { exchange.answer(respond(request)) } else { exchanges.append(exchange) }
    }
  }

  /// Turns the loop until `done`, at most `seconds`; whether it came to that.
  @discardableResult
  func turn(seconds: Int = 10, until done: () throws -> Bool) throws -> Bool {
    let end = MonotonicClock.now() + .seconds(seconds)
    while MonotonicClock.now() < end {
      if try done() { return true }
      try reactor.turn(timeoutMilliseconds: 5)
    }
    return try done()
  }

  /// Sends `text` on a new connection and returns all that comes back until the server closes, or
  /// until `complete`.
  func exchange(
    _ text: String, until complete: (String) -> Bool = { _ in false }
  ) throws -> String {
    let client = try RawClient(port: port)
    try client.send(text)
    try turn { try client.poll() || complete(client.received) }
    return client.received
  }

  /// One request on a connection of its own.
  func get(_ target: String, _ more: String = "") throws -> String {
    try exchange("GET \(target) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\(more)\r\n")
  }

  func stop() {
    server?.stop()
    server = nil
  }

  /// Runs curl against the server: its exit status and what it wrote.
  func curl(_ arguments: String...) throws -> (status: Linux.ExitStatus?, text: String) {
    try run(arguments)
  }

  /// The same with a list.
  func run(_ arguments: [String]) throws -> (status: Linux.ExitStatus?, text: String) {
    let file = try TemporaryFile("")
    let child = try ProcessSpecification(
      program: "/usr/bin/curl",
      arguments: ["curl", "--silent", "--max-time", "10", "--output", file.path] + arguments
    ).spawn()
    let status = try end(of: child)
    return (status, String(decoding: try Files.read(file.path), as: UTF8.self))
  }

  /// Turns the loop until a child ends.
  func end(of child: ChildProcess) throws -> Linux.ExitStatus? {
    var status: Linux.ExitStatus?
    try turn(seconds: 15) {
      status = child.reap()
      return status != nil
    }
    return status
  }
}

/// A file with some text that goes with the object.
final class TemporaryFile {
  let path = "/tmp/ztb-http-\(getpid())-\(UInt64.random(in: 0 ... .max))"

  init(_ text: String) throws { try Files.replace(path, with: Array(text.utf8)) }

  deinit { unsafe unlink(path) }
}

/// A TCP connection that sends what it is told, right or wrong.
final class RawClient {
  private let socket: Descriptor
  private(set) var octets: [UInt8] = []
  var received: String { String(decoding: octets, as: UTF8.self) }

  init(port: UInt16) throws {
    socket = try openSocket(AF_INET, .stream)
    let number = socket.rawValue
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_port = port.bigEndian
    place.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    unsafe withUnsafePointer(to: &place) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { rebound in
        _ = unsafe connect(
          number, .init(__sockaddr__: rebound), socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    var entry = pollfd(fd: number, events: Int16(POLLOUT), revents: 0)
    _ = unsafe Glibc.poll(&entry, 1, 5_000)
  }

  func send(_ text: String) throws { try send(Array(text.utf8)) }

  func send(_ octets: [UInt8]) throws { _ = try socket.write(octets) }

  /// Takes what has come; whether the server has closed the connection.
  func poll() throws -> Bool {
    do {
      while let piece = try socket.read(limit: 65_536) {
        if piece.isEmpty { return true }
        octets += piece
      }
      return false
    } catch  where error.code == ECONNRESET { return true }
  }
}
