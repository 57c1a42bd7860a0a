import CCurl
public import HTTP
public import Linux
import Wire

/// Requests to web servers, as many at a time as there are, in the loop of one process.
///
/// HTTP/1.1 over TLS 1.2 or newer, through a web proxy when there is one; redirects where a
/// request asks for them, no cookies, nothing from files or environment. libcurl does the work; it says which sockets it waits for and
/// until when, and this hands both to the reactor. Names are resolved by the C library in a thread
/// of libcurl's, so that a dead name server stops nobody.
@safe public final class HTTPClient {
  /// Numbers that bound a client.
  public enum Limits {
    /// Idle connections that are kept.
    public static let idleConnections = 8
    /// Seconds for which an idle connection is used again. Servers close theirs after 30 and more,
    /// and libcurl takes one that ended with a TLS alert for alive.
    public static let idleSeconds = 20
    /// Largest header of an answer, in octets.
    public static let headerBytes = 64 << 10
    /// Largest body of an answer unless the request says otherwise, in octets.
    public static let bodyBytes = 8 << 20
  }

  private let reactor: Reactor
  private let multi: UnsafeMutableRawPointer
  private var timer: DeadlineTimer?
  private var transfers: [Int: Transfer] = [:]
  /// Requests that failed before they began; told in the next turn of the loop, like all others.
  private var stillborn: [(number: Int, error: HTTPClientError)] = []
  private var watched: Set<Int32> = []
  private let stages = StageLog()
  private var lastNumber = 0

  /// Makes a client that serves its requests in `reactor`.
  public init(_ reactor: Reactor) throws {
    _ = Self.library
    guard let multi = unsafe curl_multi_init() else {
      throw HTTPClientError.other(code: Int(CURLE_OUT_OF_MEMORY.rawValue), text: "no memory")
    }
    self.reactor = reactor
    unsafe self.multi = multi
    timer = try DeadlineTimer(reactor) { [unowned self] in expired() }
    installCallbacks()
  }

  deinit {
    // From here on the library must not call back into an object that is going.
    unsafe ztb_curl_multi_set_socket(multi, nil)
    unsafe ztb_curl_multi_set_timer(multi, nil)
    for socket in watched { reactor.remove(socket) }
    for transfer in transfers.values { unsafe curl_multi_remove_handle(multi, transfer.handle) }
    transfers.removeAll()
    unsafe curl_multi_cleanup(multi)
  }

  /// Sends a request; `completion` gets the answer, whatever its status, or why there is none. It
  /// is called once, from the loop and never from within `send`.
  ///
  /// - Returns: a number for ``cancel(_:)``.
  @discardableResult
  public func send(
    _ request: Request,
    _ completion: @escaping (Swift.Result<HTTPResponse, HTTPClientError>) -> Void
  ) -> Int {
    lastNumber += 1
    let number = lastNumber
    let transfer = Transfer(
      number: number, request: request, stages: stages, completion: completion)
    transfers[number] = transfer
    do throws(HTTPClientError) {
      try transfer.prepare()
      let code = unsafe curl_multi_add_handle(multi, transfer.handle)
      guard code == CURLM_OK else {
        throw .other(code: Int(code.rawValue), text: "curl_multi_add_handle")
      }
    } catch {
      stillborn.append((number, error))
      timer?.arm(at: .zero)
    }
    return number
  }

  /// Gives a request up; its completion is not called. Does nothing when it is over already.
  public func cancel(_ number: Int) {
    guard let transfer = transfers.removeValue(forKey: number) else { return }
    unsafe curl_multi_remove_handle(multi, transfer.handle)
  }

  /// Once per process.
  private static let library: Void = {
    _ = curl_global_init(Int(CURL_GLOBAL_DEFAULT))
  }()
}

// MARK: The library's wishes

extension HTTPClient {
  private func installCallbacks() {
    let own = unsafe Unmanaged.passUnretained(self).toOpaque()
    unsafe ztb_curl_multi_set_pointer(multi, CURLMOPT_SOCKETDATA, own)
    unsafe ztb_curl_multi_set_pointer(multi, CURLMOPT_TIMERDATA, own)
    unsafe ztb_curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, Limits.idleConnections)
    unsafe ztb_curl_multi_set_socket(multi) { _, socket, wish, own, _ in
      guard let own = unsafe own else { return -1 }
      return unsafe Unmanaged<HTTPClient>.fromOpaque(own).takeUnretainedValue()
        .watch(socket, for: wish)
    }
    unsafe ztb_curl_multi_set_timer(multi) { _, milliseconds, own in
      guard let own = unsafe own else { return -1 }
      unsafe Unmanaged<HTTPClient>.fromOpaque(own).takeUnretainedValue()
        .wake(inMilliseconds: milliseconds)
      return 0
    }
  }

  /// The library begins, changes or ends its interest in a socket. -1 makes it give up.
  private func watch(_ socket: Int32, for wish: Int32) -> Int32 {
    guard wish != CURL_POLL_REMOVE else {
      watched.remove(socket)
      reactor.remove(socket)
      return 0
    }
    var interest: Readiness = []
    if wish & CURL_POLL_IN != 0 { interest.insert(.readable) }
    if wish & CURL_POLL_OUT != 0 { interest.insert(.writable) }
    do {
      guard watched.insert(socket).inserted else {
        try reactor.change(socket, to: interest)
        return 0
      }
      try reactor.add(socket, interest) { [unowned self] in ready(socket, $0) }
      return 0
    } catch {
      watched.remove(socket)
      return -1
    }
  }

  /// The library wants to be called after so many milliseconds; -1: not at all.
  private func wake(inMilliseconds milliseconds: Int) {
    if milliseconds < 0 {
      timer?.arm(at: stillborn.isEmpty ? nil : .zero)
    } else {
      timer?.arm(at: MonotonicClock.now() + .milliseconds(milliseconds))
    }
  }

  private func ready(_ socket: Int32, _ readiness: Readiness) {
    var mask: Int32 = 0
    if readiness.contains(.readable) { mask |= CURL_CSELECT_IN }
    if readiness.contains(.writable) { mask |= CURL_CSELECT_OUT }
    if !readiness.isDisjoint(with: .hangup) { mask |= CURL_CSELECT_ERR }
    act(socket, mask)
  }

  private func expired() { act(CURL_SOCKET_BAD, 0) }

  private func act(_ socket: Int32, _ mask: Int32) {
    var running: Int32 = 0
    // What goes wrong with a transfer is in its message; with the whole there is nothing to do.
    _ = unsafe curl_multi_socket_action(multi, socket, mask, &running)
    deliver()
  }

  /// Tells what happened, outside of every callback of the library: who is told may send and
  /// cancel.
  private func deliver() {
    let failed = stillborn
    stillborn = []
    for (number, error) in failed {
      transfers.removeValue(forKey: number)?.completion(.failure(error))
    }
    for (number, stage) in stages.takeEntries() { transfers[number]?.request.progress?(stage) }
    var left: Int32 = 0
    while let message = unsafe curl_multi_info_read(multi, &left) {
      guard unsafe message.pointee.msg == CURLMSG_DONE else { continue }
      let code = unsafe message.pointee.data.result
      let number = unsafe Transfer.number(of: message.pointee.easy_handle)
      guard let transfer = transfers[number] else { continue }
      let result = transfer.result(code)
      cancel(number)
      transfer.completion(result)
    }
  }
}
