import HTTP
import HTTPClient
import JSON
import Linux
import Wire

/// HTTPS from a machine of the world: one request at a time, or many at once.
final class WebClient {
  private let host: Host
  private let reactor: Reactor
  private var client: HTTPClient
  private var lastUse = MonotonicClock.now()
  /// Lets time pass for everything else while we wait.
  private let idle: () throws -> Void

  init(_ host: Host, idle: @escaping () throws -> Void) throws {
    self.host = host
    self.idle = idle
    reactor = try Reactor()
    client = try HTTPClient(reactor)
  }

  /// Servers end a connection that nobody uses; nobody would hear of it between two scenes.
  private static let connectionAge = Interval.seconds(20)

  /// Sends a request and waits for its answer, whatever its status.
  func send(_ request: HTTPClient.Request) throws -> HTTPResponse {
    guard let result = try sendAll([request]).first else { throw LabError.failed("no answer") }
    return try result.get()
  }

  /// Sends requests at the same time; their answers in the same order.
  func sendAll(
    _ requests: [HTTPClient.Request]
  ) throws -> [Swift.Result<HTTPResponse, HTTPClientError>] {
    if MonotonicClock.now() - lastUse > WebClient.connectionAge { client = try HTTPClient(reactor) }
    defer { lastUse = MonotonicClock.now() }
    var results: [Int: Swift.Result<HTTPResponse, HTTPClientError>] = [:]
    try host.inside {
      for (index, request) in requests.enumerated() {
        client.send(request) { results[index] = $0 }
      }
    }
    while results.count < requests.count {
      // Sockets and the threads that resolve names are made in the loop, and belong to the machine.
      try host.inside { try reactor.turn(timeoutMilliseconds: 10) }
      try idle()
    }
    return requests.indices.compactMap { results[$0] }
  }
}

extension HTTPClient.Request {
  /// A request to a server whose certificate is not looked at.
  static func trusting(
    _ method: String, _ url: String, headers: [HTTPField] = [], body: [UInt8] = [],
    seconds: Int = 30
  ) -> HTTPClient.Request {
    var request = HTTPClient.Request(method, url)
    request.headers = headers
    request.body = body
    request.trust = .anything
    request.timeout = .seconds(seconds)
    return request
  }
}
