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
    guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else { return nil }
    if let version = FetchSource.rest(of: text, after: "portal:"), version.allSatisfy(isOfVersion) {
      self = .portal(String(version))
    } else if let place = FetchSource.rest(of: text, after: "http://")
      ?? FetchSource.rest(of: text, after: "https://"), !place.hasPrefix("/")
    {
      self = .web(text)
    } else {
      return nil
    }
  }

  /// What comes after a beginning; nil where there is nothing, or another beginning.
  private static func rest(of text: String, after beginning: String) -> Substring? {
    guard text.hasPrefix(beginning), text.utf8.count > beginning.utf8.count else { return nil }
    return text.dropFirst(beginning.count)
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

/// A letter or digit, or a mark that stands in a version; the text is ASCII.
private func isOfVersion(_ character: Character) -> Bool {
  character.isLetter || character.isNumber || ".+-".contains(character)
}
