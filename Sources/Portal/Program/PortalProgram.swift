import CLinux
import Crypto
import Glibc
import HTTP
import HTTPServer
import Linux
import SQLite
import Wire

/// The program `ztb-portal`.
public enum PortalProgram {
  /// Runs with the arguments of the command line, the program's name first; returns the exit
  /// status.
  public static func run(_ arguments: [String]) -> Int32 {
    signal(SIGPIPE, SIG_IGN)
    do {
      guard let options = try PortalOptions.parse(Array(arguments.dropFirst())) else {
        print(PortalOptions.help, terminator: "")
        return arguments.count > 1 ? 0 : 2
      }
      umask(0o077)
      if let bundle = options.bundle {
        try SoftwareVerb(options).add(bundle)
        return 0
      }
      raiseDescriptorLimit()
      let portal = try RunningPortal(options, endingSignals: [SIGTERM, SIGINT])
      try portal.run()
      return 0
    } catch let problem as PortalOptions.Problem {
      complain("ztb-portal: \(problem.text); see ztb-portal --help")
      return 2
    } catch let error as PortalError {
      complain("ztb-portal: \(error.message)")
      return 1
    } catch {
      complain("ztb-portal: \(error)")
      return 1
    }
  }

  private static func complain(_ line: String) {
    let text = line + "\n"
    _ = unsafe write(2, text, text.utf8.count)
  }
}

/// A portal that listens, until it is told to end.
final class RunningPortal {
  let service: PortalService
  /// Where it listens, with the ports that were chosen.
  let places: PortalService.Places
  let reactor: Reactor
  private let hasher: ScryptThread
  private let rest: RESTServer
  private let browser: Browser
  private let agents: AgentServer
  private var servers: [HTTPServer] = []
  private var signals: SignalSource?
  private var ticker: DeadlineTimer?
  private var renewal: DeadlineTimer?
  private let recovers: Bool
  /// Held as long as we run: what is remembered of the database must be true.
  private let lock: Descriptor

  /// Opens the database and listens. Each of `endingSignals` ends ``run()``.
  init(_ options: PortalOptions, endingSignals: [Int32] = []) throws {
    try Self.makeDirectory(options.data)
    lock = try Self.lock(options.data)
    let reactor = try Reactor()
    self.reactor = reactor
    if !endingSignals.isEmpty {
      // Before the first thread, which would die of them otherwise.
      signals = try SignalSource(reactor, endingSignals) { _ in reactor.stop() }
    }
    let agentPlace =
      options.agentListen
      ?? .init(
        address: options.listen.address,
        port: options.listen.port == 0 ? 0 : options.listen.port + 1)
    let listener = try TCPListener.listen(
      on: options.listen.address, port: options.listen.port)
    let agentListener = try TCPListener.listen(on: agentPlace.address, port: agentPlace.port)
    places = PortalService.Places(
      names: Self.names(options), port: try TCPListener.port(of: listener.rawValue),
      agentPort: try TCPListener.port(of: agentListener.rawValue))
    hasher = try ScryptThread(reactor)
    service = try PortalService(
      database: try PortalDatabase(path: options.data + "/portal.db"), places: places,
      hasher: hasher)
    recovers = options.recovers
    if let server = options.smtp, let sender = options.smtpFrom {
      service.mailer = try SMTPMailer(reactor, server: server, sender: sender)
    }
    service.folder = try Self.softwareFolder(options.data, key: options.updateKey)
    service.folder?.clean()
    rest = RESTServer(service)
    browser = try Browser(service, reactor)
    agents = AgentServer(service)
    try serve(listener, agentListener)
    ticker = try DeadlineTimer(reactor) { [unowned self] in
      service.tick()
      agents.tick()
      ticker?.arm(at: MonotonicClock.now() + .seconds(1))
    }
    ticker?.arm(at: MonotonicClock.now() + .seconds(1))
    renewal = try DeadlineTimer(reactor) { [unowned self] in renew() }
    service.onStaleSites = { [unowned self] in
      renewal?.arm(at: MonotonicClock.now() + Self.renewalPause)
    }
    renewal?.arm(at: MonotonicClock.now())
  }

  /// Gateways are answered in between.
  private static let renewalPause = Interval.milliseconds(20)

  /// After what others may mend meanwhile.
  private static let renewalRetry = Interval.seconds(30)

  private func renew() {
    do throws(PortalError) {
      guard try service.renewSome() else { return }
      renewal?.arm(at: MonotonicClock.now() + Self.renewalPause)
    } catch {
      Log.error("renewal \(error.message)")
      renewal?.arm(at: MonotonicClock.now() + Self.renewalRetry)
    }
  }

  /// Handles requests until a signal that ends it.
  func run() throws {
    if try service.needsSetUp() {
      print("Make the first user (once, within a day): \(try service.makeSetUpLink())")
    } else if recovers {
      print("Make another Super Admin (once, within a day): \(try service.makeSetUpLink())")
    }
    print("READY \(places.url) \(places.agentURL)")
    fflush(nil)
    try reactor.run()
    stop()
  }

  /// Closes every connection.
  func stop() {
    for server in servers { server.stop() }
    servers = []
    service.database.settle()
  }

  private func serve(
    _ listener: consuming Descriptor, _ agentListener: consuming Descriptor
  ) throws(HTTPServerError) {
    let identity = service.identity
    let authority = identity.authority.certificatePEM
    let chain = identity.serverCertificate + authority
    var limits = HTTPServer.Limits()
    limits.connectionsPerClient = 256
    limits.bodyBytes = Self.publicBodyBytes
    servers.append(
      try HTTPServer(
        reactor, listener: listener,
        tls: TLSIdentity(certificate: chain, privateKey: identity.serverKey), limits: limits,
        receive: { [unowned self] in UploadGate(service: service).receive($0) }
      ) { [unowned self] request, exchange in
        if request.path == "/api" || request.path.hasPrefix("/api/") {
          rest.handle(request, exchange)
        } else {
          browser.handle(request, exchange)
        }
      })
    // Many gateways may stand behind one address; half of the port is left for the others.
    limits.connections = 8_192
    limits.connectionsPerClient = limits.connections / 2
    limits.bodyBytes = AgentServer.Limits.bodyBytes
    limits.idleSeconds = 60
    servers.append(
      try HTTPServer(
        reactor, listener: agentListener,
        tls: TLSIdentity(
          certificate: chain, privateKey: identity.serverKey, clientAuthorities: authority),
        limits: limits
      ) { [unowned self] request, exchange in agents.handle(request, exchange) })
  }

  /// Largest body from people and from appliances that are not activated yet.
  private static let publicBodyBytes = 64 << 10

  /// The folder for software below the portal's own.
  static func softwareFolder(_ data: String, key file: String?) throws -> SoftwareFolder {
    let key = try file.map { path throws in
      guard let key = try SoftwareFolder.readKey(path) else {
        throw PortalError.malformed("\(path) is no public key: 64 hexadecimal digits.")
      }
      return key
    }
    return try SoftwareFolder(path: data + "/software", key: key)
  }

  static func makeDirectory(_ path: String) throws(SystemError) {
    let code = unsafe mkdir(path, 0o700)
    if code != 0, errno != EEXIST {
      throw SystemError(call: "mkdir", code: errno, subject: path)
    }
  }

  /// Takes the directory; a second portal on it is refused.
  private static func lock(_ directory: String) throws(SystemError) -> Descriptor {
    let path = directory + "/lock"
    let file = try Descriptor.open(path, O_RDWR | O_CREAT)
    let number = file.rawValue
    try system("flock", path) { flock(number, LOCK_EX | LOCK_NB) }
    return file
  }

  /// The names that were given, else the address that is listened on, else the host's name.
  static func names(_ options: PortalOptions) -> [String] {
    let address = options.listen.address
    if !options.names.isEmpty {
      return options.names + (address.isUnspecified ? [] : [address.description])
    }
    if !address.isUnspecified { return [address.description] }
    var name = [CChar](repeating: 0, count: 256)
    guard unsafe gethostname(&name, 255) == 0 else { return ["localhost"] }
    let octets = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    return [String(decoding: octets, as: UTF8.self)]
  }
}

/// Lets the process have as many descriptors as the system allows: two thousand gateways wait.
private func raiseDescriptorLimit() {
  var limit = rlimit()
  guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
  limit.rlim_cur = limit.rlim_max
  _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
}
