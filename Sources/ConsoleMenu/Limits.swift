import Wire

/// Numbers that bound the console.
public enum Limits {
  /// Characters of one line; more ring the bell.
  public static let lineCharacters = 512
  /// Octets typed ahead that are kept; more ring the bell.
  public static let typedAheadOctets = 16_384
  /// Wrong answers to one question after which the dialogue ends.
  static let wrongAnswers = 5
  /// Columns of the screen.
  static let columns = 80

  /// Time until a supervisor that did not say who we are is asked again.
  static let beginPatience = Interval.seconds(3)
  /// How long an overview may take.
  static let overviewPatience = Interval.seconds(10)
  /// How long a change of the configuration or a diagnosis may take.
  static let requestPatience = Interval.seconds(60)
  /// How often the progress of an activation is asked for.
  static let progressPeriod = Interval.milliseconds(500)
  /// What is typed in this time after an activation began was typed ahead: it waits for the end.
  static let typeAheadGrace = Interval.seconds(2)
  /// An activation of which nothing is to be seen after this time was ended by somebody else.
  static let activationBegins = Interval.seconds(10)
  /// The pause after the first wrong password; each further one doubles it.
  static let firstPause = Interval.seconds(1)
  /// The longest of these pauses.
  static let longestPause = Interval.seconds(64)
  /// Shortest password.
  static let passwordCharacters = 14
  /// Longest password.
  static let longestPassword = 128
}
