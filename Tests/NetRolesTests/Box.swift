import Glibc
import Linux
import Messages
import Wire

/// The supervisor's end of an `agent` that really runs, in a process of its own.
final class Box {
  /// The program, beside the tests that are running.
  static let program = {
    let own = CommandLine.arguments.first ?? ""
    let directory = own.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    return (directory + ["ztbd-net"]).joined(separator: "/")
  }()

  private let reactor: Reactor
  private var channel: PacketChannel?
  private var child: ChildProcess?
  private(set) var reports: [Report] = []

  init(_ reactor: Reactor) { self.reactor = reactor }

  deinit { kill() }

  /// Starts the role, as the supervisor does.
  func start() throws {
    let pair = try PacketChannel.pair()
    var specification = ProcessSpecification(
      program: Self.program, arguments: ["ztbd-net", "role", "agent"])
    specification.descriptors = [0, 1, 2, pair.second.rawValue]
    specification.deathSignal = SIGKILL
    child = try specification.spawn()
    let number = pair.first.rawValue
    channel = try PacketChannel(owning: Self.first(of: pair))
    try reactor.add(number) { [unowned self] _ in receive() }
  }

  private static func first(of pair: consuming DescriptorPair) -> Descriptor { pair.first }

  /// A power cut.
  func kill() {
    if let number = channel?.rawValue { reactor.remove(number) }
    channel = nil
    child?.signal(SIGKILL)
    _ = child?.wait(milliseconds: 5_000)
    child = nil
  }

  /// Asks the role to leave; its exit status.
  func stop() throws -> ExitStatus? {
    send(.stop)
    return child?.wait(milliseconds: 5_000)
  }

  func send(_ command: Command) { _ = try? channel?.send(command.encoded) }

  func configure(_ task: AgentTask, proxy: ProxyRoute? = nil) {
    send(
      .configure(
        .agent(
          AgentConfiguration(
            serial: "S1", profile: "zt400", version: "0.1.0", proxy: proxy, task: task))))
  }

  private func receive() {
    while case .message(let octets) = (try? channel?.receive()) ?? .nothing {
      guard let report = try? Report(decoding: octets) else { continue }
      reports.append(report)
    }
  }

  /// Turns the loop until `isDone`, at most twenty seconds; whether it came to that.
  func turn(until isDone: () -> Bool) throws -> Bool {
    let end = MonotonicClock.now() + .seconds(20)
    while !isDone(), MonotonicClock.now() < end { try reactor.turn(timeoutMilliseconds: 20) }
    return isDone()
  }

  /// A value of the role's `/proc/PID/status`.
  func status(_ name: String) -> String? {
    let octets = child.flatMap { try? Files.read("/proc/\($0.pid)/status") } ?? []
    for line in String(decoding: octets, as: UTF8.self).split(separator: "\n")
    where line.hasPrefix("\(name):\t") {
      return String(line.dropFirst(name.count + 2))
    }
    return nil
  }

  // MARK: What was reported

  var agentReports: [AgentReport] {
    reports.compactMap { if case .agent(let report) = $0 { report } else { nil } }
  }

  var logLines: String {
    reports.compactMap { if case .log(_, let text) = $0 { text } else { nil } }
      .joined(separator: "\n")
  }

  var key: String? {
    agentReports.compactMap { if case .keyMade(let key) = $0 { key } else { nil } }.last
  }

  var identity: PortalIdentity? {
    agentReports.compactMap { if case .enrolled(let identity, _) = $0 { identity } else { nil } }
      .last
  }

  var failure: (reasons: [String], remedy: String, isFinal: Bool)? {
    for case .failed(let reasons, let remedy, let final) in agentReports.reversed() {
      return (reasons, remedy, final)
    }
    return nil
  }

  var contact: (connected: Bool, reason: String)? {
    for case .contact(let connected, let reason) in agentReports.reversed() {
      return (connected, reason)
    }
    return nil
  }

  /// How each fetch ended.
  var fetchEnds: [String] {
    agentReports.compactMap { if case .fetchEnded(let reason) = $0 { reason } else { nil } }
  }

  /// The last state of each step.
  var steps: [UInt8: StepState] {
    var steps: [UInt8: StepState] = [:]
    for case .step(let number, let state, _) in agentReports { steps[number] = state }
    return steps
  }
}
