import Activation
import Glibc
import JSON
import Linux
import Messages
import Testing
import Wire

/// tinyproxy of Debian, with a user and a password, on the loopback interface.
private final class TinyProxy {
  static let program = "/usr/bin/tinyproxy"
  private let file: String
  private var child: ChildProcess?
  let port: UInt16

  init() throws {
    let listener = try TCPListener.listen(on: IPv4Address(127, 0, 0, 1), port: 0)
    port = try TCPListener.port(of: listener.rawValue)
    file = "/tmp/ztb-tinyproxy-test.\(getpid())"
    let text = """
      Port \(port)
      Listen 127.0.0.1
      Timeout 600
      Allow 127.0.0.1
      LogFile "\(file).log"
      BasicAuth box secret

      """
    let configuration = try Descriptor.open(file, O_WRONLY | O_CREAT | O_TRUNC)
    _ = try configuration.write(text.utf8)
  }

  deinit {
    kill()
    unsafe unlink(file)
    unsafe unlink(file + ".log")
  }

  func start() throws {
    var specification = ProcessSpecification(
      program: Self.program, arguments: ["tinyproxy", "-d", "-c", file])
    let sink = try Descriptor.open("/dev/null", O_RDWR)
    specification.descriptors = [0, sink.rawValue, sink.rawValue]
    specification.deathSignal = SIGKILL
    child = try specification.spawn()
  }

  func kill() {
    child?.signal(SIGKILL)
    _ = child?.wait(milliseconds: 5_000)
    child = nil
  }

  func route(user: String?, password: String?) -> ProxyRoute {
    ProxyRoute(host: "127.0.0.1", port: port, user: user, password: password, exceptions: [])
  }

  /// How many tunnels it was asked for.
  var tunnels: Int {
    let text = String(decoding: (try? Files.read(file + ".log")) ?? [], as: UTF8.self)
    return text.split(separator: "\n").count { $0.contains("CONNECT localhost:") }
  }
}

private let programs: [String] = [RealPortal.program, Box.program, TinyProxy.program]
private let isReady = programs.allSatisfy { path in unsafe access(path, X_OK) == 0 }

@Suite(
  "The agent, a proxy and the portal", .serialized, .enabled(if: isReady, "not built, no tinyproxy")
)
final class RealProxyTests {
  private let reactor: Reactor
  private let portal: RealPortal
  private let proxy: TinyProxy
  private let box: Box
  private let site: (site: Int64, gateway: String, code: String, link: String)

  init() throws {
    reactor = try Reactor()
    portal = try RealPortal(reactor)
    proxy = try TinyProxy()
    try proxy.start()
    site = try portal.makeSite(
      "paris",
      proxy: .object([
        .init("host", .string("127.0.0.1")), .init("port", .integer(proxy.port)),
      ]))
    box = Box(reactor)
    try box.start()
  }

  deinit {
    box.kill()
    proxy.kill()
  }

  private func enroll(_ route: ProxyRoute?) {
    box.configure(
      .enroll(
        Enrollment(
          portal: portal.url, code: site.code, caFingerprint: [], linkDigest: [],
          privateKey: box.key ?? "", wan: #"{"mode":"dhcp","dns":["1.1.1.1","8.8.8.8"]}"#,
          proxy: route.map { "127.0.0.1:\($0.port)" } ?? "")), proxy: route)
  }

  @Test("user and password are asked for, refused, taken; then everything goes by the proxy")
  func authentication() throws {
    enroll(proxy.route(user: nil, password: nil))
    #expect(try box.turn { box.failure != nil })
    #expect(
      box.failure?.reasons
        == ["The proxy 127.0.0.1:\(proxy.port) asks for a user and password (407)."])
    #expect(box.failure?.remedy.hasPrefix("Set them with 3 Configure Web Proxy.") == true)
    #expect(box.steps[3] == .skipped && box.steps[4] == .failed)
    enroll(proxy.route(user: "box", password: "wrong"))
    #expect(
      try box.turn { box.failure?.reasons.first?.contains("does not take the user") == true },
      "\(box.failure?.reasons ?? [])")
    let route = proxy.route(user: "box", password: "secret")
    enroll(route)
    #expect(try box.turn { box.identity != nil }, "\(box.failure?.reasons ?? [])")
    #expect(box.steps[4] == .done)
    let identity = try #require(box.identity)
    box.configure(.serve(identity), proxy: route)
    box.send(.agent(.status(document: Array(#"{"state":"standalone"}"#.utf8))))
    #expect(try box.turn { box.contact?.connected == true })
    #expect(proxy.tunnels >= 3)
  }

  @Test("a proxy that dies is named as the reason, and used again when it is back")
  func proxyDies() throws {
    let route = proxy.route(user: "box", password: "secret")
    enroll(route)
    #expect(try box.turn { box.identity != nil }, "\(box.failure?.reasons ?? [])")
    box.configure(.serve(try #require(box.identity)), proxy: route)
    box.send(.agent(.status(document: Array("{}".utf8))))
    #expect(try box.turn { box.contact?.connected == true })
    proxy.kill()
    #expect(try box.turn { box.contact?.connected == false })
    #expect(
      box.contact?.reason.hasPrefix("the proxy 127.0.0.1:\(proxy.port) cannot be reached") == true)
    try proxy.start()
    #expect(try box.turn { box.contact?.connected == true })
  }

  @Test("a proxy that the site does not have is a difference")
  func differs() throws {
    enroll(nil)
    #expect(try box.turn { box.failure != nil })
    #expect(
      box.failure?.reasons == ["proxy: box none, site 127.0.0.1:\(proxy.port)"])
  }

  @Test("a proxy that opens no tunnel to a dead portal says so")
  func deadPortal() throws {
    portal.kill()
    enroll(proxy.route(user: "box", password: "secret"))
    #expect(try box.turn { box.failure != nil })
    #expect(
      box.failure?.reasons.first?.contains("opens no tunnel to localhost:") == true,
      "\(box.failure?.reasons ?? [])")
  }
}
