import Messages
import Wire

/// How the channels of the appliance have been: up or down, and when each last broke.
struct ChannelHistory {
  private struct Entry {
    var isUp: Bool
    var brokeAt: Instant?
  }

  private var entries: [String: Entry] = [:]

  /// Takes note of a channel; a channel that goes down has broken.
  mutating func observe(_ name: String, isUp: Bool, at now: Instant) {
    let old = entries[name]
    let breaks = old?.isUp == true && !isUp
    entries[name] = Entry(isUp: isUp, brokeAt: breaks ? now : old?.brokeAt)
  }

  /// The verdict on a channel: what is down is not present, what broke in the last two hours is
  /// suspicious.
  func verdict(
    _ name: String, at now: Instant
  ) -> (verdict: ChannelReport.Verdict, cause: String) {
    guard let entry = entries[name], entry.isUp else { return (.notPresent, "") }
    guard let brokeAt = entry.brokeAt, now - brokeAt < SupervisorLimits.breakMemory else {
      return (.stable, "")
    }
    let minutes = Int((now - brokeAt).milliseconds / 60_000)
    return (.suspicious, "it broke \(minutes) minutes ago")
  }
}
