import Configuration
import Glibc
import Linux
import Messages
import Update
import Wire

/// What people and the portal ask for about software.
extension Supervisor {
  /// The version that runs; what is no version of ours counts as older than every other.
  var runningVersion: SoftwareVersion {
    SoftwareVersion(RunningSoftware.version) ?? SoftwareVersion(0, 0, 0)
  }

  /// Whether this is the appliance, whose software can be replaced.
  var hasSlots: Bool { options.slots != nil && !software.slot.isEmpty }

  /// `software` of the status document.
  var softwareStatus: SoftwareStatus {
    var update = software.record?.status
    if let seconds = software.record?.activateAt {
      update?.at = WallClock.timestamp(seconds: seconds)
    }
    return SoftwareStatus(
      version: RunningSoftware.version, slot: software.slot, isTrial: software.trial != nil,
      update: update)
  }

  /// What the portal is told at once about an update: not every per cent.
  var updateGist: String {
    guard let status = software.record?.status else { return "\(software.trial != nil)" }
    let at = software.record?.activateAt ?? 0
    return "\(status.version) \(status.state) \(status.percent / 10) \(at) \(status.reason)"
  }

  /// Changes what is known of the update; kept, unless only the per cent have changed.
  func updateRecord(_ change: (inout UpdateRecord) -> Void) {
    guard var record = software.record else { return }
    change(&record)
    var stored = software.record
    stored?.status.percent = record.status.percent
    let isWorthKeeping = stored != record
    software.record = record
    if isWorthKeeping { keep(setting: SettingName.update, encoded(record)) }
  }

  /// There is no update any more.
  func forgetUpdate() {
    software.record = nil
    keep(setting: SettingName.update, nil)
  }

  // MARK: Verbs

  func installUpdate(_ request: ControlRequest, _ client: ControlClient) {
    let verb = request.verb.rawValue
    guard let source = request.source, !source.isEmpty else {
      return refuse(client, "\(verb): from where? A file, a URL, or portal:VERSION")
    }
    guard checkFree(verb, client) else { return }
    let isFile = !source.contains("://") && !source.hasPrefix("portal:")
    guard !isFile || client.isSocket else {
      return refuse(client, "\(verb): \(source) is neither http://… nor https://…")
    }
    guard isFile || !options.isUnmanaged else {
      return refuse(client, "\(verb): nothing is fetched with --config; give a file")
    }
    var record = UpdateRecord(
      status: UpdateStatus(version: "", state: .downloading), source: source)
    if source.hasPrefix("portal:") {
      guard let wanted = record.wanted else {
        return refuse(client, "\(verb): \(source) is no version such as portal:1.2.3")
      }
      record.status.version = wanted.description
    }
    if let text = request.at {
      guard let time = time(text, verb, client) else { return }
      record.activateAt = time
    }
    software.record = record
    keep(setting: SettingName.update, encoded(record))
    note("update.started", "an update was asked for", source)
    if isFile { install(source) } else { fetch() }
    let failed = software.record?.status.state == .failed
    answer(
      client,
      ControlAnswer(
        done: !failed, failed ? "\(verb): \(software.record?.status.reason ?? "")" : "begun"))
  }

  func delayUpdate(_ request: ControlRequest, _ client: ControlClient) {
    let verb = request.verb.rawValue
    guard let status = software.record?.status,
      status.state == .installed || status.state.isInstalling
    else { return refuse(client, "\(verb): nothing is installed; ztb update install") }
    guard let seconds = time(request.at ?? "", verb, client) else { return }
    updateRecord { $0.activateAt = seconds }
    let at = WallClock.timestamp(seconds: seconds)
    if status.state == .installed { setParked() }
    note("update.scheduled", "the restart into \(status.version) is at \(at)", verb)
    answer(client, ControlAnswer(done: true, "the restart into the new version is at \(at)"))
  }

  func cancelUpdate(_ client: ControlClient) {
    guard let status = software.record?.status else {
      return refuse(client, "update cancel: there is no update")
    }
    switch status.state {
    case .trial:
      return refuse(client, "update cancel: it runs already; ztb update return")
    case .downloading: household?.send(.agent(.fetchCancel), to: .agent)
    case .verifying, .failed, .returned: software.run = nil
    case .writing, .installed:
      // Ended first: it may be about to name its entry.
      software.run = nil
      do throws(SystemError) {
        try partition().entries.removeAll(except: runningVersion)
      } catch { return refuse(client, "update cancel: \(error)") }
    }
    dropIncoming()
    forgetUpdate()
    note("update.cancelled", "the update was given up", status.version)
    answer(client, ControlAnswer(done: true, "the update was given up"))
  }

  /// The next time of a time of day; nil, and a refusal, when it is none.
  private func time(_ text: String, _ verb: String, _ client: ControlClient) -> Int64? {
    guard let time = UpdateSchedule(text) else {
      refuse(client, "\(verb): '\(text)' is no time of day; HH:MM, 00:00 to 23:59, UTC")
      return nil
    }
    return time.next(after: WallClock.secondsSince1970())
  }

  /// Whether an update may begin; refuses when not.
  private func checkFree(_ verb: String, _ client: ControlClient) -> Bool {
    let version = software.record?.status.version ?? ""
    if !hasSlots {
      refuse(client, "\(verb): this is not the appliance's own system; update its package instead")
    } else if software.trial != nil {
      refuse(client, "\(verb): \(RunningSoftware.version) is on trial; wait until it is kept")
    } else if software.record?.status.state.isInstalling == true {
      refuse(client, "\(verb): \(version) is being installed; wait, or ztb update cancel")
    } else if software.departure != nil {
      refuse(client, "\(verb): the appliance is about to restart")
    } else {
      return true
    }
    return false
  }

  /// The EFI system partition, for as long as the result lives.
  func partition() throws(SystemError) -> BootPartition {
    guard let slots = options.slots else {
      throw SystemError(call: "mount", code: ENOENT, subject: "EFI system partition")
    }
    return try BootPartition(slots: slots)
  }
}
