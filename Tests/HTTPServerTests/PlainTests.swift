import HTTP
import HTTPServer
import Linux
import Testing
import Wire

@Suite("HTTP server, plain")
struct PlainTests {
  @Test("path and query are decoded once; header, body and client address are handed over")
  func request() throws {
    let harness = try Harness { _ in .text("ok", status: 201) }
    let answer = try harness.exchange(
      "POST /a%20b/%2541?x=1%262&y=a+b HTTP/1.1\r\nHost: h\r\nX-Mine: v\r\nContent-Length: 5\r\n"
        + "Connection: close\r\n\r\nhello")
    #expect(answer.hasPrefix("HTTP/1.1 201 "))
    #expect(answer.hasSuffix("\r\n\r\nok"))
    let request = try #require(harness.requests.first)
    #expect(request.method == "POST")
    #expect(request.path == "/a b/%41")
    #expect(request.query == [HTTPField("x", "1&2"), HTTPField("y", "a b")])
    #expect(request.header("x-mine") == "v")
    #expect(request.body == Array("hello".utf8))
    #expect(request.client == "127.0.0.1")
    harness.stop()
  }

  @Test(
    "a target that is malformed or leaves its tree is 400 and never reaches the handler",
    arguments: [
      "/../etc/passwd", "/a/%2e%2e/b", "/a/..%2fb", "/%00", "/a%0ab", "/%zz", "/%ff", "/a\\..\\b",
      "*", "/a/./b",
    ])
  func hostileTargets(target: String) throws {
    let harness = try Harness { _ in .text("never", status: 200) }
    let answer = try harness.get(target)
    #expect(answer.hasPrefix("HTTP/1.1 400 "), "\(answer)")
    #expect(harness.requests.isEmpty)
    harness.stop()
  }

  @Test("HEAD is GET without a body")
  func head() throws {
    let harness = try Harness { _ in .text("body", status: 200) }
    let answer = try harness.exchange(
      "HEAD / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
    #expect(harness.requests.first?.method == "GET")
    #expect(answer.contains("Content-Length: 4\r\n"))
    #expect(answer.hasSuffix("\r\n\r\n"))
    harness.stop()
  }

  @Test("a header with a line break cannot split an answer")
  func splitting() throws {
    let harness = try Harness { _ in
      HTTPResponse.text("x", status: 200).with("X-Bad", "a\r\nSet-Cookie: b=c")
    }
    #expect(!(try harness.get("/")).contains("Set-Cookie"))
    harness.stop()
  }

  @Test("two requests on one connection are answered in order")
  func keepAlive() throws {
    let harness = try Harness { .text("<\($0.path)>", status: 200) }
    let answer = try harness.exchange(
      "GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
    let first = try #require(answer.firstRange(of: "</1>"))
    let second = try #require(answer.firstRange(of: "</2>"))
    #expect(first.lowerBound < second.lowerBound)
    harness.stop()
  }
}

@Suite("HTTP server, bounds")
struct BoundTests {
  private func post(_ length: Int, _ body: String, _ more: String = "") -> String {
    "POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: \(length)\r\n\(more)\r\n"
      + body
  }

  private func limits(_ change: (inout HTTPServer.Limits) -> Void) -> HTTPServer.Limits {
    var limits = HTTPServer.Limits()
    change(&limits)
    return limits
  }

  @Test("a body of exactly the limit is taken, one octet more is 413", arguments: [1000, 1001])
  func oversized(count: Int) throws {
    let harness = try Harness(limits: limits { $0.bodyBytes = 1000 }) { _ in
      .text("ok", status: 200)
    }
    let answer = try harness.exchange(post(count, String(repeating: "x", count: count)))
    #expect(answer.hasPrefix(count == 1000 ? "HTTP/1.1 200 " : "HTTP/1.1 413 "), "\(answer)")
    #expect(harness.requests.count == (count == 1000 ? 1 : 0))
    harness.stop()
  }

  @Test("a chunked body that outgrows the limit is 413 too")
  func oversizedChunks() throws {
    let harness = try Harness(limits: limits { $0.bodyBytes = 1000 }) { _ in
      .text("ok", status: 200)
    }
    let chunk = "200\r\n" + String(repeating: "x", count: 512) + "\r\n"
    let answer = try harness.exchange(
      "POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
        + chunk + chunk + chunk + "0\r\n\r\n")
    #expect(answer.hasPrefix("HTTP/1.1 413 "), "\(answer)")
    #expect(harness.requests.isEmpty)
    harness.stop()
  }

  @Test("a body announced as absurdly large is refused before it is sent")
  func absurd() throws {
    let harness = try Harness(limits: limits { $0.bodyBytes = 1000 }) { _ in
      .text("ok", status: 200)
    }
    let answer = try harness.exchange(
      post(1_000_000_000, "", "Expect: 100-continue\r\n"), until: { $0.contains("\r\n\r\n") })
    #expect(answer.hasPrefix("HTTP/1.1 413 "), "\(answer)")
    harness.stop()
  }

  @Test("a body that does not end in time is 408 and the connection is closed")
  func slowBody() throws {
    let harness = try Harness(limits: limits { $0.idleSeconds = 1 }) { _ in
      .text("ok", status: 200)
    }
    let client = try RawClient(port: harness.port)
    try client.send(post(100, "x"))
    var last = MonotonicClock.now()
    let closed = try harness.turn {
      // One octet each 200 ms would keep an idle timer from ever expiring.
      if MonotonicClock.now() > last + .milliseconds(200) {
        last = MonotonicClock.now()
        try? client.send("x")
      }
      return try client.poll()
    }
    #expect(closed)
    #expect(client.received.hasPrefix("HTTP/1.1 408 "), "\(client.received)")
    #expect(harness.requests.isEmpty)
    harness.stop()
  }

  @Test("a head that does not end in time closes the connection")
  func slowHead() throws {
    let harness = try Harness(limits: limits { $0.idleSeconds = 1 }) { _ in
      .text("ok", status: 200)
    }
    let client = try RawClient(port: harness.port)
    try client.send("GET / HTTP/1.1\r\nHost: h\r\nX-A")
    #expect(try harness.turn { try client.poll() })
    #expect(harness.requests.isEmpty)
    harness.stop()
  }

  @Test("one client gets no more than its share of connections")
  func perClient() throws {
    let harness = try Harness(limits: limits { $0.connectionsPerClient = 2 })
    let held = [try RawClient(port: harness.port), try RawClient(port: harness.port)]
    for client in held { try client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n") }
    try harness.turn { harness.requests.count == 2 }
    let third = try RawClient(port: harness.port)
    #expect(try harness.turn { try third.poll() }, "the third must be closed at once")
    #expect(harness.server?.connectionCount == 2)
    harness.stop()
  }
}
