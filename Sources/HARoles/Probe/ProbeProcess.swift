import Glibc
import Linux
import Messages
import RoleChannel
import Wire

/// The process of the `probe` role, which lives as long as a drill: NET_RAW and nothing else.
enum ProbeProcess {
  /// Runs until the supervisor says stop or is gone; the exit status.
  static func run() -> Int32 {
    // A supervisor that is gone is seen in the result of a write.
    _ = signal(SIGPIPE, SIG_IGN)
    do {
      try ProbeRole().run()
      return 0
    } catch {
      let line = Array("probe: \(error)\n".utf8)
      // Without a channel there is nobody to tell but whoever reads standard error.
      return unsafe write(STDERR_FILENO, line, line.count) < 0 ? 2 : 1
    }
  }
}

/// Asks for a virtual address by ARP, from the node's own address, and looks whether the node has it
/// itself. Questions go to the virtual MAC alone: they arrive where a client's packets would.
private final class ProbeRole {
  private let reactor: Reactor
  private var channel: SupervisorChannel?
  private var timer: DeadlineTimer?
  private var line: ProbeLine?
  private var probe = AddressProbe()
  private var nextLook: Instant?

  init() throws {
    reactor = try Reactor()
    timer = try DeadlineTimer(reactor) { [unowned self] in look() }
    channel = try SupervisorChannel(reactor) { [unowned self] in received($0) }
    reactor.afterEvents = { [unowned self] in timer?.arm(at: nextLook) }
  }

  func run() throws(SystemError) { try reactor.run() }

  private func received(_ command: Command?) {
    switch command {
    case .configure(.probe(let configuration)): configure(configuration)
    case .stop, nil: reactor.stop()
    case .configure, .vrrp, .fence, .sync, .policy, .agent, .controlAnswer:
      channel?.log(.error, "a command for another role")
    }
  }

  private func configure(_ configuration: ProbeConfiguration) {
    guard line == nil else { return }
    do throws(SystemError) {
      let line = try ProbeLine(configuration)
      self.line = line
      try reactor.add(line.descriptor) { [unowned self] _ in read(line) }
      nextLook = MonotonicClock.now()
      channel?.send(.ready)
    } catch { channel?.send(.refused(reason: "\(error)")) }
  }

  private func look() {
    let now = MonotonicClock.now()
    nextLook = now + AddressProbe.Pace.searching
    do throws(SystemError) {
      guard let line else { return }
      let (asks, report) = probe.look(isUp: try line.isUp, answers: try line.answers, at: now)
      if let report { channel?.send(.probe(report)) }
      if asks { try line.ask() }
    } catch {
      // The port or its macvlan is gone: the configuration changes, and the drill is over.
      channel?.log(.notice, "\(error)")
      nextLook = nil
    }
  }

  private func read(_ line: ProbeLine) {
    let now = MonotonicClock.now()
    do throws(SystemError) {
      guard try line.hasAnswer() else { return }
      if let report = probe.answered(at: now) { channel?.send(.probe(report)) }
    } catch { channel?.log(.notice, "\(error)") }
  }
}

/// Where the questions go, and where the answers come from.
private final class ProbeLine {
  private let socket: PacketSocket
  private let configuration: ProbeConfiguration
  private let question: [UInt8]

  /// Opens the socket on the port. Needs `NET_RAW`.
  init(_ configuration: ProbeConfiguration) throws(SystemError) {
    let socket = try PacketSocket(port: configuration.port, etherType: ARPMessage.etherType)
    let mac = try NetworkInterface.macAddress(configuration.port, socket: socket.descriptor)
    question =
      ARPMessage(
        .request, from: mac, configuration.nodeAddress, to: configuration.virtualMAC,
        configuration.virtualAddress
      ).octets
    self.configuration = configuration
    self.socket = socket
  }

  /// The number, for the loop.
  var descriptor: Int32 { socket.descriptor }

  /// Whether this node's own interface with the address is up.
  var isUp: Bool {
    get throws(SystemError) {
      try NetworkInterface.isUp(configuration.device, socket: socket.descriptor)
    }
  }

  /// Whether the interface answers ARP for its own addresses (``AnswerSwitch``).
  var answers: Bool {
    get throws(SystemError) {
      let path = "/proc/sys/net/ipv4/conf/\(configuration.device)/arp_ignore"
      let file = try Descriptor.open(path, O_RDONLY)
      return try file.read(limit: 1) == [UInt8(ascii: "1")]
    }
  }

  /// Sends one question. A port without carrier sends none, which is as good as no answer.
  func ask() throws(SystemError) {
    do throws(SystemError) {
      try socket.send(question, to: configuration.virtualMAC)
    } catch { if error.code != ENETDOWN && error.code != ENOBUFS { throw error } }
  }

  /// Whether somebody has answered; takes everything that waits.
  func hasAnswer() throws(SystemError) -> Bool {
    var isAnswered = false
    while let octets = try socket.receive() {
      guard let answer = ARPMessage(parsing: octets), answer.operation == .reply,
        answer.sender == configuration.virtualAddress
      else { continue }
      isAnswered = true
    }
    return isAnswered
  }
}
