import CLinux
import CMicrohttpd
import Glibc
import HTTP
import Linux
import Wire

/// One connection of a client: reads its requests, one after another, and sends the answers.
@safe final class Connection {
  private let handle: OpaquePointer
  private unowned let server: HTTPServer
  private let descriptor: Int32
  private let client: String
  private var peer: PeerCertificate?
  /// When the connection began, its last answer was complete, or the head of a request was.
  private var since = MonotonicClock.now()
  private var incoming: IncomingRequest?
  private(set) var exchange: HTTPExchange?
  private var suspended = false
  private var ended = false
  /// When a whole answer was given to the daemon; nil: none is being sent.
  private var sendingSince: Instant?
  /// Seconds that this may take; nil: a stream.
  private var sendingLimit: Int?

  /// Lasts until the daemon says that the connection is closed.
  init(_ server: HTTPServer, _ handle: OpaquePointer) {
    unsafe self.handle = handle
    self.server = server
    descriptor = unsafe ztb_mhd_descriptor(handle)
    client = unsafe SocketAddress.text(ztb_mhd_client(handle))
    if server.requiresClientCertificate, let session = unsafe ztb_mhd_session(handle) {
      unsafe PeerCertificate.require(session)
    }
  }

  // MARK: What the daemon calls

  /// Called with the head of a request, with each piece of its body, when it is complete, and
  /// again when the connection is no longer suspended.
  func access(
    target: UnsafePointer<CChar>?, method: UnsafePointer<CChar>?, data: UnsafePointer<CChar>?,
    size: UnsafeMutablePointer<Int>?
  ) -> MHD_Result {
    guard !server.stopping, !ended, let size = unsafe size else { return .NO }
    if let exchange { return proceed(exchange) }
    guard var request = incoming else {
      return unsafe begin(target, method)
    }
    if unsafe size.pointee > 0 {
      let piece = unsafe UnsafeRawBufferPointer(start: data, count: size.pointee)
      unsafe size.pointee = 0
      incoming = nil
      let goesOn = unsafe request.append(piece)
      incoming = request
      // An upload may last as long as it goes on.
      if request.upload != nil { since = MonotonicClock.now() }
      return goesOn ? .YES : .NO
    }
    return complete(request)
  }

  /// The answer is sent, or never will be.
  func requestCompleted() {
    incoming = nil
    sendingSince = nil
    since = MonotonicClock.now()
    unwatch()
    let finished = exchange
    exchange = nil
    finished?.end()
  }

  /// The descriptor is closed next.
  func closed() {
    ended = true
    requestCompleted()
  }

  // MARK: Steps of a request

  private func begin(
    _ target: UnsafePointer<CChar>?, _ method: UnsafePointer<CChar>?
  ) -> MHD_Result {
    guard let target = unsafe target, let method = unsafe method else { return .NO }
    var request = unsafe IncomingRequest(
      handle: handle, target: String(cString: target), method: String(cString: method),
      limitBytes: server.limits.bodyBytes)
    // Remembered from here on; a connection without it has little time.
    if server.requiresClientCertificate { _ = clientCertificate() }
    var head = request.request
    head.client = client
    switch server.receive?(head) ?? .held {
    case .held: break
    case .upload(let upload): request.hand(to: upload)
    case .refused(let answer): return send(.whole(answer))
    }
    if let refusal = request.earlyRefusal { return send(.whole(refusal)) }
    since = MonotonicClock.now()
    incoming = request
    return .YES
  }

  private func complete(_ received: IncomingRequest) -> MHD_Result {
    incoming = nil
    if let refusal = received.refusal { return send(.whole(refusal)) }
    var request = received.request
    request.client = client
    if server.requiresClientCertificate {
      guard let certificate = clientCertificate() else {
        return send(.whole(.text("A trusted client certificate is needed.\n", status: 403)))
      }
      request.clientCertificate = certificate
    }
    let exchange = HTTPExchange(self, server.limits.streamBytes, received.upload)
    self.exchange = exchange
    server.handle(request, exchange)
    return proceed(exchange)
  }

  /// Sends the answer if there is one, waits otherwise.
  private func proceed(_ exchange: HTTPExchange) -> MHD_Result {
    guard !exchange.isOver else { return .NO }
    guard let answer = exchange.takeAnswer() else {
      suspend()
      return .YES
    }
    return send(answer)
  }

  private func send(_ answer: HTTPExchange.Answer) -> MHD_Result {
    guard let response = unsafe Response.make(answer, self) else { return .NO }
    defer { unsafe MHD_destroy_response(response) }
    switch answer {
    case .whole: sendingLimit = server.limits.answerSeconds
    case .file: sendingLimit = server.limits.fileSeconds
    case .stream: sendingLimit = nil
    }
    if sendingLimit != nil { sendingSince = MonotonicClock.now() }
    return unsafe MHD_queue_response(handle, UInt32(answer.status), response)
  }

  private func clientCertificate() -> [UInt8]? {
    if let peer { return peer.der }
    guard let session = unsafe ztb_mhd_session(handle),
      let found = unsafe PeerCertificate(verified: session)
    else { return nil }
    peer = found
    return found.der
  }

  // MARK: Waiting

  /// Takes the connection out of the daemon's sight until ``resume()``. It would not notice there
  /// that the client goes away, so the loop looks instead.
  func suspend() {
    guard !suspended else { return }
    suspended = true
    unsafe MHD_suspend_connection(handle)
    do {
      try server.reactor.add(descriptor, Self.gone) { [weak self] _ in self?.abandon() }
    } catch {
      // Without the watch, the end is noticed when the answer is sent.
    }
  }

  /// Lets the daemon go on with the connection in its next round.
  func resume() {
    guard suspended else { return }
    unwatch()
    suspended = false
    unsafe MHD_resume_connection(handle)
    server.wake()
  }

  /// Gives up on the client. While the daemon waits for it to take octets, only the end of the
  /// socket is noticed.
  func abandon() {
    let isOpen = !ended
    ended = true
    exchange?.end()
    if suspended {
      resume()
    } else if isOpen {
      shutdown(descriptor, Int32(SHUT_RDWR))
    }
  }

  private static let gone = Readiness(rawValue: EPOLLRDHUP.rawValue)

  private func unwatch() { if suspended { server.reactor.remove(descriptor) } }

  // MARK: Slow clients

  /// Whether the certificate, the request or the end of the answer should have come by `now`.
  func isLate(_ now: Instant) -> Bool {
    guard !ended else { return false }
    let limits = server.limits
    if let sendingSince, let sendingLimit { return now > sendingSince + .seconds(sendingLimit) }
    guard exchange == nil else { return false }
    let isUnknown = server.requiresClientCertificate && peer == nil
    let seconds =
      isUnknown ? min(limits.handshakeSeconds, limits.idleSeconds) : limits.idleSeconds
    return now > since + .seconds(seconds)
  }

  /// Says 408 (RFC 9110 15.5.9) if a request has begun, and ends the connection. The daemon cannot
  /// answer within a body, so the line goes past it.
  func endLate() {
    ended = true
    if incoming != nil {
      let text = "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
      if server.usesTLS, let session = unsafe ztb_mhd_session(handle) {
        unsafe PeerCertificate.send(text, session)
      } else {
        _ = unsafe Glibc.send(
          descriptor, text, text.utf8.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
      }
    }
    shutdown(descriptor, Int32(SHUT_RDWR))
  }
}
