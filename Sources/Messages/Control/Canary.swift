/// What has to be there under a new configuration for it to be kept without a word of whoever applied
/// it.
public enum Canary: String, Codable, Hashable, Sendable, CaseIterable {
  /// The page on the management port runs.
  case management
  /// The portal has taken the news of the change, on a connection that was made since.
  case controller
  /// The other node was heard since.
  case peer
}
