import HTTPClient
import Messages

/// Where software is fetched from.
enum FetchSource: Hashable {
  /// `http://…` or `https://…`.
  case web(String)
  /// A version that the portal has.
  case portal(String)

  /// Reads what the supervisor says; nil when it is neither.
  init?(_ text: String) {
    let isClean = text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }
    if let version = text.wholeMatch(of: /portal:([0-9A-Za-z.+-]+)/)?.1 {
      self = .portal(String(version))
    } else if isClean, text.wholeMatch(of: /https?:\/\/[^\/].*/) != nil {
      self = .web(text)
    } else {
      return nil
    }
  }

  /// The request for all of it; nil where the gateway has no portal to ask.
  func request(_ configuration: AgentConfiguration, clockIsSet: Bool) -> HTTPClient.Request? {
    var request: HTTPClient.Request
    switch self {
    case .web(let url):
      request = HTTPClient.Request("GET", url)
      request.redirects = FetchLimits.redirects
    case .portal(let version):
      guard case .serve(let identity) = configuration.task else { return nil }
      request = HTTPClient.Request("GET", "\(identity.url)/api/v3/agent/software/\(version)")
      request.trust = .authority(identity.caCertificate)
      request.identity = .init(
        certificate: identity.certificate, privateKey: identity.privateKey)
    }
    request.checksDates = clockIsSet
    request.proxy = configuration.proxy.map {
      HTTPClient.Proxy(
        host: $0.host, port: $0.port, user: $0.user, password: $0.password,
        exceptions: $0.exceptions)
    }
    request.tunnelsAll = false
    request.timeout = FetchLimits.timeout
    request.stallTimeout = FetchLimits.stallTimeout
    request.reuseConnection = false
    return request
  }
}
