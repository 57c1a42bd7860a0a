import Messages
import Wire

/// A drill under way: the role goes to the other node and comes back, and both moves are measured.
struct DrillRun {
  /// Where it is.
  enum Phase {
    /// `vrrp` is asked whether it would.
    case asking
    /// The probe starts.
    case preparing
    /// The role moves.
    case moving
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
  /// What is known so far.
  var report: DrillReport

  /// One that asks first.
  init(_ client: ControlClient, isDry: Bool, request: UInt32, deadline: Instant) {
    self.client = client
    self.isDry = isDry
    self.request = request
    self.deadline = deadline
    report = DrillReport(isDryRun: isDry, verdict: "", steps: [])
  }
}
