import Glibc
import HTTP
import Linux
import Messages
import Testing
import Wire

@testable import NetRoles

/// A fetch into a file of its own, and what is heard of it.
private final class FetchWorld {
  let reactor: Reactor
  let server: BluntServer
  let directory: String
  var reports: [AgentReport] = []
  private var fetch: SoftwareFetch?

  init() throws {
    reactor = try Reactor()
    server = try BluntServer(reactor)
    var template = Array("/tmp/ztb-fetch.XXXXXX".utf8CString)
    directory = unsafe String(cString: mkdtemp(&template))
  }

  deinit {
    unsafe unlink(path)
    unsafe rmdir(directory)
  }

  var path: String { directory + "/incoming" }
  var url: String { "http://127.0.0.1:\(server.port)/bundle" }
  var text: String? {
    (try? Files.read(path)).map { String(decoding: $0, as: UTF8.self) }
  }
  /// Why it ended; nil while it goes on.
  var ended: String? {
    for case .fetchEnded(let reason) in reports { return reason }
    return nil
  }

  /// Fetches to the end and returns its reason.
  func run(_ source: String? = nil, path: String? = nil) throws -> String? {
    try begin(source, path: path)
    let end = MonotonicClock.now() + .seconds(15)
    while ended == nil, MonotonicClock.now() < end { try reactor.turn(timeoutMilliseconds: 50) }
    return ended
  }

  func begin(_ source: String? = nil, path: String? = nil) throws {
    let fetch = try SoftwareFetch(
      reactor, source: source ?? url, path: path ?? self.path,
      configuration: {
        AgentConfiguration(
          serial: "S", profile: "vm", version: "0.1.0", proxy: nil, task: .rest)
      }, clockIsSet: { true }, report: { [unowned self] in reports.append($0) })
    self.fetch = fetch
    fetch.begin()
  }

  func cancel() { fetch?.cancel() }
}

/// An answer with its length told, of which `sent` comes.
private func answer(_ sent: String, length: Int, tag: String = "\"1\"") -> String {
  "HTTP/1.1 200 OK\r\nContent-Length: \(length)\r\nETag: \(tag)\r\n\r\n\(sent)"
}

@Suite("Fetching software", .serialized)
struct FetchTests {
  @Test("a file comes whole, over a redirect, and what was there before is gone")
  func whole() throws {
    let world = try FetchWorld()
    try Files.replace(world.path, with: Array("an older and longer file".utf8))
    world.server.answers = [
      "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 4\r\n\r\nmove",
      answer("software", length: 8),
    ]
    #expect(try world.run() == "")
    #expect(world.text == "software")
    #expect(world.reports.contains(.fetchProgress(octets: 8, total: 8)))
    #expect(
      world.server.requests.map { $0.prefix { $0 != "H" } } == ["GET /bundle ", "GET /elsewhere "])
  }

  @Test("a line that breaks is taken up behind what is there, if it is the rest of the same")
  func resumes() throws {
    let world = try FetchWorld()
    world.server.answers = [
      answer("soft", length: 8),
      "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 4-7/8\r\nContent-Length: 4\r\n\r\nware",
    ]
    #expect(try world.run() == "")
    #expect(world.text == "software")
    #expect(world.server.requests.last?.contains("Range: bytes=4-\r\n") == true)
    #expect(world.server.requests.last?.contains("If-Range: \"1\"\r\n") == true)
  }

  @Test("another file, a wrong range and a file without a mark begin from the beginning")
  func beginsAnew() throws {
    let wrong =
      "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 3-7/8\r\nContent-Length: 5\r\n\r\ntware"
    for (first, further) in [
      (answer("soft", length: 8), [answer("hardware", length: 8, tag: "\"2\"")]),
      (answer("soft", length: 8), [wrong, answer("hardware", length: 8)]),
      (answer("soft", length: 8, tag: "W/\"1\""), [answer("hardware", length: 8)]),
    ] {
      let world = try FetchWorld()
      world.server.answers = [first] + further
      #expect(try world.run() == "")
      #expect(world.text == "hardware")
    }
  }

  @Test("a server that is busy is asked again, one that refuses is not")
  func refusals() throws {
    let busy = try FetchWorld()
    busy.server.answers = [
      "HTTP/1.1 503 Busy\r\nContent-Length: 3\r\n\r\nno!", answer("software", length: 8),
    ]
    #expect(try busy.run() == "")
    #expect(busy.text == "software")
    for (status, reason) in [
      (404, "the server does not have it (404)"), (403, "the server answers 403"),
    ] {
      let world = try FetchWorld()
      world.server.answers = ["HTTP/1.1 \(status) No\r\nContent-Length: 2\r\n\r\nno"]
      #expect(try world.run() == reason)
      #expect(world.text == "")
      #expect(world.server.requests.count == 1)
    }
  }

  @Test("what is larger than allowed is refused before the first octet")
  func tooLarge() throws {
    let world = try FetchWorld()
    world.server.answers = [answer("x", length: (512 << 20) + 1)]
    #expect(try world.run()?.hasPrefix("it has 536870913 octets") == true)
    #expect(world.text == "")
  }

  @Test("six redirects in a row end it, and so does one to another kind of place")
  func redirects() throws {
    let world = try FetchWorld()
    let turn = "HTTP/1.1 302 Found\r\nLocation: /bundle\r\nContent-Length: 0\r\n\r\n"
    world.server.answers = Array(repeating: turn, count: 7)
    #expect(try world.run()?.contains("without end") == true)
    #expect(world.server.requests.count == 6)
    let other = try FetchWorld()
    other.server.answers = [
      "HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n"
    ]
    #expect(try other.run()?.isEmpty == false)
    #expect(other.text == "")
  }

  @Test("a disk without room and a place that cannot be written end it in words")
  func disk() throws {
    let full = try FetchWorld()
    full.server.answers = [answer("software", length: 8)]
    #expect(
      try full.run(path: "/dev/full")
        == "the software cannot be kept: write /dev/full: No space left on device")
    let absent = try FetchWorld()
    #expect(
      try absent.run(path: "/nowhere/at/all")
        == "the software cannot be kept: open /nowhere/at/all: No such file or directory")
  }

  @Test("words that are no source, and a portal that there is not, are refused at once")
  func sources() throws {
    for source in ["", "ftp://a/b", "http://", "portal:", "portal:../x", "http://a b/", "/etc/x"] {
      let world = try FetchWorld()
      #expect(try world.run(source)?.contains("is neither") == true, "\(source)")
    }
    #expect(try FetchWorld().run("portal:1.2.3")?.contains("has no portal") == true)
  }

  @Test("a fetch that is given up says so once and leaves the server alone")
  func cancelled() throws {
    let world = try FetchWorld()
    try world.begin()
    world.cancel()
    world.cancel()
    #expect(world.reports == [.fetchEnded(reason: "it was given up")])
    for _ in 1...5 { try world.reactor.turn(timeoutMilliseconds: 20) }
    #expect(world.reports.count == 1)
  }

  @Test("software comes from the web or from the portal, by names that are whole")
  func wholeNames() {
    for text in ["http://a", "https://a/b?c", "http://[fd00::1]:8080/x"] {
      #expect(FetchSource(text) == .web(text))
    }
    #expect(FetchSource("portal:1.2.3-rc+4") == .portal("1.2.3-rc+4"))
    for text in [
      "", "http://", "https:///a", "http://a b", "http://é", "ftp://a", "HTTP://a", "portal:",
      "portal:1/2", "portal:1.2\n", "portal:é", "portal:١", " http://a",
    ] {
      #expect(FetchSource(text) == nil, "\(text)")
    }
  }

  @Test("only the rest that was asked for goes on, and only a strong mark says that it is")
  func answers() {
    func judge(_ status: Int, _ offset: UInt64, _ fields: HTTPField...) -> FetchAnswer {
      FetchAnswer(HTTPResponse(status, headers: fields), offset: offset)
    }
    #expect(judge(206, 4, HTTPField("content-range", "bytes 4-7/*")) == .rest(total: 0))
    for range in [
      "bytes 4-7/x", "bytes 4-7/", "bytes 4-7", "bytes 4/8", "bytes 4--7/8", "bytes -7/8",
      "bytes +4-7/8", "bytes 4-7/8/9", "octets 4-7/8", "bytes 4-99999999999999999999/8",
    ] {
      #expect(judge(206, 4, HTTPField("Content-Range", range)) == .again, "\(range)")
    }
    #expect(judge(206, 4, HTTPField("Content-Range", "bytes 4-7/8")) == .rest(total: 8))
    #expect(judge(206, 4) == .again)
    #expect(judge(206, 0, HTTPField("Content-Range", "bytes 0-7/8")) == .again)
    #expect(judge(416, 4) == .again)
    #expect(judge(416, 0) == .refused("the server answers 416"))
    #expect(judge(204, 0) == .refused("the server answers 204"))
    #expect(judge(200, 9) == .whole(total: 0))
    let dated = HTTPResponse(
      200, headers: [HTTPField("ETag", "W/\"a\""), HTTPField("Last-Modified", "Mon")])
    #expect(FetchAnswer.validator(of: dated) == "Mon")
    #expect(FetchAnswer.validator(of: HTTPResponse(200)) == nil)
  }
}
