/// What becomes of packets that rules or their absence deny.
public enum PolicyMode: String, Hashable, Sendable, CaseIterable {
  /// They are dropped.
  case enforce
  /// They are counted and logged as `would deny`, and let through. Quarantine, kill switch and
  /// spoofed, invalid, stale or untracked packets are treated as ever.
  case monitor
}
