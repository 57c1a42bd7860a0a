import HTTP
import HTTPClient
import JSON
import Linux
import Wire

/// Administrators that write to the portal as fast as it answers, and remember what it acknowledged.
///
/// Options: `url` of the portal, `path` and `body` of the request (`NAME` in the body is replaced by
/// a name that is used once), `headers` packed like a command line, `count` of writers, `prefix` of
/// the names. In the report: `total` requests, `alive` acknowledged ones; their identifiers are in
/// `notes`, those written since the last question only.
final class WriterLoad: Load {
  private let reactor: Reactor
  private let client: HTTPClient
  private let request: HTTPClient.Request
  private let body: String
  private let prefix: String
  private let count: Int
  private var running = 0
  private var number = 0
  private var acknowledged = 0
  private var failures = 0
  private var identifiers: [String] = []
  private var isOver = false
  private var ticker: Ticker?

  init(_ options: LoadOptions, _ reactor: Reactor) throws {
    self.reactor = reactor
    client = try HTTPClient(reactor)
    body = options.text("body")
    prefix = options.text("prefix", "write")
    count = options.int("count", 8)
    let fields = options.text("headers").split(separator: "\u{1f}").compactMap { line in
      let parts = line.split(separator: ":", maxSplits: 1).map(String.init)
      return parts.count == 2 ? HTTPField(parts[0], parts[1]) : nil
    }
    request = .trusting(
      "POST", options.text("url") + options.text("path"), headers: fields, seconds: 10)
    // What fails is tried again a little later: the portal is away for a while.
    ticker = try Ticker(reactor, every: .milliseconds(50)) { [unowned self] _ in fill() }
  }

  func finish() { isOver = true }
  var isFinished: Bool { running == 0 }

  func report(at now: Instant) -> Report {
    var report = Report()
    report.total = number
    report.alive = acknowledged
    report.lost = failures
    report.notes = identifiers
    identifiers = []
    return report
  }

  private func fill() {
    while running < count, !isOver { write() }
  }

  private func write() {
    number += 1
    running += 1
    var request = request
    request.body = Array(body.replacing("NAME", with: "\(prefix)-\(number)").utf8)
    client.send(request) { [unowned self] result in
      running -= 1
      guard case .success(let answer) = result, (200..<300).contains(answer.status),
        let value = try? JSONParser.parse(answer.body),  // counted as a failure
        let identifier = value["id"]?.string ?? value["id"]?.integer.map({ String($0) })
      else {
        failures += 1
        return
      }
      acknowledged += 1
      identifiers.append(identifier)
      if !isOver { write() }
    }
  }
}
