import HTTP
import HTTPClient
import Linux
import Wire

/// A loop with a client in it.
final class Loop {
  typealias Outcome = Swift.Result<HTTPResponse, HTTPClientError>

  let reactor: Reactor
  let client: HTTPClient

  init() throws {
    reactor = try Reactor()
    client = try HTTPClient(reactor)
  }

  /// Turns the loop until `isDone`, at most ten seconds.
  func run(until isDone: () -> Bool) throws {
    let end = MonotonicClock.now() + .seconds(10)
    while !isDone(), MonotonicClock.now() < end { try reactor.turn(timeoutMilliseconds: 100) }
  }

  /// Sends a request and waits for its end.
  func fetch(_ request: HTTPClient.Request) throws -> Outcome {
    var outcome: Outcome?
    client.send(request) { outcome = $0 }
    try run { outcome != nil }
    return outcome ?? .failure(.other(code: -1, text: "the completion was not called"))
  }
}

extension Swift.Result {
  /// What went wrong; nil for success.
  var failure: Failure? { if case .failure(let error) = self { error } else { nil } }
}
