import Messages
import Update

/// What a start finds about software, from the entries of the loader and what was kept.
///
/// What was kept may be behind the entries by one step: power can go between the two.
struct StartFinding: Equatable {
  /// What becomes of the update that was kept.
  enum Outcome: Equatable {
    /// Nothing.
    case none
    /// It is over: this is the version, and it stays.
    case isOver
    /// It was cut off before its end; its remains go.
    case interrupted
    /// The version did not stay.
    case returned(SoftwareVersion)
    /// Its entry has disappeared.
    case isGone
  }

  /// Whether the version that runs has still to prove itself.
  var isOnTrial = false
  /// Whether its own entry carries the mark that made place for an older version, which did not stay.
  var hasMadePlace = false
  /// What becomes of the update.
  var outcome = Outcome.none

  /// - Parameters:
  ///   - record: the update that was kept.
  ///   - running: the entry of the version that runs.
  ///   - other: the entry of the version that the record names, if that is another one.
  init(_ record: UpdateRecord?, running: BootEntry, other: BootEntry?) {
    switch running.state {
    case .trial(0, 0): hasMadePlace = true
    case .trial:
      // Whatever was kept: a version whose starts are counted has not proven itself.
      isOnTrial = true
      return
    case .blessed: break
    }
    guard let status = record?.status else { return }
    if status.version == running.version.description {
      outcome = .isOver
    } else if status.state.isInstalling {
      outcome = .interrupted
    } else if status.state == .installed || status.state == .trial,
      let version = SoftwareVersion(status.version)
    {
      switch other?.state {
      case .trial(0, let done) where done > 0: outcome = .returned(version)
      case .trial, .blessed: break
      case nil: outcome = .isGone
      }
    }
  }
}
