import Glibc
import Linux
import Wire

/// A tunnel through a web proxy (RFC 9110 9.3.6), only opened and closed again.
struct ProxyTunnel {
  private enum Limits {
    /// Octets of an answer's head.
    static let headOctets = 16_384
  }

  /// What the proxy said.
  struct Answer: Equatable {
    let isOpen: Bool
    let words: String
  }

  private let credentials: String?

  /// `credentials` are `user:password` in Base64.
  init(_ credentials: String?) { self.credentials = credentials }

  /// Asks for the tunnel on a connection to the proxy.
  func open(
    to portal: Diagnosis.Place, on connection: borrowing Probe.Connection, until end: Instant
  ) -> Answer {
    guard let socket = connection.number else {
      return Answer(isOpen: false, words: "not tried, the proxy is not reached")
    }
    let begun = MonotonicClock.now()
    let request = Array(head(portal).utf8)
    guard unsafe send(socket, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
      return Answer(isOpen: false, words: "the proxy closed the connection")
    }
    var answer: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 4_096)
    while !Self.isWhole(answer), answer.count < Limits.headOctets {
      guard IPv4Connection.wait(socket, until: end) else {
        return Answer(isOpen: false, words: "no answer of the proxy in time")
      }
      let count = unsafe recv(socket, &piece, piece.count, 0)
      guard count > 0 else { break }
      answer += piece.prefix(count)
    }
    return Self.read(answer, MonotonicClock.now() - begun)
  }

  private func head(_ portal: Diagnosis.Place) -> String {
    let authorization = credentials.map { "Proxy-Authorization: Basic \($0)\r\n" } ?? ""
    return "CONNECT \(portal) HTTP/1.1\r\nHost: \(portal)\r\n\(authorization)\r\n"
  }

  private static func isWhole(_ octets: [UInt8]) -> Bool { octets.contains(10) }

  /// Words for the first line of the answer.
  static func read(_ octets: [UInt8], _ time: Interval) -> Answer {
    let line = octets.prefix { $0 != 10 && $0 != 13 }
    let text = String(decoding: line, as: UTF8.self)
    let parts = text.split(separator: " ", maxSplits: 2)
    guard parts.count >= 2, parts[0].hasPrefix("HTTP/1."), let status = Int(parts[1]) else {
      return Answer(isOpen: false, words: "this is no web proxy: it speaks no HTTP")
    }
    switch status {
    case 200...299: return Answer(isOpen: true, words: "open (\(milliseconds(time)))")
    case 407:
      return Answer(isOpen: false, words: "the proxy wants another user or password: 3")
    case 403:
      return Answer(isOpen: false, words: "the proxy does not allow it; have the portal allowed")
    case 502, 503, 504:
      return Answer(isOpen: false, words: "the proxy does not reach it (\(status))")
    default: return Answer(isOpen: false, words: "the proxy says \(text.prefix(60))")
    }
  }
}
