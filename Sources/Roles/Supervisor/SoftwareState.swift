import Messages
import Update
import Wire

/// What the supervisor knows of its software beyond the version that runs.
struct SoftwareState {
  /// The slot that runs; empty outside the appliance.
  var slot = ""
  /// The update under way, or the last one that failed.
  var record: UpdateRecord?
  /// Processes that were told to fetch it; one that dies tells nobody.
  var fetchStarts = 0
  /// The process that installs.
  var run: InstallRun?
  /// Decides about the version that runs; nil: it is blessed.
  var trial: TrialHealth?
  /// What is to be started, while the active role is handed over, and who waits for it.
  var departure: (to: Departure, client: ControlClient)?
}

/// Which version is to be started.
enum Departure {
  /// The one that was installed.
  case installed(SoftwareVersion)
  /// One that ran before.
  case previous(SoftwareVersion)

  /// Its version.
  var version: SoftwareVersion {
    switch self {
    case .installed(let version), .previous(let version): version
    }
  }

  /// The state of its entry.
  var state: BootEntry.State {
    switch self {
    case .installed: .trial(left: BootEntry.trialStarts, done: 0)
    case .previous: .blessed
    }
  }
}

/// An update, as it outlives the process.
struct UpdateRecord: Codable, Equatable {
  /// What people see of it.
  var status: UpdateStatus
  /// Where it comes from.
  var source: String
  /// When the appliance restarts into it, seconds since 1970; nil: when it is told to.
  var activateAt: Int64?
  /// How the node was before the restart.
  var before: Health?

  /// ``TrialHealth/Observation`` as it is stored.
  struct Health: Codable, Equatable {
    var rolesRun: Bool
    var faults: [String]
    var reachesPortal: Bool
    var hearsPeer: Bool

    init(_ observation: TrialHealth.Observation) {
      rolesRun = observation.rolesRun
      faults = observation.faults
      reachesPortal = observation.reachesPortal
      hearsPeer = observation.hearsPeer
    }

    var observation: TrialHealth.Observation {
      .init(
        rolesRun: rolesRun, faults: faults, reachesPortal: reachesPortal, hearsPeer: hearsPeer)
    }
  }

  /// The version that the portal was asked for; nil: it is what the bundle says.
  var wanted: SoftwareVersion? {
    source.hasPrefix("portal:") ? SoftwareVersion(source.dropFirst(7)) : nil
  }
}
