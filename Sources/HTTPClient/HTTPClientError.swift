/// Why there is no answer. ``reason`` and ``remedy`` are for people, `description` joins them.
///
/// Places are `host:port`.
public enum HTTPClientError: Error, Hashable, Sendable {
  /// The request cannot be sent as it is: the URL, a certificate or a key.
  case invalidRequest(reason: String)
  /// The name of the server has no address.
  case resolve(host: String)
  /// The name of the proxy has no address.
  case proxyResolve(host: String)
  /// The server cannot be reached; `reason` as the kernel says it.
  case connect(place: String, reason: String)
  /// The proxy cannot be reached.
  case proxyConnect(place: String, reason: String)
  /// The proxy asks for a user and password (407), or does not take those that were `given`.
  case proxyAuthentication(place: String, given: Bool)
  /// The proxy opens no tunnel.
  case proxyRefused(place: String, target: String, status: Int)
  /// What answers at the place of the proxy is none, or hung up.
  case proxyBroken(place: String)
  /// Nothing happened for too long, `during` something.
  case timeout(place: String, during: Wait)
  /// TLS failed.
  case tls(place: String, reason: String)
  /// The server's certificate is not from the authority that is trusted.
  case wrongAuthority(place: String)
  /// The server's certificate is for another name.
  case wrongName(place: String)
  /// The server's certificate is not valid yet, or not any more, by our clock.
  case wrongDate(place: String, expired: Bool)
  /// The server does not take our certificate.
  case identityRefused(place: String)
  /// The connection ended before the answer did.
  case closed(place: String)
  /// The answer is longer than `limitBytes`.
  case tooLarge(place: String, limitBytes: Int)
  /// More redirects than the request allows.
  case redirects(place: String)
  /// The sink of the request wants no more.
  case unwanted
  /// Anything else, by the library's number and words.
  case other(code: Int, text: String)

  /// What was being waited for.
  public enum Wait: Hashable, Sendable {
    /// A name server.
    case name
    /// TCP to the proxy, or its answer.
    case proxy
    /// TCP to the server.
    case connection
    /// TLS with the server.
    case tls
    /// The answer of the server.
    case answer
  }
}

extension HTTPClientError: CustomStringConvertible {
  /// One sentence: what is wrong where, and what to do.
  public var description: String { remedy.isEmpty ? reason : "\(reason); \(remedy)" }

  /// What is wrong, and where.
  public var reason: String {
    switch self {
    case .invalidRequest(let reason): "the request cannot be sent: \(reason)"
    case .resolve(let host): "the name \(host) cannot be resolved"
    case .proxyResolve(let host): "the name of the proxy, \(host), cannot be resolved"
    case .connect(let place, let reason): "\(place) cannot be reached: \(reason)"
    case .proxyConnect(let place, let reason):
      "the proxy \(place) cannot be reached: \(reason)"
    case .proxyAuthentication(let place, given: false):
      "the proxy \(place) asks for a user and password (407)"
    case .proxyAuthentication(let place, given: true):
      "the proxy \(place) does not take the user and password"
    case .proxyRefused(let place, let target, let status):
      "the proxy \(place) opens no tunnel to \(target) (\(status))"
    case .proxyBroken(let place): "what answers at \(place) is no web proxy, or hung up"
    case .timeout(let place, let wait): wait.sentence(place)
    case .tls(let place, let reason): "no secure connection to \(place): \(reason)"
    case .wrongAuthority(let place):
      "the certificate of \(place) is not from the expected authority"
    case .wrongName(let place): "the certificate of \(place) is for another name"
    case .wrongDate(let place, expired: true): "the certificate of \(place) has expired"
    case .wrongDate(let place, expired: false): "the certificate of \(place) is not valid yet"
    case .identityRefused(let place): "\(place) does not take the certificate of this gateway"
    case .closed(let place): "\(place) closed the connection without an answer"
    case .tooLarge(let place, let limit): "\(place) answered with more than \(limit) octets"
    case .redirects(let place): "\(place) sends us from one place to the next without end"
    case .unwanted: "the answer was not wanted to its end"
    case .other(let code, let text): "the connection failed: \(text) (\(code))"
    }
  }

  /// What a person can do about it; empty when there is nothing but to wait.
  public var remedy: String {
    switch self {
    case .resolve, .timeout(_, .name): "check the DNS servers in 2 Configure Gateway"
    case .proxyResolve: "check its name in 3 Configure Web Proxy"
    case .connect: "check network and firewall on the way"
    case .timeout(_, .connection), .timeout(_, .tls):
      "check network and firewall on the way, or set a proxy with 3 Configure Web Proxy"
    case .proxyConnect, .timeout(_, .proxy), .proxyBroken:
      "check its host and port in 3 Configure Web Proxy"
    case .proxyAuthentication(_, given: false): "set them with 3 Configure Web Proxy"
    case .proxyAuthentication(_, given: true): "correct them with 3 Configure Web Proxy"
    case .proxyRefused(_, let target, _): "let the proxy's operator allow \(target)"
    case .wrongAuthority:
      "something on the way looks into TLS, or this is another server; let the place pass untouched"
    case .wrongName: "name the server as its certificate does"
    case .wrongDate: "check the clocks of both ends"
    case .invalidRequest, .timeout(_, .answer), .tls, .identityRefused, .closed, .tooLarge,
      .redirects, .unwanted, .other:
      ""
    }
  }
}

extension HTTPClientError.Wait {
  fileprivate func sentence(_ place: String) -> String {
    switch self {
    case .name: "no name server answered for \(place)"
    case .proxy: "the proxy \(place) does not answer"
    case .connection: "\(place) does not answer"
    case .tls: "\(place) answers, but no secure connection comes about"
    case .answer: "\(place) took the request and did not answer in time"
    }
  }
}
