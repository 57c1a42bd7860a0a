import CLinux
import Glibc
import HTTP
import HTTPClient
import Linux
import Testing
import Wire

/// A web proxy that opens tunnels to ports of this machine, and remembers what it was asked.
private final class TunnelProxy {
  private(set) var requests: [String] = []
  /// What to answer instead of opening the tunnel; nil: open it.
  var refusal: ((String) -> String?)?
  private var server: LoopbackServer?

  var port: UInt16 { server?.port ?? 0 }

  init(_ reactor: Reactor) throws {
    server = try LoopbackServer(reactor) { [unowned self] in received($0) }
  }

  private func received(_ connection: LoopbackServer.Connection) {
    if let peer = connection.peer {
      peer.send(connection.received)
      connection.received = []
      return
    }
    guard connection.text.contains("\r\n\r\n") else { return }
    let request = connection.text
    requests.append(request)
    connection.received = []
    if let refusal = refusal?(request) { return connection.send(refusal) }
    let target = request.split(separator: " ")[1].split(separator: ":")
    guard let port = UInt16(target[1]),
      let peer = try? server?.connect(to: port, received: { connection.send($0.taken()) })
    else { return connection.send("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n") }
    connection.peer = peer
    connection.send("HTTP/1.1 200 OK\r\nX-Proxy: yes\r\n\r\n")
  }
}

extension LoopbackServer.Connection {
  fileprivate func taken() -> [UInt8] {
    defer { received = [] }
    return received
  }
}

@Suite("Proxies", .serialized)
struct ProxyTests {
  private let loop: Loop
  private let server: LoopbackServer
  private let proxy: TunnelProxy
  private var request: HTTPClient.Request

  init() throws {
    loop = try Loop()
    server = try LoopbackServer(loop.reactor) { connection in
      connection.received = []
      connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
    }
    proxy = try TunnelProxy(loop.reactor)
    request = .init("GET", "http://127.0.0.1:\(server.port)/")
    request.proxy = .init(host: "127.0.0.1", port: proxy.port)
  }

  private var proxyPlace: String { "127.0.0.1:\(proxy.port)" }

  @Test("the request goes through a tunnel, and the proxy's header is not the answer's")
  func tunnel() throws {
    let response = try loop.fetch(request).get()
    #expect(response.headers == [HTTPField("Content-Length", "2")])
    #expect(proxy.requests.count == 1)
    #expect(proxy.requests.first?.hasPrefix("CONNECT 127.0.0.1:\(server.port) HTTP/1.1") == true)
  }

  @Test("hosts, domains and prefixes that are excepted are reached without the proxy")
  mutating func exceptions() throws {
    for exceptions in [["127.0.0.1"], ["10.0.0.1", "127.0.0.0/8"], ["*"]] {
      request.proxy?.exceptions = exceptions
      #expect(try loop.fetch(request).get().status == 200)
    }
    request.url = "http://localhost:\(server.port)/"
    request.proxy?.exceptions = [".localhost"]
    #expect(try loop.fetch(request).get().status == 200)
    #expect(proxy.requests.isEmpty)
  }

  @Test("407: a user and password are asked for")
  func asksForUser() throws {
    proxy.refusal = { _ in Self.basic }
    #expect(
      try loop.fetch(request).failure == .proxyAuthentication(place: proxyPlace, given: false))
  }

  @Test("407: the user and password are not taken")
  mutating func refusesUser() throws {
    proxy.refusal = { _ in Self.basic }
    request.proxy?.user = "u"
    request.proxy?.password = "wrong"
    #expect(
      try loop.fetch(request).failure == .proxyAuthentication(place: proxyPlace, given: true))
  }

  @Test("Basic: user and password go to the proxy only, and only when it asks")
  mutating func basic() throws {
    proxy.refusal = { $0.contains("Proxy-Authorization: Basic dTpw\r\n") ? nil : Self.basic }
    request.proxy?.user = "u"
    request.proxy?.password = "p"
    var seen = ""
    let server = try LoopbackServer(loop.reactor) { connection in
      seen = connection.text
      connection.send("HTTP/1.1 204 No Content\r\n\r\n")
    }
    request.url = "http://127.0.0.1:\(server.port)/"
    #expect(try loop.fetch(request).get().status == 204)
    #expect(!seen.contains("Authorization"))
    #expect(proxy.requests.first?.contains("Authorization") == false)
  }

  @Test("Digest is answered where the proxy offers it")
  mutating func digest() throws {
    let challenge =
      "HTTP/1.1 407 No\r\nProxy-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth\"\r\n"
      + "Content-Length: 0\r\n\r\n"
    proxy.refusal = { $0.contains("Proxy-Authorization: Digest username=\"u\"") ? nil : challenge }
    request.proxy?.user = "u"
    request.proxy?.password = "p"
    #expect(try loop.fetch(request).get().status == 200)
    #expect(!proxy.requests.joined().contains("Basic"))
  }

  @Test("a tunnel that is not allowed names proxy and target")
  func refused() throws {
    proxy.refusal = { _ in "HTTP/1.1 403 Filtered\r\nContent-Length: 0\r\n\r\n" }
    #expect(
      try loop.fetch(request).failure
        == .proxyRefused(place: proxyPlace, target: "127.0.0.1:\(server.port)", status: 403))
  }

  @Test("what is no proxy")
  mutating func noProxy() throws {
    let other = try LoopbackServer(loop.reactor) {
      $0.send("SSH-2.0-OpenSSH_9.2\r\n")
      $0.shutdown()
    }
    request.proxy?.port = other.port
    #expect(
      try loop.fetch(request).failure == .proxyBroken(place: "127.0.0.1:\(other.port)"))
  }

  @Test("a stage behind the proxy is told as the target's: silence within TLS")
  mutating func silenceBehind() throws {
    let silent = try LoopbackServer(loop.reactor) { _ in }
    request.url = "https://127.0.0.1:\(silent.port)/"
    request.timeout = .milliseconds(200)
    #expect(
      try loop.fetch(request).failure
        == .timeout(place: "127.0.0.1:\(silent.port)", during: .tls))
  }

  private static let basic =
    "HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=\"r\"\r\nContent-Length: 0\r\n\r\n"
}
