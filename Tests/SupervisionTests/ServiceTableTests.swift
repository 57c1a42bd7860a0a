import Supervision
import Testing
import Wire

/// Plays a story on a table and writes down what it answers, one line per event.
private struct Story {
  var table: ServiceTable
  var now = Instant.zero
  var text = ""

  /// The services of a gateway, with round numbers.
  init() {
    table = ServiceTable([
      Service("fence"),
      Service("policy"),
      Service("sync"),
      Service("vrrp", requires: ["fence", "policy"], after: ["sync"], beatWithin: .seconds(3)),
    ])
  }

  @discardableResult
  mutating func play(_ event: ServiceTable.Event) -> [ServiceTable.Action] {
    let actions = table.handle(event, at: now)
    text += "\(now.nanoseconds / 1_000_000) \(event)\n"
    for action in actions { text += "  \(describe(action))\n" }
    return actions
  }

  /// Lets time pass to the table's deadline.
  @discardableResult
  mutating func wait() -> [ServiceTable.Action] {
    if let deadline = table.deadline { now = deadline }
    return play(.deadlineReached)
  }

  /// Starts everything; pids are 11, 12, 13, 14 in the order of the table.
  mutating func boot() {
    play(.started)
    for (pid, name) in [(11, "fence"), (12, "policy"), (13, "sync"), (14, "vrrp")] {
      table.handle(.spawned(name, pid: Int32(pid)), at: now).forEach { _ in }
      play(.becameReady(name))
    }
    text = ""
  }

  private func describe(_ action: ServiceTable.Action) -> String {
    switch action {
    case .spawn(let name): "spawn \(name)"
    case .ask(let name): "ask \(name)"
    case .terminate(let name): "terminate \(name)"
    case .kill(let name): "kill \(name)"
    case .record(let name, let old, let new, let cause):
      "\(name) \(old.rawValue) -> \(new.rawValue): \(cause)"
    case .finish: "finish"
    }
  }
}

@Test("vrrp starts last: fence and policy are ready, sync is ready too")
func startOrder() {
  var story = Story()
  #expect(story.play(.started).contains(.spawn("sync")))
  #expect(story.table["vrrp"]?.state == .waiting)
  story.play(.becameReady("fence"))
  story.play(.becameReady("policy"))
  #expect(story.table["vrrp"]?.state == .waiting)
  #expect(story.play(.becameReady("sync")).contains(.spawn("vrrp")))
}

@Test("a sync that fails does not keep vrrp from filling a vacancy; a policy that fails does")
func weakDependency() {
  var story = Story()
  story.play(.started)
  story.play(.becameReady("fence"))
  story.play(.spawned("sync", pid: 13))
  story.play(.exited("sync", pid: 13, .status(1)))
  #expect(story.table["vrrp"]?.state == .waiting)
  #expect(story.play(.becameReady("policy")).contains(.spawn("vrrp")))
}

@Test("stopping: vrrp leaves first, then sync, policy, fence, each after the one before has gone")
func stopOrder() {
  var story = Story()
  story.boot()
  story.play(.stopped)
  story.play(.exited("vrrp", pid: 14, .status(0)))
  story.play(.exited("sync", pid: 13, .status(0)))
  story.play(.exited("policy", pid: 12, .status(0)))
  story.play(.exited("fence", pid: 11, .status(0)))
  #expect(
    story.text == """
      0 stopped
        vrrp running -> leaving: asked to leave
        ask vrrp
      0 exited("vrrp", pid: 14, exit 0)
        vrrp leaving -> stopped: exit 0
        sync running -> leaving: asked to leave
        ask sync
      0 exited("sync", pid: 13, exit 0)
        sync leaving -> stopped: exit 0
        policy running -> leaving: asked to leave
        ask policy
      0 exited("policy", pid: 12, exit 0)
        policy leaving -> stopped: exit 0
        fence running -> leaving: asked to leave
        ask fence
      0 exited("fence", pid: 11, exit 0)
        fence leaving -> stopped: exit 0
        finish

      """)
  #expect(story.table.deadline == nil)
}

@Test("a service that does not leave is sent SIGTERM, then SIGKILL")
func escalation() {
  var story = Story()
  story.boot()
  story.play(.stopped)
  story.wait()
  story.wait()
  story.play(.exited("vrrp", pid: 14, .signal(9)))
  #expect(
    story.text == """
      0 stopped
        vrrp running -> leaving: asked to leave
        ask vrrp
      2000 deadlineReached
        vrrp leaving -> terminating: did not leave within 2000.000ms
        terminate vrrp
      3000 deadlineReached
        vrrp terminating -> killing: ignored SIGTERM for 1000.000ms
        kill vrrp
      3000 exited("vrrp", pid: 14, signal 9)
        vrrp killing -> stopped: signal 9
        sync running -> leaving: asked to leave
        ask sync

      """)
}

@Test("the first restart is immediate, later ones wait 100 ms, 200 ms … 10 s")
func backOff() {
  var story = Story()
  story.boot()
  let first = story.play(.exited("sync", pid: 13, .signal(11)))
  #expect(first.last == .spawn("sync"))
  story.play(.spawned("sync", pid: 21))
  let second = story.play(.exited("sync", pid: 21, .signal(11)))
  #expect(!second.contains(.spawn("sync")))
  #expect(story.table.deadline == story.now + .milliseconds(100))
  #expect(story.wait().contains(.spawn("sync")))
  #expect(story.table["sync"]?.restarts == 2)
  let delays = (1...12).map { Limits.delay(afterFailures: $0).milliseconds }
  #expect(delays == [0, 100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000, 10_000, 10_000])
}

@Test("a service that ran for ten seconds is forgiven its earlier deaths")
func forgiveness() {
  var story = Story()
  story.boot()
  story.play(.exited("sync", pid: 13, .signal(11)))
  story.play(.spawned("sync", pid: 21))
  story.play(.becameReady("sync"))
  story.now = story.now + .seconds(10)
  #expect(story.play(.exited("sync", pid: 21, .signal(11))).contains(.spawn("sync")))
}

@Test("a running service that is silent is killed and restarted; a beat puts that off")
func hang() {
  var story = Story()
  story.boot()
  story.now = story.now + .seconds(2)
  story.play(.beat("vrrp"))
  #expect(story.table.deadline == story.now + .seconds(3))
  #expect(story.wait().contains(.kill("vrrp")))
  #expect(story.play(.exited("vrrp", pid: 14, .signal(9))).contains(.spawn("vrrp")))
}

@Test("a service that does not become ready in time is killed and started again")
func notReady() {
  var story = Story()
  story.play(.started)
  story.play(.spawned("policy", pid: 12))
  #expect(story.wait().contains(.kill("policy")))
  #expect(story.play(.exited("policy", pid: 12, .signal(9))).contains(.spawn("policy")))
}

@Test("a program that cannot be started is tried again with back-off")
func spawnFailure() {
  var story = Story()
  story.play(.started)
  #expect(story.play(.spawnFailed("policy", reason: "EAGAIN")).contains(.spawn("policy")))
  #expect(!story.play(.spawnFailed("policy", reason: "EAGAIN")).contains(.spawn("policy")))
}

@Test("a restart on request leaves in order and starts in order, and counts no failure")
func restartOnRequest() {
  var story = Story()
  story.boot()
  story.play(.restartRequested(["sync", "vrrp", "unknown"]))
  story.play(.exited("vrrp", pid: 14, .status(0)))
  story.play(.exited("sync", pid: 13, .status(0)))
  story.play(.becameReady("sync"))
  #expect(
    story.text == """
      0 restartRequested(["sync", "vrrp", "unknown"])
        vrrp running -> leaving: asked to leave
        ask vrrp
      0 exited("vrrp", pid: 14, exit 0)
        vrrp leaving -> waiting: exit 0
        sync running -> leaving: asked to leave
        ask sync
      0 exited("sync", pid: 13, exit 0)
        sync leaving -> waiting: exit 0
        sync waiting -> starting: dependencies ready
        spawn sync
      0 becameReady("sync")
        sync starting -> running: ready
        vrrp waiting -> starting: dependencies ready
        spawn vrrp

      """)
  #expect(story.table["vrrp"]?.restarts == 0)
}

@Test("the end of a process that is no longer the service's is ignored")
func staleExit() {
  var story = Story()
  story.boot()
  #expect(story.play(.exited("vrrp", pid: 99, .signal(9))).isEmpty)
  #expect(story.table["vrrp"]?.state == .running)
}

@Test("property: whatever happens, stopping ends with no process and one finish")
func stoppingEnds() {
  var random = Splitmix(seed: 7)
  for _ in 0..<500 {
    var story = Story()
    var pid: Int32 = 100
    var live: [String: Int32] = [:]
    func perform(_ actions: [ServiceTable.Action], _ story: inout Story) -> Bool {
      var finished = false
      for action in actions {
        if case .spawn(let name) = action {
          pid += 1
          #expect(live[name] == nil, "a service never has two processes")
          live[name] = pid
          _ = story.table.handle(.spawned(name, pid: pid), at: story.now)
        }
        if action == .finish { finished = true }
      }
      return finished
    }
    _ = perform(story.play(.started), &story)
    for _ in 0..<30 {
      let name = ["fence", "policy", "sync", "vrrp"][Int(random.next() % 4)]
      story.now = story.now + .milliseconds(Int(random.next() % 2_000))
      switch random.next() % 4 {
      case 0: _ = perform(story.play(.becameReady(name)), &story)
      case 1:
        if let pid = live.removeValue(forKey: name) {
          _ = perform(story.play(.exited(name, pid: pid, .signal(9))), &story)
        }
      case 2: _ = perform(story.play(.restartRequested([name])), &story)
      default: _ = perform(story.play(.deadlineReached), &story)
      }
    }
    var finished = perform(story.play(.stopped), &story)
    let onTheirWay: Set<ServiceState> = [.leaving, .terminating, .killing]
    for _ in 0..<50 where !finished {
      let next = live.first { onTheirWay.contains(story.table[$0.key]?.state ?? .stopped) }
      guard let (name, pid) = next else { break }
      live[name] = nil
      finished = perform(story.play(.exited(name, pid: pid, .status(0))), &story)
    }
    #expect(finished && live.isEmpty)
  }
}

/// A seeded generator (SplitMix64).
private struct Splitmix {
  var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
    return z ^ z >> 31
  }
}
