import CLinux
import Glibc
import HTTP
import Linux
import Messages
import Testing
import Wire

@testable import NetRoles

private let program =
  String(#filePath.dropLast("/Tests/NetRolesTests/WebProcessTests.swift".count))
  + "/.build/debug/ztbd-net"
private let isBuilt = unsafe access(program, X_OK) == 0

/// The role as the supervisor starts it, on a port of the loopback interface.
private final class RunningWeb {
  let port: UInt16
  private let child: ChildProcess
  private let channel: PacketChannel
  /// What the supervisor answers to `overview`.
  var picture = Samples.overview()
  private(set) var asked: [ControlRequest] = []
  private(set) var said: [Report] = []

  init() throws {
    let listener = try openSocket(AF_INET, .stream)
    port = try Self.listen(listener.rawValue)
    let pair = try PacketChannel.pair()
    let null = try Descriptor.open("/dev/null", O_RDWR)
    var process = ProcessSpecification(program: program, arguments: ["ztbd-net", "role", "web"])
    process.descriptors = [
      null.rawValue, 2, 2, pair.second.rawValue, null.rawValue, listener.rawValue,
    ]
    process.deathSignal = SIGKILL
    child = try process.spawn()
    channel = try PacketChannel(owning: pair.first)
    let configuration = WebConfiguration(address: "127.0.0.1:\(port)", hosts: [])
    _ = try channel.send(Command.configure(.web(configuration)).encoded)
    #expect(try next() == .ready)
  }

  /// Sends a request as it is; the whole answer, while the supervisor's part is played.
  func exchange(_ request: String) throws -> String {
    let socket = try openSocket(AF_INET, .stream)
    Self.connect(socket.rawValue, port)
    #expect(Self.wait(socket.rawValue, POLLOUT))
    _ = try socket.write(Array(request.utf8))
    var answer: [UInt8] = []
    for _ in 0..<200 {
      if Self.wait(channel.rawValue, POLLIN, milliseconds: 10) { try serve() }
      guard Self.wait(socket.rawValue, POLLIN, milliseconds: 10) else { continue }
      guard let piece = try? socket.read(limit: 65_536), !piece.isEmpty else { break }
      answer += piece
    }
    return String(decoding: answer, as: UTF8.self)
  }

  /// The supervisor goes away; the exit status of the role.
  func leave() throws -> Linux.ExitStatus? {
    _ = try channel.send(Command.stop.encoded)
    return child.wait(milliseconds: 3_000)
  }

  private func serve() throws {
    guard case .control(let number, let line)? = try next() else { return }
    let request = try ControlRequest(line: line)
    if request.verb != .overview { asked.append(request) }
    let answer = request.verb == .overview ? picture : ControlAnswer(done: true, "")
    _ = try channel.send(
      Command.controlAnswer(request: number, line: try answer.line).encoded)
  }

  private func next() throws -> Report? {
    guard Self.wait(channel.rawValue, POLLIN, milliseconds: 5_000),
      case .message(let octets) = try channel.receive()
    else { return nil }
    let report = try Report(decoding: octets)
    said.append(report)
    return report
  }

  private static func wait(_ number: Int32, _ events: Int32, milliseconds: Int32 = 3_000) -> Bool {
    var entry = pollfd(fd: number, events: Int16(events), revents: 0)
    return unsafe poll(&entry, 1, milliseconds) == 1
  }

  private static func loopback(_ port: UInt16) -> sockaddr_in {
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_port = port.bigEndian
    place.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return place
  }

  private static func listen(_ socket: Int32) throws -> UInt16 {
    var place = loopback(0)
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    unsafe withUnsafeMutablePointer(to: &place) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = unsafe bind(socket, .init(__sockaddr__: $0), size)
        _ = unsafe getsockname(socket, .init(__sockaddr__: $0), &size)
      }
    }
    try system("listen") { Glibc.listen(socket, 8) }
    return UInt16(bigEndian: place.sin_port)
  }

  private static func connect(_ socket: Int32, _ port: UInt16) {
    var place = loopback(port)
    _ = unsafe withUnsafePointer(to: &place) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe Glibc.connect(
          socket, .init(__sockaddr__: $0), socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }
}

@Suite(.enabled(if: isBuilt, "ztbd-net is not built"))
struct WebProcessTests {
  @Test("the role serves its page over a real socket, and hands a link to the supervisor")
  func wholeWay() throws {
    let web = try RunningWeb()
    let host = "127.0.0.1:\(web.port)"
    let page = try web.exchange("GET / HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n\r\n")
    #expect(page.hasPrefix("HTTP/1.1 200") && page.contains("Paste the whole link"))
    let token = try #require(page.firstMatch(of: /name="token" value="([0-9a-f]+)"/)?.1)
    let link = try Samples.link()
    let body = "token=\(token)&link=\(URLCoding.encode(link))"
    func form(_ headers: String, _ body: String) throws -> String {
      try web.exchange(
        "POST /activate HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n\(headers)"
          + "Content-Type: application/x-www-form-urlencoded\r\n"
          + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
    }
    #expect(try form("", body).hasPrefix("HTTP/1.1 403"))
    #expect(web.asked.isEmpty)
    let answer = try form("Origin: http://\(host)\r\n", body)
    #expect(answer.hasPrefix("HTTP/1.1 303") && answer.contains("Location: /progress"))
    #expect(web.asked.first?.link.map { link.hasSuffix($0) } == true)
    let large = "link=" + String(repeating: "A", count: 9_000)
    #expect(try form("Origin: http://\(host)\r\n", large).hasPrefix("HTTP/1.1 413"))
    let foreign = try web.exchange(
      "GET /generate_204 HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n")
    #expect(foreign.hasPrefix("HTTP/1.1 302") && foreign.contains("Location: http://\(host)/"))
    for report in web.said {
      if case .log(_, let text) = report { #expect(!text.contains("ZTB1"), "a link in the log") }
    }
    #expect(try web.leave() == .exited(0))
  }
}
