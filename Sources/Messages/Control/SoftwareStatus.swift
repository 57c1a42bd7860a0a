/// The software of the appliance: `software` of the status document.
public struct SoftwareStatus: Codable, Hashable, Sendable {
  /// The version that runs.
  public var version: String
  /// `a` or `b`; empty where the supervisor is not the appliance's own.
  public var slot: String
  /// Whether this version has still to prove itself.
  public var isTrial: Bool
  /// The update under way, or the last one that failed; nil: neither.
  public var update: UpdateStatus?

  /// Joins the parts.
  public init(version: String, slot: String, isTrial: Bool, update: UpdateStatus?) {
    self.version = version
    self.slot = slot
    self.isTrial = isTrial
    self.update = update
  }
}

/// How far an update is.
public struct UpdateStatus: Codable, Hashable, Sendable {
  /// Where an update stands.
  public enum State: String, Codable, Hashable, Sendable {
    /// It is fetched.
    case downloading
    /// Its signature and hashes are checked.
    case verifying
    /// It is written into the other slot.
    case writing
    /// It waits for the restart into it.
    case installed
    /// It runs and has still to prove itself.
    case trial
    /// It was not installed.
    case failed
    /// It did not prove itself; the version before runs again.
    case returned

    /// Whether it is on its way into the slot.
    public var isInstalling: Bool {
      switch self {
      case .downloading, .verifying, .writing: true
      case .installed, .trial, .failed, .returned: false
      }
    }
  }

  /// Its version; empty before it is known.
  public var version: String
  /// Where it stands.
  public var state: State
  /// Of the state, 0…100.
  public var percent: Int
  /// Why it failed or was returned from; empty otherwise.
  public var reason: String
  /// When the appliance restarts into it by itself, RFC 3339; empty: when it is told to.
  public var at: String

  /// Joins the parts.
  public init(version: String, state: State, percent: Int = 0, reason: String = "", at: String = "")
  {
    self.version = version
    self.state = state
    self.percent = percent
    self.reason = reason
    self.at = at
  }
}
