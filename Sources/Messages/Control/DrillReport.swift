/// What a drill found out (`ztb ha drill`).
public struct DrillReport: Codable, Hashable, Sendable {
  /// Whether nothing was moved.
  public var isDryRun: Bool
  /// `would hand over: …` or `would refuse: …`, with the remedy.
  public var verdict: String
  /// What happened, in order.
  public var steps: [DrillStep]

  /// Joins the parts.
  public init(isDryRun: Bool, verdict: String, steps: [DrillStep]) {
    self.isDryRun = isDryRun
    self.verdict = verdict
    self.steps = steps
  }
}

/// One step of a drill.
public struct DrillStep: Codable, Hashable, Sendable {
  /// What happened.
  public var text: String
  /// Who measured: `probe`, which asks for the address as a neighbour does, or `vrrp`.
  public var by: String
  /// How long nobody had the role or answered, in milliseconds; nil: there is nothing to measure.
  public var outageMs: Double?
  /// Questions that nobody answered in that time, one a millisecond.
  public var probesLost: Int?

  /// Joins the parts.
  public init(text: String, by: String, outageMs: Double?, probesLost: Int?) {
    self.text = text
    self.by = by
    self.outageMs = outageMs
    self.probesLost = probesLost
  }

  /// `outage 1.4 ms, 1 probe lost`; empty when nothing was measured.
  public var figures: String {
    guard let outageMs else { return "" }
    let tenths = Int((outageMs * 10).rounded())
    let lost = probesLost.map { ", \($0) probe\($0 == 1 ? "" : "s") lost" } ?? ""
    return "outage \(tenths / 10).\(tenths % 10) ms\(lost)"
  }
}
