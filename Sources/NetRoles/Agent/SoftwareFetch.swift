import HTTP
import HTTPClient
import Linux
import Messages
import Wire

/// Fetches software into a file, beside everything else that the agent does.
///
/// A line that breaks is tried again, for the rest alone where the server can tell that it is the
/// rest of the same. Nothing is believed here: whoever ordered it checks the signature.
final class SoftwareFetch {
  private let source: String
  private let path: String
  private let configuration: () -> AgentConfiguration?
  private let clockIsSet: () -> Bool
  private let report: (AgentReport) -> Void

  private let client: HTTPClient
  private var timer: DeadlineTimer?
  private var call: Int?
  private var file: FetchFile?
  private var validator: String?
  private var total: UInt64 = 0
  /// Octets that the best try so far had.
  private var most: UInt64 = 0
  private var failures = 0
  private var progressAt = Instant.zero
  /// What the answer of this try means; nil until its header is there.
  private var answer: FetchAnswer?
  private var fileError: SystemError?
  /// Whether there is nothing more to do. It has to be kept until the loop turns again: the
  /// client may be the one that is calling.
  private(set) var isOver = false

  /// Prepares a fetch; `report` is told of progress and of the end, once.
  ///
  /// - Parameter configuration: asked at each try, as the way out may have changed.
  init(
    _ reactor: Reactor, source: String, path: String,
    configuration: @escaping () -> AgentConfiguration?, clockIsSet: @escaping () -> Bool,
    report: @escaping (AgentReport) -> Void
  ) throws {
    self.source = source
    self.path = path
    self.configuration = configuration
    self.clockIsSet = clockIsSet
    self.report = report
    client = try HTTPClient(reactor)
    timer = try DeadlineTimer(reactor) { [unowned self] in attempt() }
  }

  /// Begins; the end may be reported before this returns.
  func begin() {
    do {
      file = try FetchFile(path)
      attempt()
    } catch { end(error) }
  }

  /// Gives it up; the end is reported, unless it was before.
  func cancel() { finish("it was given up") }

  // MARK: One try

  private func attempt() {
    guard !isOver else { return }
    guard let source = FetchSource(source) else {
      return finish("\(source) is neither http://… nor https://… nor portal:VERSION")
    }
    guard let configuration = configuration(),
      var request = source.request(configuration, clockIsSet: clockIsSet())
    else { return finish("the gateway has no portal; activate it, or name a URL") }
    let offset = rangeOffset()
    request.limitBytes = FetchLimits.octets - Int(offset)
    request.headers = [HTTPField("User-Agent", "ztb/\(Product.version)")]
    if offset > 0, let validator {
      request.headers.append(HTTPField("Range", "bytes=\(offset)-"))
      request.headers.append(HTTPField("If-Range", validator))
    }
    request.sink = { [unowned self] in take($0, $1) }
    answer = nil
    call = client.send(request) { [unowned self] in ended($0) }
  }

  /// Where this try begins: what cannot be continued is fetched from its beginning.
  private func rangeOffset() -> UInt64 {
    validator == nil ? 0 : count
  }

  private var count: UInt64 { file?.count ?? 0 }

  /// A piece of the body. Called from within the client.
  private func take(_ piece: [UInt8], _ response: HTTPResponse) -> Bool {
    do throws(SystemError) {
      if answer == nil { try judge(response) }
      switch answer {
      case .whole, .rest: break
      case .again, .away, .refused, nil: return false
      }
      try file?.append(piece)
    } catch {
      fileError = error
      return false
    }
    // A line that always breaks at the same place ends the fetch.
    if count > most { (most, failures) = (count, 0) }
    tellProgress()
    return true
  }

  private func judge(_ response: HTTPResponse) throws(SystemError) {
    let verdict = FetchAnswer(response, offset: rangeOffset())
    answer = verdict
    switch verdict {
    case .whole(let total):
      try file?.empty()
      self.total = total
      validator = FetchAnswer.validator(of: response)
    case .rest(let total): self.total = total
    case .again: validator = nil
    case .away, .refused: break
    }
  }

  private func tellProgress() {
    let now = MonotonicClock.now()
    guard now >= progressAt + FetchLimits.progressSpacing else { return }
    progressAt = now
    report(.fetchProgress(octets: count, total: total))
  }

  // MARK: Its end

  private func ended(_ result: Swift.Result<HTTPResponse, HTTPClientError>) {
    call = nil
    do {
      // An answer without a body is judged here.
      if answer == nil, case .success(let response) = result { try judge(response) }
    } catch { fileError = error }
    if let fileError { return end(fileError) }
    switch (answer, result) {
    case (.whole, .success), (.rest, .success):
      report(.fetchProgress(octets: count, total: max(total, count)))
      finish("")
    case (.refused(let reason), _): finish(reason)
    case (.away(let reason), _): tryAgain(reason)
    case (.again, _): tryAgain("what the server sends is not the rest of what is here")
    case (.whole, .failure(let error)), (.rest, .failure(let error)), (nil, .failure(let error)):
      if error.isForGood { finish(error.description) } else { tryAgain(error.description) }
    case (nil, .success): preconditionFailure("an answer is judged when it ends at the latest")
    }
  }

  private func tryAgain(_ reason: String) {
    failures += 1
    guard failures < FetchLimits.tries else { return finish(reason) }
    let wait = min(FetchLimits.firstWait * (1 << (failures - 1)), FetchLimits.longestWait)
    timer?.arm(at: MonotonicClock.now() + wait)
  }

  private func end(_ error: SystemError) { finish("the software cannot be kept: \(error)") }

  private func finish(_ reason: String) {
    guard !isOver else { return }
    isOver = true
    timer?.arm(at: nil)
    if let call { client.cancel(call) }
    call = nil
    file = nil
    report(.fetchEnded(reason: reason))
  }
}

extension HTTPClientError {
  /// Whether another try would end in the same way.
  fileprivate var isForGood: Bool {
    switch self {
    case .invalidRequest, .wrongAuthority, .wrongName, .wrongDate, .identityRefused, .tooLarge,
      .redirects, .unwanted, .proxyAuthentication, .proxyRefused:
      true
    case .resolve, .proxyResolve, .connect, .proxyConnect, .proxyBroken, .timeout, .tls, .closed,
      .other:
      false
    }
  }
}
