import Configuration
import JSON
import Linux
import Messages
import Wire

/// What a diagnosis is to try, on its command line and back.
struct Diagnosis: Equatable {
  /// Numbers that bound a diagnosis.
  enum Limits {
    /// All of it.
    static let whole = Interval.seconds(20)
    /// One answer of a name server.
    static let nameServer = Interval.seconds(2)
    /// One connection.
    static let connection = Interval.seconds(3)
    /// One echo.
    static let echo = Interval.seconds(1)
    /// Name servers that are asked.
    static let nameServers = 4
  }

  /// The user that it runs as.
  static let user: UInt32 = 7_110
  /// Where the password of the proxy stands; the command line could be read by others.
  static let proxyCredentials = "ZTB_PROXY_CREDENTIALS"
  /// The portal's ports where the configuration names no others.
  static let portalPort: UInt16 = 8_443
  static let agentPort: UInt16 = 8_444

  /// What is tried.
  var kind: ControlRequest.Diagnosis
  /// Host or name; nil: what the kind takes by itself.
  var target: String?
  /// The web proxy; nil: none.
  var proxy: Place?
  /// `user:password` in Base64; nil: the proxy asks for none.
  var credentials: String?
  /// Name servers.
  var servers: [IPv4Address] = []
  /// The portal; nil: not known before activation.
  var portal: Place?

  /// A host, by name or address, and a port.
  struct Place: Hashable, CustomStringConvertible {
    var host: String
    var port: UInt16
    var description: String { "\(host):\(port)" }

    init(host: String, port: UInt16) {
      self.host = host
      self.port = port
    }

    /// Reads `host:port`, `host` or a URL of `https`.
    init?(_ text: String, defaultPort: UInt16? = nil) {
      var rest = Substring(text)
      if rest.hasPrefix("https://") { rest = rest.dropFirst("https://".count) }
      let place = rest.prefix { $0 != "/" }
      let parts = place.split(separator: ":", omittingEmptySubsequences: false)
      guard (1...2).contains(parts.count), !parts[0].isEmpty else { return nil }
      guard let port = parts.count == 2 ? UInt16(parts[1]) : defaultPort, port > 0 else {
        return nil
      }
      self.init(host: String(parts[0]), port: port)
    }
  }

  init(_ kind: ControlRequest.Diagnosis) { self.kind = kind }

  /// The process that tries it: no privileges, its lines on standard output.
  static func specification(
    _ kind: ControlRequest.Diagnosis, target: String?, wan: WANSettings, servers: [IPv4Address],
    portal: String?
  ) -> ProcessSpecification {
    let standard = kind == .ping ? wan.gateway?.description : nil
    var process = ProcessSpecification(arguments: ["ztbd", "diagnose", kind.rawValue])
    process.arguments += [target ?? standard].compactMap { $0 }
    if let proxy = wan.proxy {
      process.arguments += ["--proxy", "\(proxy.host):\(proxy.port)"]
      if let user = proxy.user {
        let pair = Array("\(user):".utf8) + (proxy.password?.octets ?? [])
        process.environment.append("\(proxyCredentials)=\(Base64.encode(pair))")
      }
    }
    if !servers.isEmpty {
      process.arguments += ["--dns", servers.map(\.description).joined(separator: ",")]
    }
    if let portal { process.arguments += ["--portal", portal] }
    process.user = user
    process.capabilities = []
    process.noNewPrivileges = true
    return process
  }

  /// Reads the command line behind `diagnose`; nil when it makes no sense.
  init?(arguments: [String], credentials: String?) {
    guard let word = arguments.first, let kind = ControlRequest.Diagnosis(rawValue: word) else {
      return nil
    }
    self.init(kind)
    self.credentials = credentials
    var rest = arguments.dropFirst()
    while let word = rest.popFirst() {
      guard word.hasPrefix("--") else {
        guard target == nil, !word.isEmpty else { return nil }
        target = word
        continue
      }
      guard let value = rest.popFirst(), take(word, value) else { return nil }
    }
  }

  private mutating func take(_ option: String, _ value: String) -> Bool {
    switch option {
    case "--proxy":
      proxy = Place(value)
      return proxy != nil
    case "--portal":
      portal = Place(value, defaultPort: Self.portalPort)
      return portal != nil
    case "--dns":
      let texts = value.split(separator: ",")
      servers = texts.prefix(Limits.nameServers).compactMap { IPv4Address($0) }
      return !servers.isEmpty && servers.count == min(texts.count, Limits.nameServers)
    default: return false
    }
  }
}
