import Linux
import Wire

/// `ztb-lab demo`: from the carton to an active pair and one power cut, told to somebody who sees
/// this for the first time.
enum DemoVerb {
  static func run(_ workspace: Workspace, _ options: Options) throws -> Int32 {
    let began = MonotonicClock.now()
    func tell(_ text: String) {
      let seconds = (MonotonicClock.now() - began).milliseconds / 1000
      Output.line("[\(seconds.text(1).padded(5)) s] \(text)")
    }
    let stage = Stage(
      workspace, try options.kind(), isFull: false, pictures: Pictures(directory: nil))
    defer { stage.end() }
    let world = try makePair(stage, tell)
    let active = try world.waitForPair(active: nil)
    tell("\(active.name) is active, \(active.peer.name) is standby and holds the same sessions")
    let fleet = try stage.makeFleet(world, Fleet.Selection())
    tell("running: 500 TCP sessions, two 16 MB/s streams, UDP, ping, ssh, scp, HTTP, FTP")
    try world.pause(milliseconds: 1500)
    tell("cutting the power of \(active.name) now: every process killed, every cable dead")
    try fleet.strike { try world.cutPower(active) }
    let survival = try fleet.settle(seconds: 20)
    let now = try world.actives().first
    tell("\(now?.name ?? "nobody") is active; every session was watched until it went on or died")
    Output.line()
    Output.table([["what a user was doing", "survived", "how"]] + rows(survival))
    Output.line()
    let probe = survival.probe ?? Report()
    Output.line("  The network was silent for \(probe.gapMs.text()) ms (one probe every 2 ms).")
    if let file = options.text("picture") {
      let picture = ProbePicture(
        samples: probe.samples, blackoutMs: probe.gapMs,
        title: "Power cut of the active gateway: \(probe.gapMs.text()) ms without an answer")
      try Files.replace(file, with: Array(picture.svg.utf8), mode: 0o644)
      Output.line("  Picture of the probe stream: \(file)")
    }
    let lost = survival.rows.filter { !$0.isWhole }
    Output.line(
      lost.isEmpty
        ? "  Nothing that a user was doing has stopped."
        : "  NOT survived: \(lost.map(\.name).joined(separator: ", "))")
    return lost.isEmpty ? 0 : 1
  }

  /// A pair by activation; where this machine lacks something for that, one with a document each.
  private static func makePair(_ stage: Stage, _ tell: @escaping (String) -> Void) throws -> World {
    tell("building the world: client – LAN switch – gwA/gwB – WAN switch – server")
    do {
      return try ActivationDemo(stage: stage, tell: tell).run()
    } catch LabError.missing(let why) {
      tell("activation is not shown: \(why)")
      stage.end()
    }
    tell("booting both gateways; the policy denies everything but LAN to WAN")
    return try stage.makeWorld()
  }

  /// The loads in the words of their users.
  private static let titles = [
    "sessions": "TCP sessions, request and answer", "bulk": "large TCP streams, up and down",
    "datagrams": "UDP flows (same port seen by the server)",
    "echo": "pings (same identifier seen by the server)", "ssh": "interactive ssh",
    "scp": "file by scp", "HTTP": "file by curl from nginx",
    "FTP passive": "FTP passive: file, next command, next file",
    "FTP active": "FTP active: file, next command, next file",
  ]

  private static func rows(_ survival: Survival) -> [[String]] {
    survival.rows.compactMap { row in
      guard let title = titles[row.name] else { return nil }
      let report = row.report
      var how = row.isWhole ? "unchanged" : (report.notes.first ?? "lost")
      if row.isWhole, let longest = report.stallsMs.max() {
        how = "longest wait \(longest.text()) ms"
      } else if row.isWhole, ["bulk", "scp", "HTTP"].contains(row.name) {
        how = "every octet right"
      }
      return [title, "\(row.kept) of \(report.total)", how]
    }
  }
}
