import Glibc
import HTTP
import HTTPClient
import Linux
import Testing
import Wire

@Suite("Failures", .serialized)
struct FailureTests {
  /// A port of this machine where nobody listens.
  static func closedPort(_ loop: Loop) throws -> UInt16 {
    try LoopbackServer(loop.reactor) { _ in }.port
  }

  @Test("nobody at the place: the error names it and says what the kernel says")
  func refused() throws {
    let loop = try Loop()
    let port = try Self.closedPort(loop)
    let error = try loop.fetch(.init("GET", "https://127.0.0.1:\(port)/")).failure
    #expect(error == .connect(place: "127.0.0.1:\(port)", reason: "Connection refused"))
    #expect(
      "\(error as HTTPClientError?)".contains("check network and firewall on the way"))
  }

  @Test("a name that does not exist is told as such")
  func noName() throws {
    let loop = try Loop()
    let error = try loop.fetch(.init("GET", "https://portal.invalid/")).failure
    #expect(error == .resolve(host: "portal.invalid"))
  }

  @Test("a proxy whose name does not exist is told as such")
  func noProxyName() throws {
    let loop = try Loop()
    var request = HTTPClient.Request("GET", "https://127.0.0.1:1/")
    request.proxy = .init(host: "proxy.invalid", port: 3128)
    #expect(try loop.fetch(request).failure == .proxyResolve(host: "proxy.invalid"))
  }

  @Test("nobody where the proxy should be")
  func noProxy() throws {
    let loop = try Loop()
    let port = try Self.closedPort(loop)
    var request = HTTPClient.Request("GET", "https://portal.example/")
    request.proxy = .init(host: "127.0.0.1", port: port)
    #expect(
      try loop.fetch(request).failure
        == .proxyConnect(place: "127.0.0.1:\(port)", reason: "Connection refused"))
  }

  @Test("a server that is silent, and a server that is silent within TLS, are told apart")
  func silence() throws {
    let loop = try Loop()
    let silent = try LoopbackServer(loop.reactor) { _ in }
    let place = "127.0.0.1:\(silent.port)"
    var request = HTTPClient.Request("GET", "http://\(place)/")
    request.timeout = .milliseconds(100)
    #expect(try loop.fetch(request).failure == .timeout(place: place, during: .answer))
    request.url = "https://\(place)/"
    #expect(try loop.fetch(request).failure == .timeout(place: place, during: .tls))
  }

  @Test("a server that does not even take the connection")
  func noConnection() throws {
    let loop = try Loop()
    let full = try LoopbackServer.full(loop.reactor)
    let place = "127.0.0.1:\(full.port)"
    var request = HTTPClient.Request("GET", "https://\(place)/")
    request.timeout = .milliseconds(100)
    #expect(try loop.fetch(request).failure == .timeout(place: place, during: .connection))
  }

  @Test("a proxy that is silent is told as such")
  func silentProxy() throws {
    let loop = try Loop()
    let silent = try LoopbackServer(loop.reactor) { _ in }
    var request = HTTPClient.Request("GET", "https://portal.example/")
    request.proxy = .init(host: "127.0.0.1", port: silent.port)
    request.timeout = .milliseconds(100)
    #expect(
      try loop.fetch(request).failure
        == .timeout(place: "127.0.0.1:\(silent.port)", during: .proxy))
  }

  @Test("a connection that ends without an answer is told as such")
  func closed() throws {
    let loop = try Loop()
    let server = try LoopbackServer(loop.reactor) { $0.shutdown() }
    let place = "127.0.0.1:\(server.port)"
    #expect(try loop.fetch(.init("GET", "http://\(place)/")).failure == .closed(place: place))
  }

  @Test("an answer that ends too soon is told as such")
  func partial() throws {
    let loop = try Loop()
    let server = try LoopbackServer(loop.reactor) {
      $0.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
      $0.shutdown()
    }
    let place = "127.0.0.1:\(server.port)"
    #expect(try loop.fetch(.init("GET", "http://\(place)/")).failure == .closed(place: place))
  }

  @Test("a server without TLS at an https URL")
  func noTLS() throws {
    let loop = try Loop()
    let server = try LoopbackServer(loop.reactor) { $0.send("HTTP/1.1 400 Bad\r\n\r\n") }
    let error = try loop.fetch(.init("GET", "https://127.0.0.1:\(server.port)/")).failure
    #expect(error?.reason.hasPrefix("no secure connection to 127.0.0.1:") == true)
  }

  @Test(
    "what cannot be sent fails without a connection, and not from within send",
    arguments: ["ftp://127.0.0.1/", "https://", "http://127.0.0.1:99999/"])
  func invalid(url: String) throws {
    let loop = try Loop()
    var isSending = true
    var error: HTTPClientError?
    loop.client.send(.init("GET", url)) {
      #expect(!isSending)
      error = $0.failure
    }
    isSending = false
    try loop.run { error != nil }
    guard case .invalidRequest = error else {
      Issue.record("\(url): \(error.map { "\($0)" } ?? "no error")")
      return
    }
  }

  @Test("a header field cannot smuggle in another one")
  func injection() throws {
    let loop = try Loop()
    var request = HTTPClient.Request("GET", "http://127.0.0.1:1/")
    request.headers = [HTTPField("X", "a\r\nHost: other")]
    guard case .invalidRequest = try loop.fetch(request).failure else {
      Issue.record("the request was sent")
      return
    }
  }

  @Test("the proxy that the environment of the process names is not asked")
  func environment() throws {
    let loop = try Loop()
    let proxy = try LoopbackServer(loop.reactor) { $0.send("HTTP/1.1 502 Bad\r\n\r\n") }
    let port = try Self.closedPort(loop)
    // Every other test gives its own proxy, or none, and must not see this either.
    for name in ["http_proxy", "https_proxy", "all_proxy"] {
      unsafe setenv(name, "http://127.0.0.1:\(proxy.port)", 1)
    }
    let error = try loop.fetch(.init("GET", "http://127.0.0.1:\(port)/")).failure
    #expect(error == .connect(place: "127.0.0.1:\(port)", reason: "Connection refused"))
    #expect(proxy.accepted == 0)
  }

  @Test("sentences name place and remedy")
  func sentences() {
    #expect(
      HTTPClientError.proxyAuthentication(place: "proxy.example:3128", given: false).description
        == "the proxy proxy.example:3128 asks for a user and password (407); "
        + "set them with 3 Configure Web Proxy")
    #expect(
      HTTPClientError.resolve(host: "portal.example").description
        == "the name portal.example cannot be resolved; "
        + "check the DNS servers in 2 Configure Gateway")
  }
}
