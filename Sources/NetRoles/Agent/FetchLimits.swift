import Wire

/// Numbers that bound a fetch.
enum FetchLimits {
  /// Largest software, in octets.
  static let octets = 512 << 20
  /// Redirects of a URL.
  static let redirects = 5
  /// One try, however slow the line is.
  static let timeout = Interval.seconds(6 * 3_600)
  /// Without a single octet.
  static let stallTimeout = Interval.seconds(60)
  /// Tries in a row that bring nothing.
  static let tries = 8
  /// Before the second try; twice as long before each further one.
  static let firstWait = Interval.milliseconds(500)
  /// Longest wait between two tries.
  static let longestWait = Interval.seconds(30)
  /// Shortest time between two reports of progress.
  static let progressSpacing = Interval.milliseconds(500)
}
