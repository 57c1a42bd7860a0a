public import Messages
public import Wire

/// The requests that an agent makes of its portal; at most one of each is under way.
public enum PortalCall: String, Hashable, Sendable, CaseIterable {
  /// Prove that you know the secret of the code, and show your CA.
  case anchor
  /// Would you take this code?
  case validate
  /// Take this code, and sign this key.
  case enroll
  /// Is there a newer configuration, or a command? The answer may take 50 seconds.
  case poll
  /// This is how the gateway is.
  case status
  /// This has happened.
  case events
}

/// One request, ready to be sent.
public struct PortalRequest: Hashable, Sendable {
  /// Whose certificate is believed.
  public enum Trust: Hashable, Sendable {
    /// Anybody's: the answer proves itself.
    case anything
    /// What this CA (PEM) signed, and nothing else.
    case authority(String)
  }

  /// A certificate and its key (PEM).
  public struct Identity: Hashable, Sendable {
    /// The certificate.
    public var certificate: String
    /// Its key.
    public var privateKey: String
  }

  /// Which one it is.
  public var call: PortalCall
  /// `GET` or `POST`.
  public var method: String
  /// Whole URL.
  public var url: String
  /// JSON; empty for GET.
  public var body: [UInt8]
  /// Whose certificate is believed.
  public var trust: Trust
  /// Who we are; nil before enrollment.
  public var identity: Identity?
  /// The proxy on the way; nil: none, or excepted for this host.
  public var proxy: ProxyRoute?
  /// Until the whole answer is here.
  public var timeout: Interval
}

/// How far the connection for a request is.
public enum PortalProgress: Hashable, Sendable {
  /// The name has an address.
  case resolved
  /// Proxy and TLS are done, the request goes out.
  case connected
}

/// What came of a request.
public enum PortalOutcome: Hashable, Sendable {
  /// An answer, whatever its status.
  case answered(PortalAnswer)
  /// None.
  case failed(PortalFailure)
}

/// An answer of the portal.
public struct PortalAnswer: Hashable, Sendable {
  /// Status code.
  public var status: Int
  /// The body.
  public var body: [UInt8]
  /// The seconds of `Retry-After`; nil without.
  public var retryAfterSeconds: Int?
  /// Whether our own clock was ever set.
  public var clockIsSet: Bool

  /// Joins the parts.
  public init(status: Int, body: [UInt8], retryAfterSeconds: Int? = nil, clockIsSet: Bool = true) {
    self.status = status
    self.body = body
    self.retryAfterSeconds = retryAfterSeconds
    self.clockIsSet = clockIsSet
  }
}

/// Why a request got no answer.
public struct PortalFailure: Hashable, Sendable {
  /// Who did not do their part.
  public enum Place: Hashable, Sendable {
    /// The name servers.
    case name
    /// The web proxy.
    case proxy
    /// The portal, or the network on the way.
    case portal
  }

  /// Who did not do their part.
  public var place: Place
  /// What is wrong, a phrase.
  public var reason: String
  /// What to do about it, a phrase; may be empty.
  public var remedy: String

  /// Joins the parts.
  public init(place: Place, reason: String, remedy: String = "") {
    self.place = place
    self.reason = reason
    self.remedy = remedy
  }
}

/// What the agent needs of cryptography, given by its role. Tests give tables.
public protocol AgentCryptography {
  /// 32 random octets.
  func makeNonce() -> [UInt8]
  /// A new P-256 key (PEM); nil when the system cannot make one.
  func makeKey() -> String?
  /// A certificate request (PEM) for a key (PEM); nil when the key cannot be read.
  func certificateRequest(privateKey: String) -> String?
  /// Whether `proof` is HMAC-SHA256 over `nonce` and the DER form of the certificate `authority`
  /// (PEM), by the key that scrypt makes of the code's secret.
  func check(proof: [UInt8], of authority: String, nonce: [UInt8], code: ActivationCode)
    -> AnchorFinding
  /// Whether a certificate (PEM) is for this key (PEM).
  func fits(certificate: String, privateKey: String) -> Bool
}

/// What a portal's proof was found to be.
public enum AnchorFinding: Hashable, Sendable {
  /// The certificate cannot be read.
  case unreadable
  /// The portal does not know the secret of the code.
  case wrongProof
  /// It does; with the SHA-256 of its CA's public key.
  case proven(fingerprint: [UInt8])
}
