import Linux
import Messages
import Update
import Wire

/// A version on trial, and one that came back from its trial.
extension Supervisor {
  /// Finds out, at the start, what the last start and the loader have left.
  func beginSoftware() {
    software.record = decoded(SettingName.update)
    software.slot = RunningSoftware.slot(runDirectory: options.runDirectory)
    guard hasSlots else { return }
    BootPartition.dropLeftover()
    do throws(SystemError) {
      try examine(try partition().entries)
    } catch { log.write(.error, "supervise", "the boot entries cannot be read: \(error)") }
  }

  private func examine(_ entries: BootEntries) throws(SystemError) {
    for name in try entries.removeUnfinished() {
      note("update.cleaned", "\(name) was removed", "an installation was cut off")
    }
    guard let own = entries.entry(of: runningVersion) else {
      return log.write(.notice, "supervise", "the loader does not know \(runningVersion)")
    }
    let named = software.record.flatMap { SoftwareVersion($0.status.version) }
    let found = StartFinding(
      software.record, running: own, other: named.flatMap { entries.entry(of: $0) })
    if found.isOnTrial { return beginTrial() }
    if found.hasMadePlace { try entries.rename(own, to: .blessed) }
    switch found.outcome {
    case .none: break
    case .isOver: forgetUpdate()
    case .interrupted:
      if software.record?.status.state == .writing {
        // Its entry may be there already, before anybody was told that it is installed.
        try entries.removeAll(except: runningVersion)
      }
      updateFailed("a restart interrupted it; install it again")
    case .returned(let version): updateReturned(version)
    case .isGone: updateFailed("its entry is gone; install it again")
    }
  }

  private func updateReturned(_ version: SoftwareVersion) {
    let reason = BootNotes(directory: options.bootNotesDirectory).reason(version.description)
    updateRecord {
      $0.status.state = .returned
      $0.status.reason = reason
      $0.activateAt = nil
    }
    note("update.returned", "\(version) did not stay, \(runningVersion) runs again", reason)
  }

  // MARK: Trial

  private func beginTrial() {
    // A line that cannot be read names no period.
    let line = (try? Files.read("/proc/cmdline", limitBytes: 65_536)) ?? []
    let seconds = RunningSoftware.healthSeconds(commandLine: String(decoding: line, as: UTF8.self))
    let unknown = TrialHealth.Observation(
      rolesRun: true, faults: [], reachesPortal: false, hearsPeer: false)
    software.trial = TrialHealth(
      before: software.record?.before?.observation ?? unknown,
      period: seconds.map { .seconds($0) } ?? TrialHealth.period, at: trialStart)
    if software.record?.status.version != RunningSoftware.version {
      // Power went before its version was kept, or everything was forgotten since.
      software.record = UpdateRecord(
        status: UpdateStatus(version: RunningSoftware.version, state: .installed),
        source: software.record?.source ?? "")
    }
    updateRecord {
      $0.status.state = .trial
      $0.status.percent = 0
    }
    note("update.trial", "\(runningVersion) runs on trial", "")
  }

  /// When the trial began. On the appliance that is its start: a supervisor that ends now and then
  /// does not begin it anew, or a version that crashes once a minute would be on trial for ever.
  private var trialStart: Instant { options.machine == nil ? MonotonicClock.now() : .zero }

  /// After each wake-up: whether the version that runs stays.
  func observeTrial() {
    guard software.trial != nil, !isStopping, farewell == nil else { return }
    switch software.trial?.observe(observation, at: MonotonicClock.now()) {
    case nil: break
    case .bless: bless("it was healthy for the whole period")
    case .giveUp(let reason): giveUp(reason)
    }
  }

  private func bless(_ cause: String) {
    software.trial = nil
    do throws(SystemError) {
      let entries = try partition().entries
      if let own = entries.entry(of: runningVersion) { try entries.rename(own, to: .blessed) }
      note("update.blessed", "\(runningVersion) stays", cause)
      forgetUpdate()
    } catch {
      // The next start is a trial again.
      note("update.failed", "\(runningVersion) cannot be kept for good", "\(error)")
    }
  }

  private func giveUp(_ reason: String) {
    software.trial = nil
    do throws(SystemError) {
      let entries = try partition().entries
      guard entries.hasFallback(for: runningVersion) else {
        return bless("\(reason); there is no version to return to")
      }
      note("update.unhealthy", "\(runningVersion) does not stay", reason)
      leaveWords(reason)
      guard let own = entries.entry(of: runningVersion) else { return }
      // At once, instead of after two more starts.
      try entries.rename(own, to: .trial(left: 0, done: BootEntry.trialStarts))
    } catch { log.write(.error, "supervise", "\(error); the boot counter leads back") }
    restartMachine(because: "\(runningVersion) does not stay: \(reason)")
  }

  private func leaveWords(_ reason: String) {
    do throws(SystemError) {
      try BootNotes(directory: options.bootNotesDirectory).add(
        words: reason, of: runningVersion.description)
    } catch { log.write(.error, "supervise", "no last words: \(error)") }
  }
}
