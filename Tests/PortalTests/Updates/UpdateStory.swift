import Activation
import Update

@testable import Portal

/// Two gateways, or one, that do what the machine tells them, as far as the test lets them.
struct Story {
  var machine: SiteUpdate
  var views: [String: NodeView]
  var now: Int64 = 1_000
  private(set) var lines: [String] = []

  init(isPair: Bool = true, start: Int64? = nil) {
    let members =
      [SiteUpdate.Member(id: "a", name: "gw-01")]
      + (isPair ? [SiteUpdate.Member(id: "b", name: "gw-02")] : [])
    machine = SiteUpdate(
      site: 1, version: SoftwareVersion(1, 2, 3), members: members, start: start, user: "root",
      at: now)
    views = ["a": Self.view(isPair ? .active : .standalone)]
    if isPair { views["b"] = Self.view(.standby) }
  }

  static func view(_ state: GatewayState, _ version: String = "1.0.0") -> NodeView {
    NodeView(state: state, version: version, reportedAt: 1_000)
  }

  mutating func set(_ id: String, _ change: (inout NodeView) -> Void) {
    guard var view = views[id] else { return }
    now += 1
    change(&view)
    view.reportedAt = now
    views[id] = view
  }

  mutating func update(_ id: String, _ state: String, _ reason: String = "") {
    set(id) {
      $0.update = .init(version: "1.2.3", state: state, percent: 0, reason: reason, at: "")
    }
    observe()
  }

  /// Runs the new version, on trial or not.
  mutating func start(_ id: String, _ state: GatewayState, isTrial: Bool) {
    set(id) {
      $0.version = "1.2.3"
      $0.state = state
      $0.isTrial = isTrial
      $0.update = nil
    }
    observe()
  }

  mutating func hear(_ event: SiteUpdate.Event, after seconds: Int64 = 10) {
    now += seconds
    for action in machine.handle(event, at: now) {
      switch action {
      case .command(let id, let verb): lines.append("\(id) \(verb.rawValue)")
      case .note(let id, let text, let cause):
        lines.append("\(id ?? "-") \(text)" + (cause.isEmpty ? "" : " (\(cause))"))
      }
    }
  }

  mutating func observe(after seconds: Int64 = 10) { hear(.observed(views), after: seconds) }

  mutating func accept(_ id: String, _ verb: QueuedCommand.Verb) { hear(.accepted(id, verb)) }

  mutating func takeLines() -> [String] {
    defer { lines = [] }
    return lines
  }

  /// Brings the first gateway of a pair to its end.
  mutating func updateStandby() {
    observe()
    accept("b", .update)
    update("b", "downloading")
    update("b", "installed")
    accept("b", .updateActivate)
    set("b") { $0.state = .disconnected }
    observe()
    start("b", .postUpdate, isTrial: true)
    start("b", .standby, isTrial: true)
    start("b", .standby, isTrial: false)
  }
}

/// Numbers that look random and are the same each time.
struct Seeded {
  private var state: UInt64

  init(_ seed: Int) { state = UInt64(seed) &* 0x9e37_79b9_7f4a_7c15 | 1 }

  mutating func pick<Element>(_ list: [Element]) -> Element {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return list[Int(state % UInt64(list.count))]
  }
}
