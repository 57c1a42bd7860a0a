public import Wire

/// Decides whether a version on trial is kept.
///
/// It is kept once everything that worked before the update has worked for the whole health period.
/// When it was not for too long, the machine is started again: the boot counter then leads back.
public struct TrialHealth: Sendable {
  /// Health as it is seen at one moment.
  public struct Observation: Hashable, Sendable {
    /// Whether every role runs.
    public var rolesRun: Bool
    /// Why the node cannot forward, in words; empty: it can.
    public var faults: [String]
    /// Whether the portal answers.
    public var reachesPortal: Bool
    /// Whether the other node is heard.
    public var hearsPeer: Bool

    /// Joins the values.
    public init(rolesRun: Bool, faults: [String], reachesPortal: Bool, hearsPeer: Bool) {
      self.rolesRun = rolesRun
      self.faults = faults
      self.reachesPortal = reachesPortal
      self.hearsPeer = hearsPeer
    }
  }

  /// What becomes of the version.
  public enum Verdict: Hashable, Sendable {
    /// It stays.
    case bless
    /// Back to the one before, for this reason.
    case giveUp(String)
  }

  /// The health period that is used unless the kernel's command line names another.
  public static let period = Interval.seconds(120)
  /// The health period has to have passed within this many of its kind: ten minutes by default.
  public static let patiencePeriods = 5
  /// However short the period, starting takes its time.
  public static let shortestPatience = Interval.seconds(60)

  private let before: Observation
  private let period: Interval
  private let patience: Interval
  private let start: Instant
  private var healthySince: Instant?
  private var lacking: [String] = ["nothing was seen of it yet"]
  private var verdict: Verdict?

  /// Begins a trial.
  ///
  /// - Parameters:
  ///   - before: how the node was under the version before: what did not work then, does not count.
  ///   - period: how long everything has to work.
  public init(before: Observation, period: Interval = Self.period, at now: Instant) {
    self.before = before
    self.period = period
    patience = max(Self.shortestPatience, period * Self.patiencePeriods)
    start = now
  }

  /// Takes what is seen now; the verdict, once there is one, stays.
  public mutating func observe(_ now: Observation, at instant: Instant) -> Verdict? {
    if verdict != nil { return verdict }
    lacking = lacks(now)
    healthySince = lacking.isEmpty ? healthySince ?? instant : nil
    if let since = healthySince, instant >= since + period {
      verdict = .bless
    } else if instant >= start + patience {
      let reason = lacking.isEmpty ? "health came and went" : lacking.joined(separator: "; ")
      verdict = .giveUp(reason)
    }
    return verdict
  }

  /// When there may be a verdict although nothing happens; nil: there is one.
  public var deadline: Instant? {
    guard verdict == nil else { return nil }
    let end = start + patience
    return healthySince.map { min($0 + period, end) } ?? end
  }

  /// What is missing for health, in words.
  public var reasons: [String] { lacking }

  private func lacks(_ now: Observation) -> [String] {
    var list = now.faults.filter { !before.faults.contains($0) }
    if before.rolesRun && !now.rolesRun { list.append("not every role runs") }
    if before.reachesPortal && !now.reachesPortal { list.append("the portal is not reached") }
    if before.hearsPeer && !now.hearsPeer { list.append("the other node is not heard") }
    return list
  }
}
