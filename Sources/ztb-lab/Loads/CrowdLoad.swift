import HTTP
import HTTPClient
import JSON
import Linux
import Wire

/// Many gateways on paper that keep in touch with the portal as real ones do: a long poll for the
/// configuration and a status every ten seconds, each over mutual TLS with connections of its own.
///
/// Options: `file` (a line a gateway, see ``PaperGateway/line``), `period` between two statuses and
/// `ramp` in milliseconds, over which the gateways begin. In the report: `total` gateways, `alive`
/// of them answered in their last exchange, `lost` failed exchanges, `stallsMs` the times of the
/// answers to a status and `gapMs` the longest of them.
final class CrowdLoad: Load {
  private let reactor: Reactor
  private var members: [Member] = []
  private var ticker: Ticker?
  private let began = MonotonicClock.now()
  fileprivate let period: Interval
  private let ramp: Interval
  fileprivate var answersMs: [Double] = []
  fileprivate var failures: [String: Int] = [:]
  fileprivate var isOver = false

  init(_ options: LoadOptions, _ reactor: Reactor) throws {
    self.reactor = reactor
    period = options.interval("period", milliseconds: 10_000)
    ramp = options.interval("ramp", milliseconds: 20_000)
    let text = String(
      decoding: try Files.read(options.text("file"), limitBytes: 64 << 20), as: UTF8.self)
    for line in text.split(separator: "\n") {
      members.append(Member(try PaperGateway(line: String(line)), self))
    }
    ticker = try Ticker(reactor, every: .milliseconds(20)) { [unowned self] in tick(at: $0) }
  }

  var isReady: Bool { members.allSatisfy { $0.hasAnswered || $0.hasFailed } }

  func mark(at now: Instant) {
    answersMs = []
    failures = [:]
  }

  func finish() { isOver = true }

  func report(at now: Instant) -> Report {
    var report = Report()
    report.total = members.count
    report.alive = members.filter(\.isWell).count
    report.lost = failures.values.reduce(0, +)
    // The quantiles say it; a long run has more answers than a message may hold.
    report.stallsMs = stride(from: 0, through: 1, by: 0.001).map { answersMs.quantile($0) }
    report.gapMs = answersMs.max() ?? 0
    report.changed = answersMs.count
    report.notes = failures.sorted { $0.value > $1.value }.prefix(3).map {
      "\($0.value) × \($0.key)"
    }
    return report
  }

  private func tick(at now: Instant) {
    guard !isOver else { return }
    let part =
      ramp.nanoseconds == 0
      ? 1 : Double((now - began).nanoseconds) / Double(ramp.nanoseconds)
    for member in members.prefix(Int(min(1, part) * Double(members.count))) {
      member.tend(reactor, at: now)
    }
  }

  /// One gateway of the crowd.
  private final class Member {
    private let gateway: PaperGateway
    private unowned let crowd: CrowdLoad
    private var client: HTTPClient?
    private var isPolling = false
    private var isTelling = false
    private var version = 0
    private var applied: (Int, String)?
    private var nextStatusAt = Instant.zero
    private var nextPollAt = Instant.zero
    private(set) var hasAnswered = false
    private(set) var hasFailed = false
    /// Whether the last exchange went well.
    private(set) var isWell = false

    init(_ gateway: PaperGateway, _ crowd: CrowdLoad) {
      self.gateway = gateway
      self.crowd = crowd
    }

    func tend(_ reactor: Reactor, at now: Instant) {
      do {
        let client = try client ?? HTTPClient(reactor)
        self.client = client
        if !isPolling, now >= nextPollAt { poll(client) }
        if !isTelling, now >= nextStatusAt { tell(client, at: now) }
      } catch { failed("\(error)") }
    }

    private func poll(_ client: HTTPClient) {
      isPolling = true
      client.send(gateway.configuration(have: version)) { [unowned self] result in
        isPolling = false
        guard let answer = settled(result, [200, 204]) else {
          nextPollAt = MonotonicClock.now() + .seconds(5)
          return
        }
        guard answer.status == 200 else { return }
        guard let value = try? JSONParser.parse(answer.body),  // counted like an empty answer
          let new = value["version"]?.integer, Int(new) != version
        else { return }
        version = Int(new)
        applied = (version, "verified")
        nextStatusAt = .zero
      }
    }

    private func tell(_ client: HTTPClient, at now: Instant) {
      isTelling = true
      nextStatusAt = now + crowd.period
      let outcome = applied
      let began = MonotonicClock.now()
      client.send(gateway.status(state, applied: outcome)) { [unowned self] result in
        isTelling = false
        guard settled(result, [204]) != nil else { return }
        crowd.answersMs.append((MonotonicClock.now() - began).milliseconds)
        guard let outcome, applied?.1 == outcome.1 else { return }
        applied = outcome.1 == "verified" ? (outcome.0, "applied") : nil
        if applied != nil { nextStatusAt = .zero }
      }
    }

    /// Gateways of a site are named `-gw-01` and `-gw-02`.
    private var state: String { gateway.name.hasSuffix("-gw-02") ? "standby" : "active" }

    /// The answer, where it is one of those wanted.
    private func settled(
      _ result: Swift.Result<HTTPResponse, HTTPClientError>, _ wanted: Set<Int>
    ) -> HTTPResponse? {
      switch result {
      case .success(let answer) where wanted.contains(answer.status):
        hasAnswered = true
        isWell = true
        return answer
      case .success(let answer): failed("status \(answer.status)")
      case .failure(let error): failed("\(error)")
      }
      return nil
    }

    private func failed(_ reason: String) {
      hasFailed = true
      isWell = false
      if !crowd.isOver { crowd.failures[reason, default: 0] += 1 }
    }
  }
}
