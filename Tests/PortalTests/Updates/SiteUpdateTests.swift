import Activation
import Testing
import Update

@testable import Portal

@Suite("Update of a site")
struct SiteUpdateTests {
  @Test("alone: install, restart, prove")
  func alone() {
    var story = Story(isPair: false)
    story.observe()
    #expect(story.takeLines() == ["- Update to 1.2.3 begun (by root)", "a update"])
    story.observe()
    #expect(story.takeLines() == [], "a command is told once")
    story.accept("a", .update)
    story.update("a", "writing")
    story.update("a", "installed")
    #expect(
      story.takeLines() == [
        "a Version 1.2.3 is installed (update of the site)", "a update-activate",
      ])
    story.start("a", .standalone, isTrial: true)
    #expect(story.machine.phase == .running)
    story.start("a", .standalone, isTrial: false)
    #expect(
      story.takeLines() == [
        "a Restarted into version 1.2.3 (update of the site)",
        "a Version 1.2.3 has proven itself (update of the site)", "- Update to 1.2.3 done",
      ])
    #expect(story.machine.phase == .done && story.machine.finished == story.now)
  }

  @Test("a pair: the standby first, then the roles change, then the other one")
  func pair() {
    var story = Story()
    story.updateStandby()
    #expect(
      story.takeLines() == [
        "- Update to 1.2.3 begun (by root)", "b update",
        "b Version 1.2.3 is installed (update of the site)", "b update-activate",
        "b Restarted into version 1.2.3 (update of the site)",
        "b Version 1.2.3 has proven itself (update of the site)", "a update",
      ])
    story.accept("a", .update)
    story.update("a", "installed")
    #expect(
      story.takeLines() == ["a Version 1.2.3 is installed (update of the site)", "a switchover"])
    story.accept("a", .switchover)
    story.set("b") { $0.state = .active }
    story.set("a") {
      $0.state = .standby; $0.isReady = false
    }
    story.observe()
    #expect(story.takeLines() == [], "it stays until its sessions are in step")
    story.set("a") { $0.isReady = true }
    story.observe()
    #expect(
      story.takeLines() == [
        "a The active role is handed over (update of the site)", "a update-activate",
      ])
    story.accept("a", .updateActivate)
    story.start("a", .standby, isTrial: true)
    story.start("a", .standby, isTrial: false)
    #expect(story.takeLines().last == "- Update to 1.2.3 done")
  }

  @Test("U1: no gateway of a pair restarts while the other one does not forward")
  func neverBothAway() {
    var story = Story()
    story.observe()
    story.accept("b", .update)
    story.set("a") { $0.state = .disconnected }
    story.update("b", "installed")
    #expect(!story.takeLines().contains("b update-activate"))
    story.set("a") { $0.state = .fault }
    story.observe()
    #expect(story.takeLines() == [])
    story.set("a") { $0.state = .active }
    story.observe()
    #expect(story.takeLines() == ["b update-activate"])
  }

  @Test("U1: whatever the order of reports, at most one gateway was told to restart")
  func atMostOneAway() {
    let states: [GatewayState] = [.active, .active, .standby, .standby, .disconnected, .fault]
    let words = ["downloading", "installed", "installed", "trial"]
    var count = 0
    for seed in 1...2_000 {
      var random = Seeded(seed)
      var story = Story()
      story.observe()
      for _ in 0..<60 {
        let id = random.pick(["a", "b"])
        story.set(id) {
          $0.state = random.pick(states)
          $0.isReady = random.pick([true, true, false])
          $0.isTrial = random.pick([false, false, true])
          $0.version = random.pick(["1.0.0", "1.0.0", "1.2.3"])
          $0.update = .init(
            version: "1.2.3", state: random.pick(words), percent: 0, reason: "", at: "")
        }
        story.observe()
        for line in story.takeLines() where line.hasSuffix(" update-activate") {
          let told = String(line.prefix(1))
          count += 1
          let other = story.views[told == "a" ? "b" : "a"]
          #expect(other?.state == .active && story.views[told]?.state == .standby, "seed \(seed)")
        }
      }
    }
    #expect(count > 100, "most stories end before a restart")
  }

  @Test("the first gateway returns: its reason, and the second is not touched")
  func returned() {
    var story = Story()
    story.observe()
    story.accept("b", .update)
    story.update("b", "installed")
    story.accept("b", .updateActivate)
    story.start("b", .fault, isTrial: true)
    _ = story.takeLines()
    story.set("b") {
      $0.version = "1.0.0"
      $0.isTrial = false
      $0.state = .standby
    }
    story.update("b", "returned", "not every role runs")
    #expect(
      story.takeLines() == [
        "b Update to 1.2.3 failed (gw-02 went back to 1.0.0: not every role runs)"
      ])
    #expect(story.machine.phase == .failed)
    story.observe()
    #expect(story.takeLines() == [])
  }

  @Test("it returned before it was heard of again")
  func returnedUnseen() {
    var story = Story(isPair: false)
    story.observe()
    story.accept("a", .update)
    story.update("a", "installed")
    story.update("a", "returned", "3 starts failed")
    #expect(story.machine.reason == "gw-01 went back to 1.0.0: 3 starts failed")
  }

  @Test("an older version than was wanted runs, and nothing says why")
  func silentReturn() {
    var story = Story(isPair: false)
    story.observe()
    story.update("a", "installed")
    story.start("a", .standalone, isTrial: true)
    story.set("a") {
      $0.version = "1.0.0"; $0.isTrial = false
    }
    story.observe()
    #expect(story.machine.reason == "gw-01 runs 1.0.0 again")
  }

  @Test("what a gateway said of an earlier update does not count")
  func staleFailure() {
    var story = Story(isPair: false)
    story.update("a", "failed", "the line was cut")
    story.observe()
    #expect(story.machine.phase == .running)
    story.accept("a", .update)
    #expect(story.machine.phase == .running)
    story.update("a", "failed", "not signed")
    #expect(story.machine.reason == "gw-01 failed: not signed")
  }

  @Test("a refusal counts when nothing else is seen for a while")
  func refused() {
    var story = Story(isPair: false)
    story.observe()
    story.hear(.refused("a", .update, "this is not the appliance's own system"))
    story.observe()
    #expect(story.machine.phase == .running)
    story.observe(after: 40)
    #expect(story.machine.reason == "gw-01 refused: this is not the appliance's own system")
    var told = Story(isPair: false)
    told.observe()
    told.hear(.refused("a", .update, "1.2.3 is being installed"))
    told.update("a", "downloading")
    told.observe(after: 100)
    #expect(told.machine.phase == .running, "it was told twice")
    told.update("a", "installed")
    #expect(told.machine.steps.first?.kind == .activate)
  }

  @Test("a refusal of another command, or of another gateway, is nobody's")
  func foreignRefusal() {
    var story = Story()
    story.observe()
    story.hear(.refused("a", .update, "x"))
    story.hear(.refused("b", .switchover, "x"))
    story.observe(after: 100)
    #expect(story.machine.phase == .running)
  }

  @Test(
    "each wait has its end, with words",
    arguments: [
      (0, SiteUpdate.Limits.install, "installing within 120 minutes"),
      (1, SiteUpdate.Limits.activate, "restarting within 45 minutes"),
      (2, SiteUpdate.Limits.prove, "proving itself within 45 minutes"),
    ])
  func limits(steps: Int, limit: Int64, words: String) {
    var story = Story(isPair: false)
    story.observe()
    if steps > 0 { story.update("a", "installed") }
    if steps > 1 { story.start("a", .fault, isTrial: true) }
    story.observe(after: limit - 30)
    #expect(story.machine.phase == .running)
    story.observe(after: 40)
    #expect(story.machine.phase == .failed)
    #expect(story.machine.reason.contains(words), "\(story.machine.reason)")
  }

  @Test("a pair whose roles do not change ends in words too")
  func handOverLimit() {
    var story = Story()
    story.updateStandby()
    story.update("a", "installed")
    story.set("b") { $0.isReady = false }
    story.observe(after: SiteUpdate.Limits.handOver)
    #expect(story.machine.reason.contains("handing over the active role within 10 minutes"))
    #expect(story.views["a"]?.state == .active, "it was not told to leave")
  }

  @Test("what was installed is gone before the restart")
  func uninstalled() {
    var story = Story()
    story.observe()
    story.set("a") { $0.state = .fault }
    story.update("b", "installed")
    story.set("b") { $0.update = nil }
    story.set("a") { $0.state = .active }
    story.observe()
    #expect(story.machine.reason == "gw-02 does not have 1.2.3 installed any more")
  }

  @Test("gateways that run it already are left alone")
  func half() {
    var story = Story()
    story.set("b") { $0.version = "1.2.3" }
    story.observe()
    #expect(story.machine.steps.map(\.gateway) == ["a", "a", "a", "a"])
    #expect(story.machine.steps.map(\.kind) == [.install, .handOver, .activate, .prove])
    var other = Story()
    other.set("a") { $0.version = "1.2.3" }
    other.observe()
    #expect(other.machine.steps.map(\.gateway) == ["b", "b", "b"])
  }

  @Test(
    "what is in the way of a start is told",
    arguments: [
      ("a", "gw-01 is not in contact with the portal.", GatewayState.disconnected, true, false),
      ("b", "A pair is updated when one gateway is Active and one Standby.", .active, true, false),
      (
        "b", "The sessions of gw-02 are not in step; wait until they are.", .standby, false, false
      ),
      ("b", "gw-02 is Suspended; update it when it works.", .suspended, true, false),
      ("b", "gw-02 has 1.0.0 on trial; wait until it is kept.", .standby, true, true),
    ])
  func obstacles(id: String, words: String, state: GatewayState, isReady: Bool, isTrial: Bool) {
    var story = Story()
    story.set(id) {
      $0.state = state
      $0.isReady = isReady
      $0.isTrial = isTrial
    }
    story.observe()
    #expect(story.machine.phase == .failed && story.machine.reason == words)
  }

  @Test("an update waits for its time, and can be cancelled before and after")
  func scheduled() {
    var story = Story(start: 5_000)
    story.observe(after: 3_980)
    #expect(story.machine.phase == .scheduled)
    story.observe(after: 20)
    #expect(story.machine.phase == .running)
    story.hear(.cancelled(by: "root"))
    #expect(story.machine.phase == .cancelled && story.machine.reason == "by root")
    var other = Story(start: 5_000)
    other.hear(.cancelled(by: "eve"))
    #expect(other.takeLines() == ["- Update to 1.2.3 cancelled (by eve)"])
    other.observe(after: 10_000)
    #expect(other.takeLines() == [])
  }

  @Test("after a restart of the portal a step has its time once more, and is not told twice")
  func resumed() {
    var story = Story(isPair: false)
    story.observe()
    story.now += SiteUpdate.Limits.install
    story.machine.resume(at: story.now)
    story.views["a"]?.reportedAt = nil
    _ = story.takeLines()
    story.observe()
    #expect(story.machine.phase == .running && story.takeLines() == [])
    story.update("a", "installed")
    #expect(story.takeLines().last == "a update-activate")
  }
}
