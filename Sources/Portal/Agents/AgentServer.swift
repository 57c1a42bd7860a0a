import Crypto
import HTTP
import HTTPServer
import JSON
import Linux

/// The port for gateways: who they are, their certificate says. Polls wait here until there is
/// something to do.
final class AgentServer {
  /// Numbers of the port.
  enum Limits {
    /// A poll is answered after this, in seconds, also without work.
    static let pollSeconds: Int64 = 50
    /// Largest body, in octets.
    static let bodyBytes = 1 << 20
    /// Most events of one request.
    static let events = 500
    /// Longest text of an event, in characters.
    static let textCount = 1_000
  }

  private struct Poll {
    var exchange: HTTPExchange
    var have: Int64
    var until: Int64
  }

  private let service: PortalService
  private var polls: [String: Poll] = [:]

  init(_ service: PortalService) {
    self.service = service
    service.onAgentWork = { [weak self] in self?.wake($0) }
  }

  /// Answers a request, now or when there is work.
  func handle(_ request: HTTPRequest, _ exchange: HTTPExchange) {
    do throws(PortalError) {
      guard let der = request.clientCertificate,
        let id = service.gateway(certificateDigest: sha256(der))
      else { throw Self.revoked }
      switch (request.method, request.path) {
      case ("GET", "/api/v3/agent/config"): try poll(id, request, exchange)
      case ("POST", "/api/v3/agent/status"):
        let report = try AgentMessages.report(request)
        try service.report(
          id, status: report.status, applied: report.applied, results: report.results)
        exchange.answer(.noContent)
      case ("POST", "/api/v3/agent/events"):
        let last = try service.takeEvents(id, try AgentMessages.events(request))
        exchange.answer(.value(.of(["last": .integer(last)])))
      case ("GET", let path) where path.hasPrefix(Self.softwarePrefix):
        try send(String(path.dropFirst(Self.softwarePrefix.count)), request, exchange)
      case (_, "/api/v3/agent/config"), (_, "/api/v3/agent/status"), (_, "/api/v3/agent/events"):
        throw PortalError(
          status: 405, word: "method", message: "\(request.method) is not possible here.")
      case (_, _): throw .notFound("resource \(request.path)")
      }
    } catch { exchange.answer(.failure(error)) }
  }

  /// Answers the polls whose time is over. Called each second.
  func tick() {
    let now = service.now()
    for (id, poll) in polls where now >= poll.until {
      polls[id] = nil
      poll.exchange.answer(.noContent)
    }
  }

  private static let revoked = PortalError(
    status: 410, word: "revoked", message: "This certificate is not valid any more.")

  private static let softwarePrefix = "/api/v3/agent/software/"

  /// Sends a bundle, or from an octet on what a gateway still lacks of it (RFC 9110 14.2).
  private func send(
    _ version: String, _ request: HTTPRequest, _ exchange: HTTPExchange
  ) throws(PortalError) {
    let bundle = try service.openSoftware(version)
    let count = bundle.count
    var headers = [
      HTTPField("Content-Type", "application/octet-stream"), HTTPField("Accept-Ranges", "bytes"),
    ]
    guard let start = Self.start(request.header("Range")), start > 0, start < count else {
      exchange.answer(200, headers: headers, HTTPFile(bundle.file, offset: 0, count: count))
      return
    }
    headers.append(HTTPField("Content-Range", "bytes \(start)-\(count - 1)/\(count)"))
    exchange.answer(
      206, headers: headers, HTTPFile(bundle.file, offset: start, count: count - start))
  }

  /// The first octet of a range that goes to the end; others are not understood, and that is
  /// allowed.
  private static func start(_ range: String?) -> UInt64? {
    guard let range, range.hasPrefix("bytes="), range.hasSuffix("-") else { return nil }
    return UInt64(range.dropFirst(6).dropLast())
  }

  private func poll(
    _ id: String, _ request: HTTPRequest, _ exchange: HTTPExchange
  ) throws(PortalError) {
    guard let have = request.parameter("have").flatMap({ Int64($0) }), have >= 0 else {
      throw .invalid("have", "must be the version that the gateway has, 0 for none")
    }
    try service.contact(id)
    if let work = try service.work(for: id, have: have) {
      exchange.answer(AgentMessages.answer(work, at: service.now()))
      return
    }
    // A gateway that polls again has given the other one up.
    polls.removeValue(forKey: id)?.exchange.answer(.noContent)
    polls[id] = Poll(
      exchange: exchange, have: have, until: service.now() + Limits.pollSeconds)
    exchange.whenGone = { [weak self, weak exchange] in
      guard let self, let exchange, polls[id]?.exchange === exchange else { return }
      polls[id] = nil
    }
  }

  /// There is work for a gateway, or it is one no longer.
  private func wake(_ id: String) {
    guard let poll = polls[id] else { return }
    do throws(PortalError) {
      guard service.fleet[id]?.certificateDigest != nil else {
        polls[id] = nil
        return poll.exchange.answer(.failure(Self.revoked))
      }
      guard let work = try service.work(for: id, have: poll.have) else { return }
      polls[id] = nil
      poll.exchange.answer(AgentMessages.answer(work, at: service.now()))
    } catch {
      polls[id] = nil
      poll.exchange.answer(.failure(error))
    }
  }
}

/// What agents send and get, in JSON. Members that are not known are those of a later version.
enum AgentMessages {
  /// What `POST agent/status` holds.
  struct Report {
    var status: JSONValue?
    var applied: AppliedDocument?
    var results: [CommandResult]
  }

  /// Puts the answer together around the stored document, which is not parsed for it.
  static func answer(_ work: AgentWork, at now: Int64) -> HTTPResponse {
    let commands = JSONValue.array(
      work.commands.map { .of(["id": .string("\($0.id)"), "verb": .string($0.text)]) })
    var octets = Array("{\"version\":\(work.version),".utf8)
    if let document = work.document { octets += Array("\"document\":\(document),".utf8) }
    octets += Array("\"commands\":".utf8) + commands.canonical + Array(",\"time\":\(now)}".utf8)
    return .json(octets)
  }

  /// Reads a status report.
  static func report(_ request: HTTPRequest) throws(PortalError) -> Report {
    let fields = try Fields(request)
    var report = Report(status: fields.member("status"), results: [])
    if let status = report.status, status.members == nil {
      fields.add("status", "is \(status.kind); must be an object")
    }
    if let applied = fields.object("applied") {
      let outcome = applied.text("outcome")
      if !["verified", "applied", "failed"].contains(outcome) {
        applied.add("outcome", "must be verified, applied or failed")
      }
      report.applied = AppliedDocument(
        version: applied.integer("version") ?? 0, outcome: outcome,
        reason: applied.text("reason").line(AgentServer.Limits.textCount))
    }
    report.results = fields.objects("commandResults").map { result in
      CommandResult(
        id: result.numberText("id").flatMap { Int64($0) } ?? 0,
        done: result.flag("done", default: false),
        text: result.text("text").line(AgentServer.Limits.textCount))
    }
    try fields.finish()
    return report
  }

  /// Reads events.
  static func events(_ request: HTTPRequest) throws(PortalError) -> [AgentEvent] {
    let fields = try Fields(request)
    let limit = AgentServer.Limits.textCount
    let events = fields.objects("events").map { event in
      let number = event.integer("number") ?? 0
      if number < 1 { event.add("number", "must be 1 or more") }
      let time = Timestamp.seconds(event.text("time"))
      if time == nil { event.add("time", "is no time such as 2026-11-20T10:00:00.123Z") }
      return AgentEvent(
        number: number, time: time ?? 0, kind: event.text("kind").line(64),
        text: event.text("text").line(limit),
        cause: event.text("cause").line(limit))
    }
    if !fields.has("events") { fields.add("events", "is missing") }
    if events.count > AgentServer.Limits.events {
      fields.add("events", "\(events.count) are too many at once")
    }
    try fields.finish()
    return events
  }
}

/// Times as gateways write them (RFC 3339, UTC).
enum Timestamp {
  /// Seconds since 1970 of `2026-11-20T10:00:00.123Z`; nil for anything else.
  static func seconds(_ text: String) -> Int64? {
    guard text.hasSuffix("Z") else { return nil }
    let halves = text.dropLast().split(separator: "T", omittingEmptySubsequences: false)
    guard halves.count == 2 else { return nil }
    let date = halves[0].split(separator: "-", omittingEmptySubsequences: false).map { Int64($0) }
    let whole = halves[1].split(separator: ".", omittingEmptySubsequences: false)
    guard let clock = whole.first, whole.count <= 2 else { return nil }
    let time = clock.split(separator: ":", omittingEmptySubsequences: false).map { Int64($0) }
    guard date.count == 3, time.count == 3, let year = date[0], let month = date[1],
      let day = date[2], let hour = time[0], let minute = time[1], let second = time[2],
      (1970...9999).contains(year), (1...12).contains(month), (1...31).contains(day),
      (0...23).contains(hour), (0...59).contains(minute), (0...60).contains(second)
    else { return nil }
    return days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second
  }

  /// Days since 1970 of a date of the Gregorian calendar, whose years begin in March here.
  private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let era = shifted / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }
}
