import Glibc
import HTTP
import Linux
import Wire

/// HTTP/1.1 without TLS over a socket of its own: for WebDriver, for the page of the management port,
/// and for requests that no well-meaning client would send.
struct PlainHTTP {
  /// Where the socket is made.
  let host: Host
  let target: Endpoint
  /// Lets time pass for everything else while we wait.
  let idle: () throws -> Void

  /// Longest answer, in octets.
  private static let limitBytes = 16 << 20

  /// Sends a request and waits for its answer.
  func exchange(
    _ method: String, _ path: String, headers: [HTTPField] = [], body: [UInt8] = [],
    seconds: Int = 60
  ) throws -> HTTPResponse {
    var fields = headers
    if !fields.contains(where: { $0.name == "Host" }) {
      fields.append(HTTPField("Host", "\(target)"))
    }
    if !body.isEmpty || method == "POST" {
      fields.append(HTTPField("Content-Length", "\(body.count)"))
    }
    let head = fields.map { "\($0.name): \($0.value)\r\n" }.joined()
    return try exchange(
      Array("\(method) \(path) HTTP/1.1\r\n\(head)Connection: close\r\n\r\n".utf8) + body,
      seconds: seconds)
  }

  /// Sends octets as they are and reads the answer; throws ``LabError/failed(_:)`` where the
  /// connection ends without one.
  func exchange(_ octets: [UInt8], seconds: Int = 60) throws -> HTTPResponse {
    let socket = try host.inside { try Sockets.connect(target) }
    let end = MonotonicClock.now() + .seconds(seconds)
    try wait(socket, POLLOUT, until: end)
    let failure = Sockets.error(of: socket)
    guard failure == 0 else {
      throw SystemError(call: "connect", code: failure, subject: "\(target)")
    }
    var rest = octets[...]
    while !rest.isEmpty {
      guard let count = try socket.write(rest) else {
        try wait(socket, POLLOUT, until: end)
        continue
      }
      rest = rest.dropFirst(count)
    }
    var received: [UInt8] = []
    while received.count <= PlainHTTP.limitBytes {
      guard let piece = try socket.read(limit: 65_536) else {
        try wait(socket, POLLIN, until: end)
        continue
      }
      received += piece
      if let answer = HTTPResponse(reading: received, isWhole: piece.isEmpty) { return answer }
      if piece.isEmpty { break }
    }
    throw LabError.failed("\(target) ended the connection without an answer")
  }

  private func wait(_ socket: borrowing Descriptor, _ events: Int32, until end: Instant) throws {
    while true {
      var entry = pollfd(fd: socket.rawValue, events: Int16(events), revents: 0)
      if unsafe poll(&entry, 1, 20) > 0 { return }
      guard MonotonicClock.now() < end else { throw LabError.timeout("\(target) to answer") }
      try idle()
    }
  }
}

extension HTTPResponse {
  /// Reads an answer; nil while it is not complete. `isWhole`: nothing will follow.
  init?(reading octets: [UInt8], isWhole: Bool) {
    guard let end = octets.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
    let lines = String(decoding: octets[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
    let words = lines.first?.split(separator: " ") ?? []
    guard words.count > 1, let status = Int(words[1]) else { return nil }
    let fields = lines.dropFirst().compactMap { line in
      line.firstIndex(of: ":").map { colon in
        HTTPField(
          String(line[..<colon]),
          String(line[line.index(after: colon)...].drop(while: { $0 == " " })))
      }
    }
    let body = Array(octets[end.upperBound...])
    func field(_ name: String) -> String? {
      fields.first { $0.name.lowercased() == name }?.value.lowercased()
    }
    if field("transfer-encoding") == "chunked" {
      guard let whole = HTTPResponse.joined(body) else { return nil }
      self.init(status, headers: fields, body: whole)
    } else if let length = field("content-length").flatMap({ Int($0) }), body.count < length,
      !isWhole
    {
      return nil
    } else if field("content-length") == nil, !isWhole, status != 204, status != 304 {
      return nil
    } else {
      self.init(status, headers: fields, body: body)
    }
  }

  /// The body as text.
  var text: String { String(decoding: body, as: UTF8.self) }

  /// The first value of a header field.
  func header(_ name: String) -> String? {
    headers.first { $0.name.lowercased() == name.lowercased() }?.value
  }

  /// The pieces of a chunked body (RFC 9112 7.1); nil while the last is missing.
  private static func joined(_ octets: [UInt8]) -> [UInt8]? {
    var rest = octets[...]
    var whole: [UInt8] = []
    while let end = rest.firstRange(of: Array("\r\n".utf8)) {
      let digits = String(decoding: rest[..<end.lowerBound], as: UTF8.self).prefix { $0 != ";" }
      guard let size = Int(digits, radix: 16) else { return nil }
      rest = rest[end.upperBound...]
      if size == 0 { return whole }
      guard rest.count >= size + 2 else { return nil }
      whole += rest.prefix(size)
      rest = rest.dropFirst(size + 2)
    }
    return nil
  }
}
