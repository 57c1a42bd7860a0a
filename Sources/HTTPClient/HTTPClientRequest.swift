public import HTTP
public import Wire

extension HTTPClient {
  /// What is to be sent, to whom, by which way, and whom to believe.
  public struct Request {
    /// `GET`, `POST` and so on.
    public var method: String
    /// `https://HOST[:PORT]/PATH[?QUERY]`, encoded.
    public var url: String
    /// Header fields beside those that the library adds (Host, Content-Length, Accept).
    public var headers: [HTTPField] = []
    /// The body; sent with every method but GET and HEAD.
    public var body: [UInt8] = []
    /// Until the whole answer is here.
    public var timeout = Interval.seconds(30)
    /// Until name, TCP, proxy and TLS are done.
    public var connectTimeout = Interval.seconds(10)
    /// The web proxy; nil: the direct way. The environment of the process is not asked.
    public var proxy: Proxy?
    /// Whom to believe.
    public var trust = Trust.system
    /// Whether a certificate has to be valid today; false for as long as the clock is not set.
    public var checksDates = true
    /// Who we are, where the server asks for a certificate.
    public var identity: Identity?
    /// Whether the connection may be an old one and may be kept.
    public var reuseConnection = true
    /// Largest body of an answer, in octets; a longer one is ``HTTPClientError/tooLarge``.
    public var limitBytes = Limits.bodyBytes
    /// Redirects (`Location`) that are followed; one more is ``HTTPClientError/redirects(place:)``.
    /// From `https` they lead to `https` only.
    public var redirects = 0
    /// Gives up when nothing at all came for so long; for long bodies, with a long ``timeout``.
    public var stallTimeout: Interval?
    /// Whether the proxy opens a tunnel for `http` URLs, too. Many open none to a port other than
    /// 443 and want to be asked for the whole URL.
    public var tunnelsAll = true
    /// Takes the body piece by piece while it comes, instead of it being collected.
    public var sink: Sink?
    /// Called as the connection comes about; not called for a connection that is used again,
    /// except ``Stage/connected``.
    public var progress: ((Stage) -> Void)?

    /// A request with everything else as usual.
    public init(_ method: String, _ url: String) {
      self.method = method
      self.url = url
    }
  }

  /// Takes the next piece of a body; `answer` has status and header fields, and no body. False ends
  /// the request with ``HTTPClientError/unwanted``. Called from within the library: it must neither
  /// send nor cancel.
  public typealias Sink = (_ piece: [UInt8], _ answer: HTTPResponse) -> Bool

  /// A web proxy through which a tunnel is opened (CONNECT, RFC 9110 9.3.6).
  public struct Proxy: Hashable, Sendable {
    /// Name or address.
    public var host: String
    /// TCP port.
    public var port: UInt16
    /// User name for Basic or Digest, whichever the proxy asks for; nil: none.
    public var user: String?
    /// Its password.
    public var password: String?
    /// Reached without the proxy: names, domains with a leading dot, addresses, prefixes.
    public var exceptions: [String]

    /// Joins the parts.
    public init(
      host: String, port: UInt16, user: String? = nil, password: String? = nil,
      exceptions: [String] = []
    ) {
      self.host = host
      self.port = port
      self.user = user
      self.password = password
      self.exceptions = exceptions
    }
  }

  /// Whose certificates are believed.
  public enum Trust: Hashable, Sendable {
    /// Everybody's: for a first contact whose answer proves itself, and for looking at one.
    case anything
    /// Those that this authority (PEM) signed, and nobody else's; the host name must fit.
    case authority(String)
    /// Those of the operating system's authorities; the host name must fit.
    case system
  }

  /// A certificate with its key, held in memory only.
  public struct Identity: Hashable, Sendable {
    /// Certificate, with what leads to its authority (PEM).
    public var certificate: String
    /// Its private key (PEM).
    public var privateKey: String

    /// Joins the two.
    public init(certificate: String, privateKey: String) {
      self.certificate = certificate
      self.privateKey = privateKey
    }
  }

  /// How far a connection is.
  public enum Stage: Hashable, Sendable {
    /// The name of the server, or of the proxy, has an address, and TCP begins.
    case resolved
    /// TCP, the proxy's tunnel and TLS are done; the request goes out.
    case connected
  }
}
