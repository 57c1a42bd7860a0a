/// A switch that closes parts of the policy at once, in steps.
///
/// What it closes stays open only where a rule of tier ``Tier/guard`` allows it.
public struct KillSwitch: Hashable, Sendable {
  /// How far it is pulled.
  public enum Level: String, Hashable, Sendable, CaseIterable, Comparable {
    /// Not at all.
    case green
    /// What ``KillSwitch/yellow`` names is closed.
    case yellow
    /// What ``KillSwitch/yellow`` and ``KillSwitch/orange`` name is closed.
    case orange
    /// Everything is closed.
    case red

    /// By how much they close.
    public static func < (a: Level, b: Level) -> Bool { a.rank < b.rank }

    private var rank: Int {
      switch self {
      case .green: 0
      case .yellow: 1
      case .orange: 2
      case .red: 3
      }
    }
  }

  /// Connections that a level closes.
  public struct Block: Hashable, Sendable {
    /// Names of zones or groups that open the connection. A zone includes its groups.
    public var from: [String]
    /// Names of zones or groups that are reached.
    public var to: [String]
    /// The name of a service, or ``PolicyDocument/any``.
    public var service: String

    /// Joins the parts.
    public init(from: [String], to: [String], service: String) {
      self.from = from
      self.to = to
      self.service = service
    }
  }

  /// The level in force.
  public var level: Level
  /// What the first step closes.
  public var yellow: [Block]
  /// What the second step closes beside it.
  public var orange: [Block]

  /// Joins the parts.
  public init(level: Level = .green, yellow: [Block] = [], orange: [Block] = []) {
    self.level = level
    self.yellow = yellow
    self.orange = orange
  }

  /// Whether any level names anything.
  var hasBlocks: Bool { !yellow.isEmpty || !orange.isEmpty }

  /// What the level in force closes by name; ``Level/red`` needs no names.
  var blocks: [Block] {
    switch level {
    case .green, .red: []
    case .yellow: yellow
    case .orange: yellow + orange
    }
  }
}
