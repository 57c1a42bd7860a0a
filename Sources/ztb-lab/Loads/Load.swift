import CLinux
import Glibc
import Linux
import Wire

/// A kind of traffic, run by a worker process inside a host and asked over a channel.
protocol Load: AnyObject {
  /// Whether everything is connected and has answered once.
  var isReady: Bool { get }
  /// The event is about to happen: times count from here.
  func mark(at now: Instant)
  /// The event has happened: only what is begun from here on proves life.
  func struck(at now: Instant)
  /// What is known so far.
  func report(at now: Instant) -> Report
  /// Ends transfers as a user would; ``isFinished`` tells when that is done.
  func finish()
  /// Whether the last answer after ``finish()`` has come.
  var isFinished: Bool { get }
}

extension Load {
  var isReady: Bool { true }
  func mark(at now: Instant) {}
  func struck(at now: Instant) {}
  func finish() {}
  var isFinished: Bool { true }
}

/// What the director asks a worker; the raw value is the whole message.
enum Question: UInt8 {
  /// Answered with a report as soon as the load is ready.
  case ready = 1
  case mark, struck, report
  /// Answered with a last report; the worker ends.
  case finish
}

/// `name=value` words that configure a worker.
struct LoadOptions {
  private let values: [String: String]

  init(_ words: [String]) {
    var values: [String: String] = [:]
    for word in words {
      let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
      values[parts[0]] = parts.count > 1 ? parts[1] : ""
    }
    self.values = values
  }

  func text(_ name: String, _ normal: String = "") -> String { values[name] ?? normal }
  func int(_ name: String, _ normal: Int) -> Int { values[name].flatMap { Int($0) } ?? normal }
  func interval(_ name: String, milliseconds normal: Int) -> Interval {
    .milliseconds(int(name, normal))
  }

  /// `family`: `IPv4` unless it says `IPv6`.
  var family: AddressFamily { text("family") == "\(AddressFamily.ipv6)" ? .ipv6 : .ipv4 }
  /// Whom a client speaks with: `to`, or the server.
  var server: IPAddress { IPAddress(text("to")) ?? Plan.server(family) }
}

/// Runs one load in a worker process until the director has asked it to finish.
final class Worker {
  private let reactor: Reactor
  private let channel: PacketChannel
  private let load: any Load
  private var pending: Question?

  /// Makes the load `kind`; descriptor 3 is the channel to the director.
  init(_ kind: String, _ words: [String]) throws {
    signal(SIGPIPE, SIG_IGN)
    signal(SIGCHLD, SIG_DFL)
    var limit = rlimit(rlim_cur: 65_536, rlim_max: 65_536)
    _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    reactor = try Reactor()
    channel = try PacketChannel(owning: Descriptor(owning: 3))
    load = try Worker.make(kind, LoadOptions(words), reactor)
  }

  /// Serves until the channel closes or the load is finished.
  func run() throws {
    try reactor.add(channel.rawValue) { [unowned self] _ in receive() }
    reactor.afterEvents = { [unowned self] in answerPending() }
    try reactor.run()
  }

  private func receive() {
    switch try? channel.receive() {  // a broken channel ends the worker like a closed one
    case .message(let bytes):
      guard let question = bytes.first.flatMap({ Question(rawValue: $0) }) else { return }
      handle(question)
    case .nothing: break
    case .closed, nil: reactor.stop()
    }
  }

  private func handle(_ question: Question) {
    let now = MonotonicClock.now()
    switch question {
    case .mark:
      load.mark(at: now)
      answer(load.report(at: now))
    case .struck:
      load.struck(at: now)
      answer(load.report(at: now))
    case .report: answer(load.report(at: now))
    case .ready: pending = question
    case .finish:
      load.finish()
      pending = question
    }
  }

  private func answerPending() {
    guard let question = pending else { return }
    guard question == .ready ? load.isReady : load.isFinished else { return }
    pending = nil
    answer(load.report(at: MonotonicClock.now()))
    if question == .finish { reactor.stop() }
  }

  private func answer(_ report: Report) {
    do {
      _ = try channel.send(report.encoded)
    } catch { reactor.stop() }
  }

  private static func make(
    _ kind: String, _ options: LoadOptions, _ reactor: Reactor
  ) throws -> any Load {
    switch kind {
    case "session-server": try SessionServer(options, reactor)
    case "sessions": try SessionLoad(options, reactor)
    case "bulk-server": try BulkServer(options, reactor)
    case "bulk": try BulkLoad(options, reactor)
    case "datagram-server": try DatagramServer(options, reactor)
    case "datagrams": try DatagramLoad(options, reactor)
    case "push": try PushLoad(options, reactor)
    case "push-server": try PushServer(options, reactor)
    case "echo-watch": try EchoWatch(options, reactor)
    case "echo": try EchoLoad(options, reactor)
    case "probe": try ProbeLoad(options, reactor)
    case "shell": try ShellLoad(options, reactor)
    case "transfer": try TransferLoad(options, reactor)
    case "ftp": try FTPLoad(options, reactor)
    case "arp-watch": try ARPWatch(options, reactor)
    case "insert": try InsertLoad(options, reactor)
    case "churn": try ChurnLoad(options, reactor)
    case "junk": try JunkLoad(options, reactor)
    case "storm": try StormLoad(options, reactor)
    case "spin": try SpinLoad(options, reactor)
    case "handshake-server": try HandshakeServer(options, reactor)
    case "handshakes": try HandshakeLoad(options, reactor)
    case "crowd": try CrowdLoad(options, reactor)
    case "flood": try FloodLoad(options, reactor)
    case "writers": try WriterLoad(options, reactor)
    default: throw LabError.usage("there is no load \(kind)")
    }
  }
}

/// Calls a function at a fixed rate; a late wake-up is followed by the next one in time.
final class Ticker {
  private var timer: DeadlineTimer?
  private var next: Instant
  private let period: Interval

  init(_ reactor: Reactor, every period: Interval, _ body: @escaping (Instant) -> Void) throws {
    self.period = period
    next = MonotonicClock.now() + period
    timer = try DeadlineTimer(reactor) { [unowned self] in
      let now = MonotonicClock.now()
      body(now)
      next = max(next + period, now)
      timer?.arm(at: next)
    }
    timer?.arm(at: next)
  }
}

/// The director's side of a worker.
final class LoadHandle {
  let name: String
  private let channel: Descriptor
  private let process: ChildProcess

  /// Starts the worker `kind` in `host`.
  init(
    _ kind: String, in host: Host, _ workspace: Workspace, _ options: [String] = [],
    name: String? = nil, realTime: Bool = false
  ) throws {
    self.name = name ?? kind
    let pair = try PacketChannel.pair()
    let log = try workspace.log("\(host.name)-\(self.name)")
    process = try host.spawn(
      ["ztb-lab", "worker", kind] + options, program: Programs.own,
      descriptors: [workspace.null, log.rawValue, log.rawValue, pair.second.rawValue],
      realTimePriority: realTime ? 1 : nil)
    channel = try pair.first.duplicate()
  }

  /// Asks and waits for the answer.
  @discardableResult
  func ask(_ question: Question, seconds: Int32 = 30) throws -> Report {
    try tell(question)
    return try answer(seconds: seconds)
  }

  /// Asks without waiting; ``answer(seconds:)`` must follow.
  func tell(_ question: Question) throws {
    try system("send", name) {
      unsafe send(channel.rawValue, [question.rawValue], 1, Int32(MSG_NOSIGNAL))
    }
  }

  /// Waits for the answer to what was asked last.
  func answer(seconds: Int32) throws -> Report {
    do {
      let bytes = try waitForMessage(channel.rawValue, milliseconds: seconds * 1000)
      return try Report(decoding: bytes)
    } catch { throw LabError.failed("load \(name): \(error)") }
  }

  /// Ends the worker without asking.
  func stop() {
    process.signal(SIGKILL)
    _ = process.wait(milliseconds: 2000)
  }
}
