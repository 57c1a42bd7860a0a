import Configuration
import Glibc
import Linux
import Messages
import Netlink
import Policy
import Wire

/// `policy explain --live`: the packets of a connection, and what the kernel did with each.
struct LiveTrace {
  /// Most seconds.
  static let longest = Int(PacketTrace.seconds.upperBound - margin)
  /// How much longer the kernel tells of them, so that its count can be read at the end.
  static let margin: UInt16 = 2
  /// How long the gateway may take to have it so.
  private static let patience = Interval.seconds(2)

  let trace: PacketTrace
  let seconds: Int
  /// Of the policy in force.
  let rules: [Rule]
  /// The ports by the names of their devices with a virtual MAC.
  let ports: [String: String]
  /// What the document says.
  let explanation: PolicyExplanation

  /// Prints each packet as it is seen, and how many there were.
  func run(_ invocation: Invocation) throws {
    let socket = try NetlinkSocket(
      NetlinkSocket.netfilter, receiveBufferBytes: 1 << 20, slots: 64, slotBytes: 1_024)
    try socket.join(group: TraceStep.multicastGroup)
    var request = ControlRequest(.policyTrace)
    request.trace = TraceParameters(trace)
    _ = try ControlClient(runDirectory: invocation.runDirectory).ask(request)
    let begun = MonotonicClock.now()
    while try count() == nil {
      guard MonotonicClock.now() - begun < LiveTrace.patience else {
        throw Refusal.failed(
          "no packets are followed: the kernel of this network namespace does not show it; ask in "
            + "the gateway's own, and see its log for why not")
      }
      usleep(10_000)
    }
    if !invocation.isJSON {
      say(explanation.text)
      say("\nlive for \(seconds) s:")
    }
    var output = LiveOutput(explanation)
    try watch(socket, until: begun + .seconds(seconds)) { packet in
      let line = LiveOutput.Packet(packet, since: begun, rules, ports)
      output.packets.append(line)
      if !invocation.isJSON { say(line.text) }
    }
    guard let seen = try count() else {
      throw Refusal.failed("somebody else's trace took the place of this one; try again")
    }
    output.seen = Int(clamping: seen)
    guard !invocation.isJSON else { return try printJSON(output) }
    say(output.summary(seconds))
  }

  /// How many packets of it there were; nil while the kernel does not follow them.
  private func count() throws -> UInt64? {
    try KernelDump.counters(table: PolicyCompiler.traceTableName)[
      PolicyCompiler.traceCounter(trace.number)]
  }

  private func watch(
    _ socket: NetlinkSocket, until end: Instant, _ report: (TracedPacket) -> Void
  ) throws {
    var path = PacketPath()
    var now = MonotonicClock.now()
    // What came at the very end is still told to its end.
    while now < end || !path.isEmpty {
      let left = max(0, (end - now).nanoseconds / 1_000_000)
      let pause = path.isEmpty ? left : PacketPath.silence.nanoseconds / 2_000_000
      var entry = pollfd(fd: socket.descriptor, events: Int16(POLLIN), revents: 0)
      try system("poll", "netlink") { unsafe poll(&entry, 1, Int32(clamping: pause) + 1) }
      now = MonotonicClock.now()
      path.begins = now < end
      receive(socket, &path, at: now, report)
      path.ended(at: now).forEach(report)
    }
  }

  private func receive(
    _ socket: NetlinkSocket, _ path: inout PacketPath, at now: Instant,
    _ report: (TracedPacket) -> Void
  ) {
    var (counted, current) = (1, path)
    // Steps that the kernel had no room for are missing; the packets are counted all the same.
    while counted > 0 {
      counted =
        (try? socket.receive { datagram in
          var reader = NetlinkReader()
          // The rest of a datagram that cannot be read is lost, too.
          while let message = try? reader.next(datagram) {
            guard case .trace(let step) = message.body else { continue }
            if let packet = current.take(step, at: now) { report(packet) }
          }
        }) ?? 0
    }
    path = current
  }

  /// Seen at once, also through a pipe.
  private func say(_ text: String) {
    print(text)
    fflush(nil)
  }
}

/// What `policy explain --live --json` prints.
struct LiveOutput: Encodable {
  struct Packet: Encodable {
    /// Seconds since the beginning.
    let time: Double
    let came: String?
    let left: String?
    let verdict: String
    let rule: String?
    let reason: String?

    init(_ packet: TracedPacket, since begun: Instant, _ rules: [Rule], _ ports: [String: String]) {
      time = Double((packet.time - begun).nanoseconds / 1_000_000) / 1_000
      came = Self.port(packet.inInterface, ports)
      (verdict, rule, reason) = Self.words(packet.end, rules)
      left = ["allowed", "passed"].contains(verdict) ? Self.port(packet.outInterface, ports) : nil
    }

    /// The port, also of what came by the virtual MAC.
    private static func port(_ index: UInt32, _ ports: [String: String]) -> String? {
      guard index != 0 else { return nil }
      let name = NetworkInterface.name(of: Int32(bitPattern: index)) ?? "\(index)"
      return ports[name] ?? name
    }

    private static func words(
      _ end: TracedEnd, _ rules: [Rule]
    ) -> (verdict: String, rule: String?, reason: String?) {
      switch end {
      case .rule(let name, let isDropped):
        let rule = rules.first { $0.kernelName == name }
        let reason = !isDropped && rule?.tier == .deny ? "mode monitor" : nil
        return (isDropped ? "denied" : "allowed", rule?.id ?? name, reason)
      case .known: return ("passed", nil, "its connection was allowed before")
      case .byDefault(let isDropped):
        let reason = isDropped ? "no rule allows it" : "no rule allows it; mode monitor"
        return (isDropped ? "denied" : "allowed", nil, reason)
      case .killed: return ("denied", nil, "the kill switch is set")
      case .quarantined: return ("denied", nil, "one of its ends is in quarantine")
      case .spoofed:
        return ("denied", nil, "its source does not live behind this port, or is not its own")
      case .invalid:
        return (
          "denied", nil,
          "of no connection in force: invalid, of an earlier policy, in quarantine, or by a closed port"
        )
      case .forwardGone: return ("denied", nil, "its port forward is not in force any more")
      case .notForwarded:
        return ("denied", nil, "the kernel did not forward it: no route, or forwarding is off")
      case .own(let isDropped):
        return (isDropped ? "denied" : "accepted", nil, "it is for this node itself")
      case .unjudged: return ("denied", nil, "no policy was in force")
      case .foreign(let table, let chain):
        return ("denied", nil, "another program's rules: table \(table), chain \(chain)")
      case .passed: return ("passed", nil, nil)
      }
    }

    /// One line for people.
    var text: String {
      let clock = "\(Int(time)).\(padded(Int(time * 1_000) % 1_000))"
      let way = [came, left].map { $0 ?? "-" }.joined(separator: " → ")
      let by = rule.map { " by rule \($0)" } ?? ""
      return "\(clock) s  \(way)  \(verdict)\(by)\(reason.map { ": \($0)" } ?? "")"
    }

    private func padded(_ number: Int) -> String {
      let digits = "\(number)"
      return String(repeating: "0", count: 3 - digits.count) + digits
    }
  }

  /// What the document says.
  let document: ExplanationOutput
  /// Of how many packets it is said what became of them: ``packets``.
  var packets: [Packet] = []
  /// How many such packets came by.
  var seen = 0

  init(_ explanation: PolicyExplanation) { document = ExplanationOutput(explanation) }

  /// The last line for people.
  func summary(_ seconds: Int) -> String {
    guard seen > 0 else {
      return "no such packet came by in \(seconds) s: it is not sent, or not by way of this node "
        + "(is it the active one? see ztb ha status)"
    }
    let more = seen > packets.count
    return "\(seen) \(seen == 1 ? "packet" : "packets") in \(seconds) s"
      + (more
        ? "; of \(seen - packets.count) it is not known what became of them "
          + "(at most \(PolicyCompiler.tracedPerSecond) a second are followed)" : "")
  }
}
