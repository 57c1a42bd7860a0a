import CLinux
import Glibc
import HTTP
import HTTPClient
import JSON
import Linux
import Wire

/// `ztb-portal serve` in a process of its own, with a fresh database.
final class RealPortal {
  /// The program, beside the tests that are running.
  static let program = Box.program.replacing("ztbd-net", with: "ztb-portal")

  private let reactor: Reactor
  private let client: HTTPClient
  private let directory: String
  private var child: ChildProcess?
  private var output = ""
  private var cookie = ""
  private var formToken = ""
  private(set) var url = ""
  private(set) var agentURL = ""

  /// Starts a portal with one user and nothing else.
  init(_ reactor: Reactor) throws {
    self.reactor = reactor
    client = try HTTPClient(reactor)
    var name = "/tmp/ztb-portal-test.XXXXXX".utf8CString.map { $0 }
    guard unsafe mkdtemp(&name) != nil else { throw SystemError(call: "mkdtemp", code: errno) }
    directory = String(
      decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    try start()
    try makeUser()
  }

  deinit {
    kill()
    for file in ["portal.db", "portal.db-wal", "portal.db-shm", "log"] {
      unsafe unlink("\(directory)/\(file)")
    }
    unsafe rmdir(directory)
  }

  /// Starts it; after ``kill()`` on the same ports and database.
  func start() throws {
    var specification = ProcessSpecification(
      program: Self.program, arguments: ["ztb-portal", "serve", "--data", directory])
    specification.arguments += ["--name", "localhost", "--listen", "127.0.0.1:\(Self.port(url))"]
    specification.arguments += ["--agent-listen", "127.0.0.1:\(Self.port(agentURL))"]
    var ends: [Int32] = [0, 0]
    guard unsafe pipe2(&ends, O_CLOEXEC | O_NONBLOCK) == 0 else {
      throw SystemError(call: "pipe2", code: errno)
    }
    let reading = Descriptor(owning: ends[0])
    let writing = Descriptor(owning: ends[1])
    let log = try Descriptor.open("\(directory)/log", O_WRONLY | O_CREAT | O_APPEND)
    specification.descriptors = [0, writing.rawValue, log.rawValue]
    specification.deathSignal = SIGKILL
    child = try specification.spawn()
    output = ""
    let end = MonotonicClock.now() + .seconds(20)
    while !output.contains("READY "), MonotonicClock.now() < end {
      output += String(decoding: try reading.read(limit: 4_096) ?? [], as: UTF8.self)
      usleep(10_000)
    }
    let words = output.split(separator: "\n").last { $0.hasPrefix("READY ") }?.split(separator: " ")
    guard let words, words.count == 3 else { throw SystemError(call: "READY", code: ETIMEDOUT) }
    url = String(words[1])
    agentURL = String(words[2])
  }

  /// kill -9.
  func kill() {
    child?.signal(SIGKILL)
    _ = child?.wait(milliseconds: 5_000)
    child = nil
  }

  private static func port(_ url: String) -> Substring {
    url.isEmpty
      ? "0" : url[(url.lastIndex(of: ":").map { url.index(after: $0) } ?? url.endIndex)...]
  }

  private func makeUser() throws {
    let token = output.split(separator: "\n").first.map { $0.drop { $0 != "#" }.dropFirst() } ?? ""
    let user: [JSONValue.Member] = [
      .init("name", .string("root")), .init("password", .string("correct horse battery")),
    ]
    _ = try call(
      "POST", "setup", .object(user + [.init("token", .string(String(token)))]))
    let session = try call("POST", "login", .object(user))
    formToken = session?["csrfToken"]?.string ?? ""
  }

  /// One call of the REST API; its answer, when it is 200, 201, 202 or 204.
  @discardableResult
  func call(_ method: String, _ path: String, _ body: JSONValue? = nil) throws -> JSONValue? {
    var request = HTTPClient.Request(method, "\(url)/api/v3/\(path)")
    request.trust = .anything
    request.body = body?.canonical ?? []
    request.headers = [
      HTTPField("Content-Type", "application/json"), HTTPField("Cookie", cookie),
      HTTPField("X-CSRF-Token", formToken),
    ]
    var outcome: Swift.Result<HTTPResponse, HTTPClientError>?
    client.send(request) { outcome = $0 }
    let end = MonotonicClock.now() + .seconds(20)
    while outcome == nil, MonotonicClock.now() < end {
      try reactor.turn(timeoutMilliseconds: 20)
    }
    guard let response = try outcome?.get() else {
      throw SystemError(call: path, code: ETIMEDOUT)
    }
    guard (200..<300).contains(response.status) else {
      throw Refusal(path: path, text: String(decoding: response.body, as: UTF8.self))
    }
    for field in response.headers where field.name.lowercased() == "set-cookie" {
      cookie = String(field.value.prefix { $0 != ";" })
    }
    return response.body.isEmpty ? nil : try JSONParser.parse(response.body)
  }

  struct Refusal: Error {
    let path: String
    let text: String
  }

  // MARK: What the tests need

  /// Makes a site with one gateway that has DHCP; its number, and the activation of the gateway.
  func makeSite(
    _ name: String, proxy: JSONValue = .null
  ) throws -> (site: Int64, gateway: String, code: String, link: String) {
    let gateway = JSONValue.object([
      .init("name", .string("\(name)-gw-01")),
      .init("wan", .object([.init("mode", .string("dhcp"))])),
      .init("lanAddress", .string("10.1.0.1/24")),
    ])
    let templates = try call("GET", "templates")?["templates"]?.array ?? []
    let template = templates.first { $0["name"]?.string == "zt400-standalone-default" }
    let made = try call(
      "POST", "sites",
      .object([
        .init("name", .string(name)), .init("template", template?["id"] ?? .null),
        .init("proxy", proxy), .init("gateways", .array([gateway])),
      ]))
    let offer = made?["activations"]?["\(name)-gw-01"]
    return (
      made?["id"]?.integer ?? 0, made?["gateways"]?.array?.first?["id"]?.string ?? "",
      (offer?["code"]?.string ?? "").filter { $0 != "-" }, offer?["url"]?.string ?? ""
    )
  }

  /// What the portal says of the gateway of a site.
  func gateway(_ site: Int64) throws -> JSONValue? {
    try call("GET", "sites/\(site)")?["gateways"]?.array?.first
  }

  func state(_ site: Int64) throws -> String { try gateway(site)?["state"]?.string ?? "" }

  /// The texts of the events of a site, newest first.
  func events(_ site: Int64) throws -> [String] {
    try call("GET", "sites/\(site)/events")?["events"]?.array?.compactMap { $0["text"]?.string }
      ?? []
  }
}
