import Glibc
import HTTP
import HTTPServer
import Linux
import Testing

/// Counts what it gets.
private final class CountingUpload: HTTPUpload {
  let limitBytes = 100_000
  var pieces: [Int] = []

  func take(_ piece: [UInt8]) { pieces.append(piece.count) }
}

@Suite("Bodies that are not held")
struct LargeBodyTests {
  private let upload = CountingUpload()

  private func post(_ length: Int, _ body: String) -> String {
    "POST /up HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: \(length)\r\n\r\n" + body
  }

  private func harness(_ limits: HTTPServer.Limits = .init()) throws -> Harness {
    try Harness(
      limits: limits,
      receive: { [upload] head in
        head.path == "/up" ? .upload(upload) : .held
      })
  }

  @Test("a body goes to its upload in pieces, and is not in the request")
  func pieces() throws {
    var limits = HTTPServer.Limits()
    limits.bodyBytes = 100
    let harness = try harness(limits)
    let client = try RawClient(port: harness.port)
    try client.send(post(90_000, String(repeating: "x", count: 50_000)))
    try harness.turn { upload.pieces.reduce(0, +) == 50_000 }
    #expect(harness.requests.isEmpty)
    try client.send(String(repeating: "x", count: 40_000))
    try harness.turn { harness.exchanges.count == 1 }
    #expect(upload.pieces.reduce(0, +) == 90_000 && (upload.pieces.max() ?? 0) < 20_000)
    #expect(harness.requests.first?.body.isEmpty == true)
    #expect(harness.exchanges.first?.upload === upload)
    harness.exchanges.first?.answer(.text("taken", status: 200))
    try harness.turn { try client.poll() }
    #expect(client.received.hasPrefix("HTTP/1.1 200 "))
    harness.stop()
  }

  @Test("one octet more than the upload's own limit is 413 before it is sent")
  func limit() throws {
    let harness = try harness()
    let answer = try harness.exchange(post(100_001, ""), until: { $0.contains("\r\n\r\n") })
    #expect(answer.hasPrefix("HTTP/1.1 413 ") && upload.pieces.isEmpty)
    harness.stop()
  }

  @Test("chunks that outgrow the limit end the connection, and nothing of them is taken")
  func chunks() throws {
    let harness = try harness()
    let chunk = "10000\r\n" + String(repeating: "x", count: 65_536) + "\r\n"
    let answer = try harness.exchange(
      "POST /up HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk + chunk)
    #expect(!answer.contains(" 200 ") && upload.pieces.reduce(0, +) <= 100_000)
    #expect(harness.requests.isEmpty)
    harness.stop()
  }

  @Test("a body may be refused by its head")
  func refused() throws {
    let harness = try Harness(receive: { _ in .refused(.text("no", status: 401)) })
    let answer = try harness.exchange(post(90_000, ""), until: { $0.contains("\r\n\r\n") })
    #expect(answer.hasPrefix("HTTP/1.1 401 ") && harness.requests.isEmpty)
    harness.stop()
  }

  @Test("an upload lasts as long as it goes on, and ends when nothing comes")
  func slow() throws {
    var limits = HTTPServer.Limits()
    limits.idleSeconds = 2
    let harness = try harness(limits)
    let (lively, silent) = (try RawClient(port: harness.port), try RawClient(port: harness.port))
    try lively.send(post(4, "x"))
    try silent.send(post(4, "x"))
    for _ in 0..<3 {
      try harness.turn(seconds: 1) { false }
      try lively.send("x")
    }
    #expect(try harness.turn { harness.exchanges.count == 1 }, "it took longer than a pause may")
    #expect(try harness.turn { try silent.poll() })
    #expect(!silent.received.contains("200") && harness.requests.count == 1)
    harness.stop()
  }

  @Test("a file is sent with its length, whole or from an octet on")
  func file() throws {
    let text = String(repeating: "0123456789", count: 20_000)
    let stored = try TemporaryFile(text)
    let harness = try Harness()
    for (offset, count) in [(0, 200_000), (199_995, 5), (10, 0)] {
      let client = try RawClient(port: harness.port)
      try client.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
      let number = harness.exchanges.count
      try harness.turn { harness.exchanges.count > number }
      let file = HTTPFile(
        try Descriptor.open(stored.path, O_RDONLY), offset: UInt64(offset), count: UInt64(count))
      harness.exchanges.last?.answer(200, headers: [], file)
      try harness.turn { try client.poll() }
      #expect(client.received.contains("Content-Length: \(count)\r\n"))
      let body = client.received.split(
        separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false
      ).last
      #expect(body.map(String.init) == String(text.dropFirst(offset).prefix(count)))
    }
    harness.stop()
  }
}
