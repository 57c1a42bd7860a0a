import Messages
import Wire

/// A drill under way: the role goes to the other node and comes back, and both moves are measured.
struct DrillRun {
  /// Where it is.
  enum Phase {
    /// `vrrp` is asked whether it would.
    case asking
    /// The probe starts; at that moment the role moves without it.
    case preparing(until: Instant)
    /// The role moves.
    case moving
    /// The role is back, as `vrrp` says in these words; until that moment the probe may still see
    /// the address come back.
    case returned(String, until: Instant)
  }

  /// Whoever waits for the end.
  let client: ControlClient
  /// Whether only the verdict is wanted.
  let isDry: Bool
  /// When it has failed.
  let deadline: Instant
  /// The number under which `vrrp` is asked.
  var request: UInt32
  /// Where it is.
  var phase = Phase.asking
  /// Whether the probe has seen the address leave and not come back yet.
  var isAway = false
  /// What is known so far.
  var report: DrillReport

  /// When it goes on by time alone.
  var due: Instant {
    switch phase {
    case .asking, .moving: deadline
    case .preparing(let until), .returned(_, let until): until
    }
  }

  /// One that asks first.
  init(_ client: ControlClient, isDry: Bool, request: UInt32, deadline: Instant) {
    self.client = client
    self.isDry = isDry
    self.request = request
    self.deadline = deadline
    report = DrillReport(isDryRun: isDry, verdict: "", steps: [])
  }
}
