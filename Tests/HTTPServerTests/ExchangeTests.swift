import HTTP
import HTTPServer
import Linux
import Testing
import Wire

@Suite("HTTP server, late answers")
struct ExchangeTests {
  private let get = "GET /wait HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"

  @Test("a request may be answered later, while others are answered at once")
  func late() throws {
    let harness = try Harness()
    let first = try RawClient(port: harness.port)
    try first.send(get)
    try harness.turn { harness.exchanges.count == 1 }
    let second = try RawClient(port: harness.port)
    try second.send(get)
    try harness.turn { harness.exchanges.count == 2 }
    harness.exchanges[1].answer(.text("two", status: 200))
    #expect(try harness.turn { try second.poll() })
    #expect(second.received.hasSuffix("two"))
    #expect(try !first.poll())
    #expect(first.received.isEmpty)
    harness.exchanges[0].answer(.text("one", status: 200))
    #expect(try harness.turn { try first.poll() })
    #expect(first.received.hasSuffix("one"))
    harness.stop()
  }

  @Test("a client that goes away while it waits is noticed, and answering it does no harm")
  func gone() throws {
    let harness = try Harness()
    var isGone = false
    do {
      let client = try RawClient(port: harness.port)
      try client.send(get)
      try harness.turn { harness.exchanges.count == 1 }
      harness.exchanges[0].whenGone = { isGone = true }
    }
    #expect(try harness.turn { isGone })
    harness.exchanges[0].answer(.text("late", status: 200))
    #expect(try harness.turn { harness.server?.connectionCount == 0 })
    harness.stop()
  }

  @Test("a stream arrives piece by piece and ends when it is closed")
  func stream() throws {
    let harness = try Harness()
    let client = try RawClient(port: harness.port)
    try client.send(get)
    try harness.turn { harness.exchanges.count == 1 }
    let stream = harness.exchanges[0].stream(
      200, headers: [HTTPField("Content-Type", "text/event-stream")])
    stream.send(Array("data: 1\n\n".utf8))
    #expect(
      try harness.turn {
        _ = try client.poll()
        return client.received.contains("data: 1\n\n")
      })
    #expect(client.received.contains("Content-Type: text/event-stream\r\n"))
    #expect(!client.received.contains("data: 2"))
    stream.send(Array("data: 2\n\n".utf8))
    #expect(
      try harness.turn {
        _ = try client.poll()
        return client.received.contains("data: 2\n\n")
      })
    #expect(stream.isOpen)
    stream.close()
    #expect(try harness.turn { try client.poll() })
    harness.stop()
  }

  @Test("a stream whose client goes away is not open any more")
  func streamGone() throws {
    let harness = try Harness()
    var stream: HTTPStream?
    var isGone = false
    do {
      let client = try RawClient(port: harness.port)
      try client.send(get)
      try harness.turn { harness.exchanges.count == 1 }
      stream = harness.exchanges[0].stream(200, headers: [])
      stream?.whenGone = { isGone = true }
      stream?.send([1])
      try harness.turn {
        _ = try client.poll()
        return !client.octets.isEmpty
      }
    }
    #expect(try harness.turn { isGone })
    #expect(stream?.isOpen == false)
    harness.stop()
  }

  @Test("a stream that its client does not read is cut off at its limit")
  func streamLimit() throws {
    var limits = HTTPServer.Limits()
    limits.streamBytes = 100_000
    let harness = try Harness(limits: limits)
    let client = try RawClient(port: harness.port)
    try client.send(get)
    try harness.turn { harness.exchanges.count == 1 }
    let stream = harness.exchanges[0].stream(200, headers: [])
    var sent = 0
    // The socket's own buffers take some first.
    while stream.isOpen && sent < 50_000_000 {
      stream.send([UInt8](repeating: 65, count: 50_000))
      sent += 50_000
      try harness.reactor.turn(timeoutMilliseconds: 0)
    }
    #expect(!stream.isOpen)
    harness.stop()
  }

  @Test("a stream that is cut off while the socket is full leaves no connection behind")
  func streamLimitCloses() throws {
    var limits = HTTPServer.Limits()
    limits.streamBytes = 100_000
    let harness = try Harness(limits: limits)
    let client = try RawClient(port: harness.port)
    try client.send(get)
    try harness.turn { harness.exchanges.count == 1 }
    let stream = harness.exchanges[0].stream(200, headers: [])
    // No more than the daemon moves in a turn, so that it is the socket that holds the rest up.
    for _ in 0..<20_000 where stream.isOpen {
      stream.send([UInt8](repeating: 65, count: 3_000))
      for _ in 0..<3 { try harness.reactor.turn(timeoutMilliseconds: 0) }
    }
    #expect(!stream.isOpen)
    // The client still reads nothing.
    #expect(try harness.turn(seconds: 3) { harness.server?.connectionCount == 0 })
    harness.stop()
  }

  @Test("a whole answer that its client does not take in time ends the connection")
  func answerLimit() throws {
    var limits = HTTPServer.Limits()
    limits.answerSeconds = 1
    let harness = try Harness(limits: limits) { _ in
      HTTPResponse(200, headers: [], body: [UInt8](repeating: 65, count: 32 << 20))
    }
    let client = try RawClient(port: harness.port)
    try client.send(get)
    #expect(try harness.turn { harness.requests.count == 1 })
    #expect(harness.server?.connectionCount == 1)
    #expect(try harness.turn(seconds: 5) { harness.server?.connectionCount == 0 })
    harness.stop()
  }

  @Test("a handler may answer another request that waits")
  func another() throws {
    let harness = try Harness()
    let first = try RawClient(port: harness.port)
    try first.send(get)
    try harness.turn { harness.exchanges.count == 1 }
    harness.whenAsked = { [unowned harness] in
      harness.exchanges[0].answer(.text("by the other", status: 200))
    }
    let second = try RawClient(port: harness.port)
    try second.send(get)
    #expect(try harness.turn { try first.poll() })
    #expect(first.received.hasSuffix("by the other"))
    harness.stop()
  }

  @Test("stopping with clients that wait ends them and frees the port")
  func stop() throws {
    let harness = try Harness()
    let client = try RawClient(port: harness.port)
    try client.send(get)
    try harness.turn { harness.exchanges.count == 1 }
    harness.stop()
    #expect(try client.poll())
    harness.exchanges[0].answer(.text("too late", status: 200))
    let again = try TCPListener.listen(on: .init(0x7f00_0001), port: harness.port)
    #expect(again.rawValue >= 0)
  }
}
