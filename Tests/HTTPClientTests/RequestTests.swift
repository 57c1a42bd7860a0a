import HTTP
import HTTPClient
import Linux
import Testing
import Wire

/// Answers each request with `answer` as soon as its header is complete.
private func server(_ loop: Loop, _ answer: String) throws -> LoopbackServer {
  try LoopbackServer(loop.reactor) { connection in
    guard connection.text.contains("\r\n\r\n") else { return }
    connection.received = []
    connection.send(answer)
  }
}

private let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Two:  b c \r\n\r\nhi"

@Suite("Requests", .serialized)
struct RequestTests {
  @Test("an answer comes with status, header fields in order and body")
  func get() throws {
    let loop = try Loop()
    let server = try server(loop, ok)
    let response = try loop.fetch(.init("GET", "http://127.0.0.1:\(server.port)/x?y=1")).get()
    #expect(
      response
        == HTTPResponse(
          200, headers: [HTTPField("Content-Length", "2"), HTTPField("X-Two", "b c ")],
          body: Array("hi".utf8)))
  }

  @Test("method, path, header fields and body go out as given, HTTP/1.1, without Expect")
  func post() throws {
    let loop = try Loop()
    var seen = ""
    let server = try LoopbackServer(loop.reactor) { connection in
      seen = connection.text
      if seen.hasSuffix("}") { connection.send("HTTP/1.1 204 No Content\r\n\r\n") }
    }
    var request = HTTPClient.Request("POST", "http://127.0.0.1:\(server.port)/a")
    request.headers = [HTTPField("Content-Type", "application/json")]
    request.body = Array(("{" + String(repeating: " ", count: 2_000_000) + "}").utf8)
    #expect(try loop.fetch(request).get().status == 204)
    #expect(seen.hasPrefix("POST /a HTTP/1.1\r\n"))
    #expect(seen.contains("\r\nContent-Type: application/json\r\n"))
    #expect(seen.contains("\r\nContent-Length: 2000002\r\n"))
    #expect(!seen.contains("Expect"))
  }

  @Test("a redirect is an answer like any other")
  func redirect() throws {
    let loop = try Loop()
    let server = try server(
      loop, "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")
    let response = try loop.fetch(.init("GET", "http://127.0.0.1:\(server.port)/")).get()
    #expect(response.status == 302)
  }

  @Test("a sink gets the body with its status instead of the answer, and may end it")
  func sink() throws {
    let loop = try Loop()
    let body = String(repeating: "x", count: 100_000)
    let server = try server(loop, "HTTP/1.1 206 Part\r\nContent-Length: 100000\r\n\r\n\(body)")
    var pieces: [[UInt8]] = []
    var request = HTTPClient.Request("GET", "http://127.0.0.1:\(server.port)/")
    request.sink = { piece, answer in
      #expect(answer.status == 206 && answer.header("content-length") == "100000")
      pieces.append(piece)
      return true
    }
    #expect(try loop.fetch(request).get().body.isEmpty)
    #expect(pieces.count > 1 && pieces.joined().count == 100_000)
    request.sink = { _, _ in false }
    #expect(try loop.fetch(request).failure == .unwanted)
    request.sink = { _, _ in true }
    request.limitBytes = 99_999
    let place = "127.0.0.1:\(server.port)"
    #expect(try loop.fetch(request).failure == .tooLarge(place: place, limitBytes: 99_999))
  }

  @Test("without a tunnel the proxy is asked for the whole URL")
  func plainProxy() throws {
    let loop = try Loop()
    var seen = ""
    let proxy = try LoopbackServer(loop.reactor) { connection in
      seen = connection.text
      connection.send(ok)
    }
    var request = HTTPClient.Request("GET", "http://server.example/x")
    request.proxy = HTTPClient.Proxy(host: "127.0.0.1", port: proxy.port)
    request.tunnelsAll = false
    #expect(try loop.fetch(request).get().status == 200)
    #expect(seen.hasPrefix("GET http://server.example/x HTTP/1.1\r\n"))
  }

  @Test("an answer that stops coming ends the request long before its time")
  func stall() throws {
    let loop = try Loop()
    let server = try server(loop, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx")
    var request = HTTPClient.Request("GET", "http://127.0.0.1:\(server.port)/")
    request.stallTimeout = .seconds(1)
    let place = "127.0.0.1:\(server.port)"
    #expect(try loop.fetch(request).failure == .timeout(place: place, during: .answer))
  }

  @Test("a connection is used again, unless the request says otherwise")
  func reuse() throws {
    let loop = try Loop()
    let server = try server(loop, ok)
    var request = HTTPClient.Request("GET", "http://127.0.0.1:\(server.port)/")
    for _ in 1...3 { _ = try loop.fetch(request).get() }
    #expect(server.accepted == 1)
    request.reuseConnection = false
    for _ in 1...2 { _ = try loop.fetch(request).get() }
    #expect(server.accepted == 3)
  }

  @Test("a body longer than the limit ends the request, whether announced or not")
  func tooLarge() throws {
    let loop = try Loop()
    let body = String(repeating: "x", count: 3_000)
    for length in ["Content-Length: 3000\r\n", "Connection: close\r\n"] {
      let server = try server(loop, "HTTP/1.1 200 OK\r\n\(length)\r\n\(body)")
      var request = HTTPClient.Request("GET", "http://127.0.0.1:\(server.port)/")
      request.limitBytes = 2_999
      let place = "127.0.0.1:\(server.port)"
      #expect(try loop.fetch(request).failure == .tooLarge(place: place, limitBytes: 2_999))
      request.limitBytes = 3_000
      if length.hasPrefix("Content") { #expect(try loop.fetch(request).get().body.count == 3_000) }
    }
  }

  @Test("an endless header ends the request")
  func endlessHeader() throws {
    let loop = try Loop()
    let line = "X: \(String(repeating: "y", count: 1_000))\r\n"
    let server = try server(loop, "HTTP/1.1 200 OK\r\n" + String(repeating: line, count: 100))
    let outcome = try loop.fetch(.init("GET", "http://127.0.0.1:\(server.port)/"))
    #expect(outcome.failure?.reason.contains("more than") == true)
  }

  @Test("the stages of a connection are told once, in order")
  func stages() throws {
    let loop = try Loop()
    let server = try server(loop, ok)
    var stages: [HTTPClient.Stage] = []
    var request = HTTPClient.Request("GET", "http://localhost:\(server.port)/")
    request.progress = { stages.append($0) }
    _ = try loop.fetch(request).get()
    #expect(stages == [.resolved, .connected])
  }

  @Test("a cancelled request is never completed, and others go on")
  func cancel() throws {
    let loop = try Loop()
    let silent = try LoopbackServer(loop.reactor) { _ in }
    let server = try server(loop, ok)
    let number = loop.client.send(.init("GET", "http://127.0.0.1:\(silent.port)/")) { _ in
      Issue.record("the completion of a cancelled request was called")
    }
    try loop.run { silent.accepted == 1 }
    loop.client.cancel(number)
    loop.client.cancel(number)
    _ = try loop.fetch(.init("GET", "http://127.0.0.1:\(server.port)/")).get()
  }

  @Test("who is told of an answer may send the next request and cancel another")
  func reentrance() throws {
    let loop = try Loop()
    let server = try server(loop, ok)
    let url = "http://127.0.0.1:\(server.port)/"
    var rounds = 0
    func next() {
      let other = loop.client.send(.init("GET", url)) { _ in }
      loop.client.send(.init("GET", url)) { _ in
        rounds += 1
        loop.client.cancel(other)
        if rounds < 20 { next() }
      }
    }
    next()
    try loop.run { rounds == 20 }
    #expect(rounds == 20)
  }

  @Test("a client that goes takes its requests along")
  func gone() throws {
    let reactor = try Reactor()
    let silent = try LoopbackServer(reactor) { _ in }
    var client: HTTPClient? = try HTTPClient(reactor)
    client?.send(.init("GET", "http://127.0.0.1:\(silent.port)/")) { _ in
      Issue.record("the completion was called")
    }
    for _ in 1...10 where silent.accepted == 0 { try reactor.turn(timeoutMilliseconds: 100) }
    client = nil
    try reactor.turn(timeoutMilliseconds: 10)
  }

  @Test("a hundred requests at a time are all answered")
  func many() throws {
    let loop = try Loop()
    let server = try server(loop, ok)
    var answered = 0
    for _ in 1...100 {
      loop.client.send(.init("GET", "http://127.0.0.1:\(server.port)/")) { outcome in
        if case .success = outcome { answered += 1 }
      }
    }
    try loop.run { answered == 100 }
    #expect(answered == 100)
  }
}
