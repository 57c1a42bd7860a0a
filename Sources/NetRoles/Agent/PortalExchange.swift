import Activation
import HTTP
import HTTPClient
import Messages

extension HTTPClient.Request {
  /// What the machine wants to send, in the client's words.
  init(_ request: PortalRequest, clockIsSet: Bool) {
    self.init(request.method, request.url)
    if !request.body.isEmpty { headers = [HTTPField("Content-Type", "application/json")] }
    headers.append(HTTPField("User-Agent", "ztb/\(Product.version)"))
    body = request.body
    timeout = request.timeout
    connectTimeout = AgentLimits.connectTimeout
    checksDates = clockIsSet
    switch request.trust {
    case .anything: trust = .anything
    case .authority(let pem): trust = .authority(pem)
    }
    identity = request.identity.map {
      HTTPClient.Identity(certificate: $0.certificate, privateKey: $0.privateKey)
    }
    // The machine has looked at the exceptions already.
    proxy = request.proxy.map {
      HTTPClient.Proxy(host: $0.host, port: $0.port, user: $0.user, password: $0.password)
    }
  }
}

extension PortalOutcome {
  /// What came of a request, in the machine's words.
  init(_ result: Swift.Result<HTTPResponse, HTTPClientError>, clockIsSet: Bool) {
    switch result {
    case .success(let response):
      let wait = response.headers.first { $0.name.lowercased() == "retry-after" }
      self = .answered(
        PortalAnswer(
          status: response.status, body: response.body,
          retryAfterSeconds: wait.flatMap { Int($0.value) }, clockIsSet: clockIsSet))
    case .failure(let error):
      self = .failed(
        PortalFailure(place: error.failedPlace, reason: error.reason, remedy: error.remedy))
    }
  }
}

extension HTTPClientError {
  /// Who did not do their part.
  fileprivate var failedPlace: PortalFailure.Place {
    switch self {
    case .resolve, .proxyResolve, .timeout(_, .name): .name
    case .proxyConnect, .proxyAuthentication, .proxyRefused, .proxyBroken, .timeout(_, .proxy):
      .proxy
    case .connect, .timeout, .tls, .wrongAuthority, .wrongName, .wrongDate, .identityRefused,
      .closed, .tooLarge, .invalidRequest, .redirects, .unwanted, .other:
      .portal
    }
  }
}
