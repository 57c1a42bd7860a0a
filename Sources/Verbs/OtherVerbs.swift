import Linux
import Messages
import Wire

/// `events`.
enum EventVerbs {
  static let events = Verb(
    words: ["events"], synopsis: "[--limit N] [--after NUMBER]",
    summary: "what happened, with cause and time, oldest first",
    details: """
        --limit N       the last N events, 1…1000 (50)
        --after NUMBER  only events with a higher number
      """,
    options: ["--limit", "--after"]
  ) { invocation in
    var request = ControlRequest(.events)
    request.limit = try invocation.number("--limit", in: 1...1_000, default: 50)
    request.after = Int64(try invocation.number("--after", in: 0...Int.max, default: 0))
    let client = ControlClient(runDirectory: invocation.runDirectory)
    let events = try client.ask(request).events ?? []
    if invocation.isJSON { return try printJSON(events) }
    for event in events {
      let cause = event.cause.isEmpty ? "" : " (\(event.cause))"
      print("\(event.time) \(padded(event.kind, 14)) \(event.text)\(cause)")
    }
  }
}

/// `wait STATE`.
enum WaitVerb {
  private static let states = [
    "disconnected", "initializing", "post-update", "restarting", "standalone", "active",
    "standby", "fault", "suspended",
  ]

  static let wait = Verb(
    words: ["wait"], synopsis: "STATE [--timeout SECONDS]",
    summary: "wait for a state of the gateway",
    details: """
      STATE is \(states.prefix(5).joined(separator: ", ")),
      \(states.dropFirst(5).joined(separator: ", ")); or
        activated   the portal manages the gateway, or a configuration file does
        sync-ready  the sessions of both nodes agree

        --timeout SECONDS  0…86400, exit status 1 when it passes (60)

      Also waits for the supervisor to start.
      """,
    options: ["--timeout"], operands: 1...1
  ) { invocation in
    let wanted = invocation.operands[0]
    guard (states + ["activated", "sync-ready"]).contains(wanted) else {
      throw Refusal.usage("there is no state '\(wanted)'; see ztb wait --help")
    }
    let seconds = try invocation.number("--timeout", in: 0...86_400, default: 60)
    let status = try poll(invocation, wanted, until: MonotonicClock.now() + .seconds(seconds))
    if invocation.isJSON { return try printJSON(status) }
    print(wanted)
  }

  private static func isThere(_ wanted: String, _ status: StatusDocument) -> Bool {
    switch wanted {
    case "sync-ready": status.sync?.ready == true
    case "activated": status.activation == "activated"
    default: status.state == wanted
    }
  }

  private static func poll(
    _ invocation: Invocation, _ wanted: String, until end: Instant
  ) throws -> StatusDocument {
    let client = ControlClient(runDirectory: invocation.runDirectory)
    let timer = try Reactor()
    while true {
      var found = ""
      do {
        let status = try client.status()
        if isThere(wanted, status) { return status }
        found = "the gateway is \(status.state)"
      } catch Refusal.failed(let text) { found = text }
      guard MonotonicClock.now() < end else {
        throw Refusal.failed("wait \(wanted): not in time, \(found)")
      }
      // An empty loop sleeps.
      try timer.turn(timeoutMilliseconds: 20)
    }
  }
}

/// `version`.
enum VersionVerb {
  static let version = Verb(
    words: ["version"], synopsis: "", summary: "version of this program, and of the supervisor"
  ) { invocation in
    // Without a supervisor there is only our own version to tell.
    let running = try? ControlClient(runDirectory: invocation.runDirectory)
      .ask(ControlRequest(.version)).text
    if invocation.isJSON {
      return try printJSON(["version": Product.version, "supervisor": running ?? ""])
    }
    print("ztb \(Product.version)")
    if let running, running != Product.version { print("supervisor \(running)") }
  }
}
