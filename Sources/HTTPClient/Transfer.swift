import CCurl
import COpenSSL
import Glibc
import HTTP
import Wire

/// One request on its way, with the library's handle for it.
@safe final class Transfer {
  let number: Int
  let request: HTTPClient.Request
  let completion: (Swift.Result<HTTPResponse, HTTPClientError>) -> Void
  /// The `CURL *`.
  let handle: UnsafeMutableRawPointer

  private let errorText: UnsafeMutablePointer<CChar>
  private var fields: UnsafeMutablePointer<curl_slist>?
  private let stages: StageLog
  private(set) var wasResolved = false
  private(set) var wasConnected = false
  private(set) var isTooLarge = false
  private(set) var isUnwanted = false
  private var headers: [HTTPField] = []
  private var headerBytes = 0
  private var body: [UInt8] = []
  private var bodyBytes = 0

  init(
    number: Int, request: HTTPClient.Request, stages: StageLog,
    completion: @escaping (Swift.Result<HTTPResponse, HTTPClientError>) -> Void
  ) {
    self.number = number
    self.request = request
    self.completion = completion
    self.stages = stages
    guard let handle = unsafe curl_easy_init() else { preconditionFailure("out of memory") }
    unsafe self.handle = handle
    unsafe errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
    unsafe errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
  }

  deinit {
    unsafe curl_easy_cleanup(handle)
    unsafe curl_slist_free_all(fields)
    unsafe errorText.deallocate()
  }

  /// The number of the transfer that has this handle.
  static func number(of handle: UnsafeMutableRawPointer?) -> Int {
    var value: UnsafeMutableRawPointer?
    _ = unsafe ztb_curl_info_pointer(handle, CURLINFO_PRIVATE, &value)
    return Int(bitPattern: value)
  }

  /// What became of it, once the library is done.
  func result(_ code: CURLcode) -> Swift.Result<HTTPResponse, HTTPClientError> {
    guard code == CURLE_OK else { return .failure(failure(code)) }
    return .success(HTTPResponse(info(CURLINFO_RESPONSE_CODE), headers: headers, body: body))
  }

  /// The library's words for an error.
  func text(_ code: CURLcode) -> String {
    let own = unsafe String(cString: errorText)
    return own.isEmpty ? unsafe String(cString: curl_easy_strerror(code)) : own
  }

  /// A number that the library measured or was told.
  func info(_ kind: CURLINFO) -> Int {
    var value = 0
    // It fails for kinds that do not exist, which are none of ours.
    _ = unsafe ztb_curl_info_long(handle, kind, &value)
    return value
  }

  /// Where the last request went, after redirects.
  var effectiveURL: String {
    var value: UnsafeMutableRawPointer?
    _ = unsafe ztb_curl_info_pointer(handle, CURLINFO_EFFECTIVE_URL, &value)
    guard let text = unsafe value?.assumingMemoryBound(to: CChar.self) else { return request.url }
    return unsafe String(cString: text)
  }
}

// MARK: Options

extension Transfer {
  /// Tells the library everything about the request. Throws when it refuses something.
  func prepare() throws(HTTPClientError) {
    try set(CURLOPT_URL, request.url)
    try set(CURLOPT_PROTOCOLS_STR, "http,https")
    try set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
    try set(CURLOPT_FOLLOWLOCATION, request.redirects > 0 ? 1 : 0)
    try set(CURLOPT_MAXREDIRS, request.redirects)
    let isPlain = request.url.hasPrefix("http://")
    try set(CURLOPT_REDIR_PROTOCOLS_STR, isPlain ? "http,https" : "https")
    if let stall = request.stallTimeout {
      try set(CURLOPT_LOW_SPEED_LIMIT, 1)
      try set(CURLOPT_LOW_SPEED_TIME, max(1, Self.milliseconds(stall) / 1_000))
    }
    try set(CURLOPT_NOSIGNAL, 1)
    // Otherwise the end of a transfer waits for a resolver thread that waits for a dead server.
    try set(CURLOPT_QUICK_EXIT, 1)
    try set(CURLOPT_TIMEOUT_MS, Self.milliseconds(request.timeout))
    try set(CURLOPT_CONNECTTIMEOUT_MS, Self.milliseconds(request.connectTimeout))
    try set(CURLOPT_TCP_KEEPALIVE, 1)
    try set(CURLOPT_TCP_KEEPIDLE, 20)
    try set(CURLOPT_TCP_KEEPINTVL, 10)
    try set(CURLOPT_MAXAGE_CONN, HTTPClient.Limits.idleSeconds)
    try set(CURLOPT_FRESH_CONNECT, request.reuseConnection ? 0 : 1)
    try set(CURLOPT_FORBID_REUSE, request.reuseConnection ? 0 : 1)
    try prepareMethod()
    try prepareProxy()
    try prepareTLS()
    try prepareCallbacks()
  }

  private func prepareMethod() throws(HTTPClientError) {
    switch request.method {
    case "GET": try set(CURLOPT_HTTPGET, 1)
    case "HEAD": try set(CURLOPT_NOBODY, 1)
    default:
      try check(
        unsafe ztb_curl_set_size(
          handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.count)),
        "the length of the body")
      let code = unsafe request.body.withUnsafeBytes { buffer in
        unsafe ztb_curl_set_pointer(
          handle, CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: buffer.baseAddress))
      }
      try check(code, "the body")
      try set(CURLOPT_POST, 1)
      try set(CURLOPT_CUSTOMREQUEST, request.method)
    }
    // An empty Expect: a large body does not first wait for 100 Continue.
    for field in request.headers + [HTTPField("Expect", "")] {
      let line = field.value.isEmpty ? "\(field.name):" : "\(field.name): \(field.value)"
      guard !line.utf8.contains(where: { $0 < 0x20 }) else {
        throw .invalidRequest(reason: "a header field holds a control character")
      }
      unsafe fields = curl_slist_append(fields, line)
    }
    try check(unsafe ztb_curl_set_pointer(handle, CURLOPT_HTTPHEADER, fields), "the header")
  }

  private func prepareProxy() throws(HTTPClientError) {
    // Set in any case: left alone, the library asks the environment.
    guard let proxy = request.proxy else {
      try set(CURLOPT_PROXY, "")
      return try set(CURLOPT_NOPROXY, "*")
    }
    try set(CURLOPT_PROXY, "http://\(proxy.place)")
    try set(CURLOPT_NOPROXY, proxy.exceptions.joined(separator: ","))
    try set(CURLOPT_HTTPPROXYTUNNEL, request.tunnelsAll ? 1 : 0)
    try set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    guard let user = proxy.user else { return }
    // Basic is bit 0, Digest bit 1; the macros have casts that do not come through.
    try set(CURLOPT_PROXYAUTH, 0b11)
    try set(CURLOPT_PROXYUSERNAME, user)
    try set(CURLOPT_PROXYPASSWORD, proxy.password ?? "")
  }

  private func prepareTLS() throws(HTTPClientError) {
    try set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
    switch request.trust {
    case .anything:
      try set(CURLOPT_SSL_VERIFYPEER, 0)
      try set(CURLOPT_SSL_VERIFYHOST, 0)
    case .authority(let pem):
      try set(CURLOPT_CAINFO_BLOB, blob: pem)
      // The directory of the operating system would be believed as well.
      try check(unsafe ztb_curl_set_text(handle, CURLOPT_CAPATH, nil), "the authority")
    case .system: break
    }
    if let identity = request.identity {
      try set(CURLOPT_SSLCERTTYPE, "PEM")
      try set(CURLOPT_SSLKEYTYPE, "PEM")
      try set(CURLOPT_SSLCERT_BLOB, blob: identity.certificate)
      try set(CURLOPT_SSLKEY_BLOB, blob: identity.privateKey)
    }
    guard !request.checksDates else { return }
    let code = unsafe ztb_curl_set_tls_made(handle) { _, context, _ in
      let parameters = unsafe SSL_CTX_get0_param(OpaquePointer(context))
      let flag = UInt(X509_V_FLAG_NO_CHECK_TIME)
      let isSet = unsafe X509_VERIFY_PARAM_set_flags(parameters, flag) == 1
      return isSet ? CURLE_OK : CURLE_SSL_CERTPROBLEM
    }
    try check(code, "certificates without dates")
  }

  private func prepareCallbacks() throws(HTTPClientError) {
    try check(
      unsafe ztb_curl_set_pointer(handle, CURLOPT_PRIVATE, .init(bitPattern: number)), "callbacks")
    let own = unsafe Unmanaged.passUnretained(self).toOpaque()
    for option in [
      CURLOPT_WRITEDATA, CURLOPT_HEADERDATA, CURLOPT_SOCKOPTDATA, CURLOPT_PREREQDATA,
    ] {
      try check(unsafe ztb_curl_set_pointer(handle, option, own), "callbacks")
    }
    try check(unsafe ztb_curl_set_pointer(handle, CURLOPT_ERRORBUFFER, errorText), "callbacks")
    unsafe ztb_curl_set_write(handle, CURLOPT_WRITEFUNCTION) { octets, size, count, own in
      unsafe Transfer.of(own).received(octets, size * count)
    }
    unsafe ztb_curl_set_write(handle, CURLOPT_HEADERFUNCTION) { octets, size, count, own in
      unsafe Transfer.of(own).receivedHeader(octets, size * count)
    }
    unsafe ztb_curl_set_socket_made(handle) { own, _, _ in
      unsafe Transfer.of(own).reach(.resolved)
      return CURL_SOCKOPT_OK
    }
    unsafe ztb_curl_set_before_request(handle) { own, _, _, _, _ in
      unsafe Transfer.of(own).reach(.connected)
      return CURL_PREREQFUNC_OK
    }
  }

  private func set(_ option: CURLoption, _ value: String) throws(HTTPClientError) {
    try check(unsafe ztb_curl_set_text(handle, option, value), value)
  }

  private func set(_ option: CURLoption, _ value: Int) throws(HTTPClientError) {
    try check(unsafe ztb_curl_set_long(handle, option, value), "option \(option.rawValue)")
  }

  private func set(_ option: CURLoption, blob text: String) throws(HTTPClientError) {
    let octets = Array(text.utf8)
    try check(
      unsafe ztb_curl_set_blob(handle, option, octets, octets.count), "a certificate or key")
  }

  private func check(_ code: CURLcode, _ what: String) throws(HTTPClientError) {
    guard code != CURLE_OK else { return }
    let words = unsafe String(cString: curl_easy_strerror(code))
    throw .invalidRequest(reason: "\(words): \(what)")
  }

  /// At least one millisecond: zero means for ever to the library.
  private static func milliseconds(_ interval: Interval) -> Int {
    max(1, Int(interval.nanoseconds / 1_000_000))
  }
}

// MARK: Callbacks

extension Transfer {
  /// The object behind the pointer that a callback gets. It lives as long as its handle.
  private static func of(_ own: UnsafeMutableRawPointer?) -> Transfer {
    guard let own = unsafe own else { preconditionFailure("libcurl lost the pointer") }
    return unsafe Unmanaged<Transfer>.fromOpaque(own).takeUnretainedValue()
  }

  private func reach(_ stage: HTTPClient.Stage) {
    switch stage {
    case .resolved:
      guard !wasResolved else { return }
      wasResolved = true
    case .connected: wasConnected = true
    }
    if request.progress != nil { stages.append(number, stage) }
  }

  /// Takes octets of the body; another count than was given ends the transfer.
  private func received(_ octets: UnsafePointer<CChar>?, _ count: Int) -> Int {
    guard count <= request.limitBytes - bodyBytes else {
      isTooLarge = true
      return 0
    }
    bodyBytes += count
    let piece = unsafe UnsafeRawBufferPointer(start: octets, count: count)
    guard let sink = request.sink else {
      unsafe body.append(contentsOf: piece)
      return count
    }
    let answer = HTTPResponse(info(CURLINFO_RESPONSE_CODE), headers: headers, body: [])
    isUnwanted = unsafe !sink(Array(piece), answer)
    return isUnwanted ? 0 : count
  }

  /// Takes one line of the header; a status line begins a new one (after 100 Continue).
  private func receivedHeader(_ octets: UnsafePointer<CChar>?, _ count: Int) -> Int {
    headerBytes += count
    guard headerBytes <= HTTPClient.Limits.headerBytes else {
      isTooLarge = true
      return 0
    }
    let line = unsafe String(
      decoding: UnsafeRawBufferPointer(start: octets, count: count), as: UTF8.self)
    if line.hasPrefix("HTTP/") {
      headers = []
    } else if let colon = line.firstIndex(of: ":") {
      let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
      headers.append(HTTPField(String(line[..<colon]), String(value.prefix { !$0.isNewline })))
    }
    return count
  }
}

/// What connections reached, kept until nobody is inside the library any more.
final class StageLog {
  private var entries: [(number: Int, stage: HTTPClient.Stage)] = []

  func append(_ number: Int, _ stage: HTTPClient.Stage) { entries.append((number, stage)) }

  func takeEntries() -> [(number: Int, stage: HTTPClient.Stage)] {
    defer { entries = [] }
    return entries
  }
}
