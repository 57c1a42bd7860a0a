import CCurl
import COpenSSL
import Glibc
import Wire

extension Transfer {
  /// What an error of the library means: who failed, at which stage.
  func failure(_ code: CURLcode) -> HTTPClientError {
    if isUnwanted { return .unwanted }
    if isTooLarge { return .tooLarge(place: target.place, limitBytes: request.limitBytes) }
    if let refusal = proxyRefusal() { return refusal }
    switch code {
    case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL, CURLE_SSL_CERTPROBLEM,
      CURLE_SSL_CACERT_BADFILE:
      return .invalidRequest(reason: text(code))
    case CURLE_COULDNT_RESOLVE_HOST: return .resolve(host: target.host)
    case CURLE_COULDNT_RESOLVE_PROXY: return .proxyResolve(host: proxy?.host ?? "")
    case CURLE_COULDNT_CONNECT: return connectFailure()
    case CURLE_OPERATION_TIMEDOUT: return timeout()
    case CURLE_PEER_FAILED_VERIFICATION: return verificationFailure(code)
    case CURLE_SSL_CONNECT_ERROR: return handshakeFailure(code)
    case CURLE_TOO_MANY_REDIRECTS: return .redirects(place: target.place)
    case CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_PARTIAL_FILE, CURLE_RECV_ERROR:
      return broken(code)
    default: return .other(code: Int(code.rawValue), text: text(code))
    }
  }

  /// The proxy, when it is on the way to this target: an exception may bypass it. The library says
  /// so only by what it did, so that a bypassed proxy is taken for one that was not asked.
  private var proxy: HTTPClient.Proxy? { request.proxy }

  private var target: Place {
    // After a redirect it is another server that did not do its part.
    Place(url: request.redirects > 0 ? effectiveURL : request.url)
  }

  /// What the proxy answered to CONNECT, unless it opened the tunnel.
  private func proxyRefusal() -> HTTPClientError? {
    guard let proxy else { return nil }
    let status = info(CURLINFO_HTTP_CONNECTCODE)
    switch status {
    case 0, 200..<300: return nil
    // tinyproxy says 401 where it means that a password is wrong.
    case 401, 407: return .proxyAuthentication(place: proxy.place, given: proxy.user != nil)
    default:
      return .proxyRefused(place: proxy.place, target: target.place, status: status)
    }
  }

  private var isTunnelled: Bool {
    (200..<300).contains(info(CURLINFO_HTTP_CONNECTCODE))
  }

  /// Whether the proxy is where it stands: it is on the way and has not opened the tunnel yet.
  private var proxyInCharge: HTTPClient.Proxy? {
    guard let proxy, !isTunnelled, !proxy.spares(target.host) else { return nil }
    return proxy
  }

  private func connectFailure() -> HTTPClientError {
    let number = Int32(truncatingIfNeeded: info(CURLINFO_OS_ERRNO))
    let words = number == 0 ? text(CURLE_COULDNT_CONNECT) : unsafe String(cString: strerror(number))
    if let proxy = proxyInCharge { return .proxyConnect(place: proxy.place, reason: words) }
    return .connect(place: target.place, reason: words)
  }

  private func timeout() -> HTTPClientError {
    if wasConnected { return .timeout(place: target.place, during: .answer) }
    if !wasResolved {
      return .timeout(place: proxyInCharge?.host ?? target.host, during: .name)
    }
    if let proxy = proxyInCharge { return .timeout(place: proxy.place, during: .proxy) }
    // The library notes the ports when TCP is there, and the time only when TLS is, too.
    let hasTCP = info(CURLINFO_LOCAL_PORT) > 0
    return .timeout(place: target.place, during: hasTCP ? .tls : .connection)
  }

  private func verificationFailure(_ code: CURLcode) -> HTTPClientError {
    let place = target.place
    switch Int32(truncatingIfNeeded: info(CURLINFO_SSL_VERIFYRESULT)) {
    case X509_V_ERR_CERT_NOT_YET_VALID: return .wrongDate(place: place, expired: false)
    case X509_V_ERR_CERT_HAS_EXPIRED: return .wrongDate(place: place, expired: true)
    case X509_V_OK: return .wrongName(place: place)
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
      X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
      X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_CERT_SIGNATURE_FAILURE:
      return .wrongAuthority(place: place)
    default: return .tls(place: place, reason: text(code))
    }
  }

  private func handshakeFailure(_ code: CURLcode) -> HTTPClientError {
    let words = text(code)
    if hasIdentity, words.contains("alert") { return .identityRefused(place: target.place) }
    return .tls(place: target.place, reason: words)
  }

  private func broken(_ code: CURLcode) -> HTTPClientError {
    if let proxy = proxyInCharge, !wasConnected { return .proxyBroken(place: proxy.place) }
    // In TLS 1.3 a server says what it thinks of our certificate after the handshake.
    if hasIdentity, text(code).contains("alert") { return .identityRefused(place: target.place) }
    return .closed(place: target.place)
  }

  private var hasIdentity: Bool { request.identity != nil }
}

extension HTTPClient.Proxy {
  /// `host:port`.
  var place: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

  /// Whether an exception names this host or its domain. Prefixes are left to the library.
  func spares(_ target: String) -> Bool {
    exceptions.contains { exception in
      let domain = exception.drop { $0 == "." }
      return exception == "*" || target == domain || target.hasSuffix(".\(domain)")
    }
  }
}

/// Host and port of a URL.
struct Place: Hashable {
  let host: String
  let place: String

  /// Reads as much as there is of `scheme://[user@]host[:port]/…`.
  init(url: String) {
    let isPlain = url.hasPrefix("http://")
    let rest = url.firstRange(of: "://").map { url[$0.upperBound...] } ?? url[...]
    let authority = rest.prefix { !"/?#".contains($0) }
    let named = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
    let hasPort = named.last?.isNumber == true && named.contains(":") && !named.hasSuffix("]")
    let colon = hasPort ? named.lastIndex(of: ":") : nil
    host = String(named[..<(colon ?? named.endIndex)].filter { $0 != "[" && $0 != "]" })
    place = colon == nil ? "\(named):\(isPlain ? 80 : 443)" : String(named)
  }
}
