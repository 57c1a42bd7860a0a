import Linux
import Wire

/// What a box says of itself when it is ready.
struct Readiness {
  /// Since power on, by the lab's clock.
  let seconds: Double
  /// Since the kernel started, by the box.
  let ownSeconds: Double
  /// Memory in use.
  let mebibytes: Double

  /// The words of init: `ready after S s, N of M MiB in use`.
  init(_ words: String, since began: Instant) throws {
    seconds = (MonotonicClock.now() - began).milliseconds / 1000
    let numbers = words.split { !"0123456789.".contains($0) }.compactMap { Double($0) }
    guard numbers.count >= 2 else {
      throw LabError.failed("the box says no figures when it is ready: \(words)")
    }
    ownSeconds = numbers[0]
    mebibytes = numbers[1]
  }
}

extension ApplianceScene {
  /// Seconds for a boot of an emulated machine beside another one.
  static let bootPatience = 150

  /// Gives a node power and waits until it is ready.
  @discardableResult
  func boot(_ node: Node) throws -> Readiness {
    let began = MonotonicClock.now()
    try world.boot(node)
    return try waitUntilReady(node, since: began)
  }

  /// Gives a node its power back and waits until it is ready.
  @discardableResult
  func restorePower(_ node: Node) throws -> Readiness {
    let began = MonotonicClock.now()
    try world.restorePower(node)
    return try waitUntilReady(node, since: began)
  }

  /// Waits for the next start of a node to be ready.
  @discardableResult
  func waitUntilReady(
    _ node: Node, since began: Instant, seconds: Int = bootPatience
  ) throws -> Readiness {
    let terminal = terminal(node)
    try terminal.expect("ready after", seconds: seconds)
    return try Readiness(terminal.expect("MiB in use", seconds: 5), since: began)
  }

  /// The lines of the console's status screen.
  func status(_ node: Node) throws -> String {
    try place.installer(node).showMenu()
    let terminal = terminal(node)
    try terminal.type("5")
    try terminal.expect("Gateway ", seconds: 20)
    let text = try terminal.expect("Press Enter to return", seconds: 20)
    try place.installer(node).showMenu()
    return text
  }

  /// The status document that a node has sent to the portal last.
  func report(_ index: Int) throws -> JSON {
    let id = try site().gateways[index].id
    return try admin().call("GET", "/api/v3/gateways/\(id)/status")["status"]
  }

  /// The only node that sends advertisements; waits until it is one, and stays so for a while.
  @discardableResult
  func waitForOneActive(_ wanted: Node? = nil, seconds: Int = 60) throws -> Node {
    var since: Instant?
    var last: [Node] = []
    do {
      try world.wait("", seconds: seconds) {
        let senders = try world.actives()
        if senders != last { since = MonotonicClock.now() }
        last = senders
        guard senders.count == 1, wanted ?? senders[0] == senders[0], let since else {
          return false
        }
        return MonotonicClock.now() - since > .seconds(2)
      }
    } catch LabError.timeout {
      let name = wanted.map { " (\($0.name))" } ?? ""
      throw LabError.timeout(
        "one active node\(name); advertisements come from \(last.map(\.name))")
    }
    return last[0]
  }

  /// Waits until `active` is active for switch and portal, and the other one could take over.
  func waitForPair(active wanted: Node? = nil, seconds: Int = 120) throws -> Node {
    do {
      return try waitForWholePair(active: wanted, seconds: seconds)
    } catch {
      for node in Node.allCases { tellState(node) }
      throw error
    }
  }

  private func waitForWholePair(active wanted: Node?, seconds: Int) throws -> Node {
    let active = try waitForOneActive(wanted, seconds: seconds)
    let states = Node.allCases.map { $0 == active ? "Active" : "Standby" }
    try admin().waitForStates(try site(), states, seconds: seconds)
    let standby = active == .a ? 1 : 0
    var reason = ""
    do {
      try world.wait("", seconds: seconds) {
        let sync = try report(standby)["sync"]
        reason = sync["reason"].text ?? "no report"
        return sync["ready"].bool == true
      }
    } catch LabError.timeout {
      throw LabError.timeout("\(active.peer.name) to be in sync: \(reason)")
    }
    return active
  }

  /// What a node says of itself when something was waited for in vain.
  private func tellState(_ node: Node) {
    do {
      let shell = try EmergencyShell(self, node)
      for words in ["ztb status", "ztb ha status", "ztb sync status", "ztb events | tail -n 40"] {
        stage.tell("\(node.name): \(words)\n" + (try shell.run(words)))
      }
      try shell.leave()
    } catch { stage.tell("\(node.name): \(error)") }
  }
}
