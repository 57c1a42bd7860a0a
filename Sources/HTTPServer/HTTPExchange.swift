public import HTTP

/// One request on its way to an answer.
///
/// It is answered once, within the handler or at any later time; the connection waits meanwhile.
public final class HTTPExchange {
  /// What is sent.
  enum Answer {
    case whole(HTTPResponse)
    case stream(status: Int, headers: [HTTPField], HTTPStream)
    case file(status: Int, headers: [HTTPField], HTTPFile)

    var status: Int {
      switch self {
      case .whole(let response): response.status
      case .stream(let status, _, _), .file(let status, _, _): status
      }
    }
  }

  private weak var connection: Connection?
  private let streamBytes: Int
  private var answer: Answer?
  private var answered = false
  private var stream: HTTPStream?
  /// The client is gone, or everything is sent.
  private(set) var isOver = false

  /// Called once if the client goes away before the answer.
  public var whenGone: (() -> Void)?

  /// What took the body of the request; nil: it is in the request.
  public let upload: (any HTTPUpload)?

  init(_ connection: Connection, _ streamBytes: Int, _ upload: (any HTTPUpload)?) {
    self.connection = connection
    self.streamBytes = streamBytes
    self.upload = upload
  }

  /// Sends the answer; does nothing when the client has gone. A second answer is a mistake of the
  /// caller.
  public func answer(_ response: HTTPResponse) { give(.whole(response)) }

  /// Begins an answer whose length is not known, such as server-sent events.
  public func stream(_ status: Int, headers: [HTTPField]) -> HTTPStream {
    let stream = HTTPStream(connection, limitBytes: streamBytes)
    if isOver { stream.end() }
    self.stream = stream
    give(.stream(status: status, headers: headers, stream))
    return stream
  }

  /// Sends a file, or a part of it, without holding it. Its length is told.
  public func answer(_ status: Int, headers: [HTTPField], _ file: HTTPFile) {
    give(.file(status: status, headers: headers, file))
  }

  private func give(_ answer: Answer) {
    precondition(!answered, "a request is answered once")
    answered = true
    whenGone = nil
    guard !isOver else { return }
    self.answer = answer
    connection?.resume()
  }

  /// The answer, once.
  func takeAnswer() -> Answer? {
    defer { answer = nil }
    return answer
  }

  /// Nothing more can be sent.
  func end() {
    guard !isOver else { return }
    isOver = true
    stream?.end()
    let report = whenGone
    whenGone = nil
    if !answered { report?() }
  }
}
