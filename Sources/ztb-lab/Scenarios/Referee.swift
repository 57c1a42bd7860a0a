import Linux
import Wire

/// Says who is active by what everybody on the wire can see: who advertises, and who answers for the
/// virtual addresses.
struct Referee {
  let world: World
  let wire: Capture
  let dialect: Dialect

  static let ports: [Port] = [.lan, .wan]
  private static let round = 20

  /// When a node's first advertisement with a priority came on every port from `start` on, the latest
  /// of these; nil before that.
  func activation(of node: Node, since start: Instant) throws -> Instant? {
    let frames = try wire.since(start)
    let firsts = Referee.ports.map { port in
      frames.first { isClaim($0, of: node) && $0.port == port }?.at
    }
    return firsts.contains { $0 == nil } ? nil : firsts.compactMap { $0 }.max()
  }

  /// Waits until a node advertises on every port; how long after `start` that was.
  func waitForActivation(of node: Node, since start: Instant, seconds: Int) throws -> Interval {
    var at: Instant?
    try world.wait("\(node.name) to advertise", seconds: seconds) {
      at = try activation(of: node, since: start)
      return at != nil
    }
    return (at ?? start) - start
  }

  /// What was seen while everybody should have agreed.
  struct Agreement {
    var rounds = 0
    /// Advertisements of the node that should be silent.
    var rivalAdverts = 0
    /// Answers for a virtual address by the node that should be silent.
    var rivalAnswers = 0
    /// Rounds in which nobody answered for an address.
    var unanswered = 0
    /// The longest time between two advertisements of the active.
    var longestGap = Interval.zero

    var description: String {
      "\(rounds) rounds, \(rivalAdverts) adverts and \(rivalAnswers) answers of the other, "
        + "\(unanswered) questions without an answer, longest gap \(longestGap.milliseconds.text(1)) ms"
    }
  }

  /// Watches for a while whether `active` alone is active.
  func watch(_ active: Node, milliseconds: Int) throws -> Agreement {
    var agreement = Agreement()
    let start = MonotonicClock.now()
    let end = start + .milliseconds(milliseconds)
    while MonotonicClock.now() < end {
      let asked = MonotonicClock.now()
      for port in Referee.ports { try ask(port) }
      try world.pause(milliseconds: Referee.round)
      let frames = try wire.since(asked)
      for port in Referee.ports {
        let answers = frames.filter { $0.port == port && isAnswer($0) }
        agreement.rivalAnswers += answers.filter { $0.node == active.peer }.count
        if !answers.contains(where: { $0.node == active }) { agreement.unanswered += 1 }
      }
      agreement.rounds += 1
    }
    let frames = try wire.since(start)
    agreement.rivalAdverts = frames.filter { isClaim($0, of: active.peer) }.count
    for port in Referee.ports {
      let times = [start] + frames.filter { isClaim($0, of: active) && $0.port == port }.map(\.at)
      let gaps = zip(times.dropFirst(), times).map { $0 - $1 }
      agreement.longestGap = max(agreement.longestGap, gaps.max() ?? end - start)
    }
    return agreement
  }

  /// Asks everybody on a port for its virtual addresses.
  private func ask(_ port: Port) throws {
    switch dialect.family {
    case .ipv4: try wire.ask(port == .lan ? Plan.lanVirtual : Plan.wanVirtual, port)
    case .ipv6: for address in dialect.virtualAddresses(port) { try wire.solicit(address, port) }
    }
  }

  /// Whether a frame says that its sender is active.
  private func isClaim(_ frame: CapturedFrame, of node: Node) -> Bool {
    guard frame.node == node, let advert = frame.advert else { return false }
    return advert.priority > 0 && advert.isIPv6 == (dialect.family == .ipv6)
  }

  /// Whether a frame answers the referee's question.
  private func isAnswer(_ frame: CapturedFrame) -> Bool {
    guard frame.destination == Capture.askerMAC(frame.port) else { return false }
    switch dialect.family {
    case .ipv4:
      guard let arp = frame.arp, arp.isReply else { return false }
      return arp.sender == (frame.port == .lan ? Plan.lanVirtual : Plan.wanVirtual)
    case .ipv6: return frame.neighbour != nil
    }
  }
}
