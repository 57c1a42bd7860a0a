import Configuration
import Glibc
import Linux
import Messages
import Update
import Wire

/// An update on its way into the other slot: fetched by the agent, installed by a process of its own.
extension Supervisor {
  /// The number of the agent's user, who owns what it fetches.
  private static let agentUser: UInt32 = 7_105

  private var incomingDirectory: String {
    options.dataPlace + "/update/incoming"
  }

  private var incomingPath: String { incomingDirectory + "/bundle.ztb" }

  // MARK: Fetching

  /// Has the agent fetch a bundle.
  func fetch() {
    // One that has not moved in yet is told when it does.
    let isAwaited = houseDueAt != nil && SupervisedPrograms.net != nil
    guard household?.has(.agent) == true || isAwaited else {
      return updateFailed("there is no agent here that could fetch it; give a file")
    }
    do throws(SystemError) {
      try makeIncomingDirectory()
      software.fetchStarts = 0
      fetchAgain()
    } catch { updateFailed("\(error)") }
  }

  /// Has the agent that runs now fetch what is to be fetched: the one before ended without a word.
  func fetchAgain() {
    guard let record = software.record, record.status.state == .downloading else { return }
    software.fetchStarts += 1
    guard software.fetchStarts <= SupervisorLimits.fetchStarts else {
      return updateFailed("the agent ended again and again while it fetched; see the log")
    }
    household?.send(.agent(.fetch(source: record.source, path: incomingPath)), to: .agent)
  }

  /// Frees the room that a bundle took.
  func dropIncoming() { unsafe unlink(incomingPath) }

  /// The agent has so much of it.
  func fetched(_ octets: UInt64, of total: UInt64) {
    guard software.record?.status.state == .downloading, total > 0 else { return }
    updateRecord { $0.status.percent = Int(min(octets, total) * 100 / total) }
  }

  /// The agent has all of it, or (with a reason) has not.
  func fetchEnded(_ reason: String) {
    // One that was given up meanwhile is over already.
    guard software.record?.status.state == .downloading else { return }
    if reason.isEmpty { install(incomingPath) } else { updateFailed(reason) }
  }

  private func makeIncomingDirectory() throws(SystemError) {
    let parent = Files.parent(of: incomingDirectory)
    for (path, mode, user) in [(parent, 0o711, 0), (incomingDirectory, 0o700, Self.agentUser)] {
      do throws(SystemError) {
        try system("mkdir", path) { unsafe mkdir(path, mode_t(mode)) }
      } catch { if error.code != EEXIST { throw error } }
      try system("chown", path) { unsafe chown(path, user, user) }
      try system("chmod", path) { unsafe chmod(path, mode_t(mode)) }
    }
  }

  // MARK: Installing

  /// Starts the installer on a bundle.
  func install(_ path: String) {
    updateRecord {
      $0.status.state = .verifying
      $0.status.percent = 0
    }
    do throws(SystemError) {
      software.run = try InstallRun(
        path, try installArguments(), partition: try partition(), reactor,
        said: { [unowned self] in installerSaid($0) },
        ended: { [unowned self] in installerEnded($0) })
    } catch { updateFailed("\(error)") }
  }

  private func installArguments() throws(SystemError) -> [String] {
    let key = String(
      decoding: try Files.read(options.anchorKeyPath, limitBytes: 256), as: UTF8.self)
    var arguments = [
      "--slots", options.slots ?? "", "--slot", software.slot == "a" ? "b" : "a",
      "--version", runningVersion.description, "--profile", plan.given.gateway.profile.name,
      "--key", key.filter { !$0.isWhitespace },
    ]
    if let wanted = software.record?.wanted { arguments += ["--wanted", wanted.description] }
    if software.record?.activateAt != nil { arguments.append("--parked") }
    return arguments
  }

  private func installerSaid(_ line: String) {
    let words = line.split(separator: " ")
    guard words.count == 2, let percent = Int(words[1]) else { return }
    let states: [Substring: UpdateStatus.State] = ["verifying": .verifying, "writing": .writing]
    guard let state = states[words[0]] else { return }
    updateRecord {
      $0.status.state = state
      $0.status.percent = percent
    }
  }

  private func installerEnded(_ line: String) {
    let finished = software.run
    software.run = nil
    dropIncoming()
    if line.hasPrefix("installed "), let version = SoftwareVersion(line.dropFirst(10)) {
      updateInstalled(version, in: finished?.partition)
    } else if line.hasPrefix("refused ") {
      updateFailed(String(line.dropFirst(8)))
    } else {
      updateFailed("the installer ended early (\(line)); install it again")
    }
    withExtendedLifetime(finished) {}
  }

  private func updateInstalled(_ version: SoftwareVersion, in partition: BootPartition?) {
    updateRecord {
      $0.status.version = version.description
      $0.status.state = .installed
      $0.status.percent = 100
    }
    if software.record?.activateAt != nil { setParked(in: partition) }
    note("update.installed", "\(version) is in the other slot", software.record?.source ?? "")
  }

  /// The update does not come about; what runs goes on.
  func updateFailed(_ reason: String) {
    updateRecord {
      $0.status.state = .failed
      $0.status.reason = reason
      $0.activateAt = nil
    }
    note("update.failed", "the update was not installed", reason)
  }

  /// Has the loader leave the new version alone until its time has come; `mounted` is the partition
  /// of an installer that has ended, as a second mount beside it is refused.
  func setParked(in mounted: BootPartition? = nil) {
    guard let version = software.record.flatMap({ SoftwareVersion($0.status.version) }) else {
      return
    }
    do throws(SystemError) {
      let entries = if let mounted { mounted.entries } else { try partition().entries }
      guard let entry = entries.entry(of: version) else { return }
      try entries.rename(entry, to: .trial(left: 0, done: 0))
    } catch { log.write(.error, "supervise", "the new version is not parked: \(error)") }
  }

  // MARK: Time

  /// When ``expireUpdate(at:)`` is due.
  var updateDeadline: Instant? {
    [software.run?.deadline, activationDeadline, software.trial?.deadline]
      .compactMap { $0 }.min()
  }

  private var activationDeadline: Instant? {
    guard let at = software.record?.activateAt, software.record?.status.state == .installed,
      software.departure == nil
    else { return nil }
    let seconds = min(max(at - WallClock.secondsSince1970(), 0), 86_400)
    return MonotonicClock.now() + .seconds(Int(seconds))
  }

  /// Ends an installer that hangs, and restarts into the new version when its time has come.
  func expireUpdate(at now: Instant) {
    if let run = software.run, run.deadline <= now {
      software.run = nil
      updateFailed("the installer hung; install it again")
    }
    guard let deadline = activationDeadline, deadline <= now,
      let at = software.record?.activateAt
    else { return }
    let late = WallClock.secondsSince1970() - at
    guard late <= SupervisorLimits.activationGrace else {
      // It was off at that time: nobody expects it to restart at any other.
      let next = UpdateSchedule(secondsSince1970: at).next(after: WallClock.secondsSince1970())
      updateRecord { $0.activateAt = next }
      note(
        "update.scheduled", "the restart was missed", "next \(WallClock.timestamp(seconds: next))")
      return
    }
    activateUpdate(.itself)
  }
}
