import Glibc
import Linux
import Messages
import Update
import Wire

/// `update install|status|activate|delay|cancel|return`.
enum UpdateVerbs {
  static let all = [install, status, activate, delay, cancel, back]

  private static let install = Verb(
    words: ["update", "install"], synopsis: "SOURCE [--at HH:MM]",
    summary: "check software and put it into the other slot",
    details: """
      SOURCE is a file, http://…, https://… or portal:VERSION; the agent fetches what
      is not a file. What runs is not touched. Ends when the software is installed;
      the appliance restarts into it with ztb update activate, or

        --at HH:MM  at this time of day, UTC, within 24 hours

      Nothing is written unless the manufacturer's signature and every hash are right.
      """,
    options: ["--at"], operands: 1...1
  ) { invocation in
    var request = ControlRequest(.updateInstall)
    request.at = try invocation.options["--at"].map { try time($0) }
    request.source = try source(invocation.operands[0])
    let client = ControlClient(runDirectory: invocation.runDirectory)
    _ = try client.ask(request)
    let software = try follow(client, isQuiet: invocation.isJSON)
    if invocation.isJSON { try printJSON(software) }
    guard let update = software.update, update.state == .installed else {
      throw Refusal.failed("update install: \(software.update?.reason ?? "it was given up")")
    }
    if !invocation.isJSON { print(SoftwareText.lines(software).joined(separator: "\n")) }
  }

  private static let status = Verb(
    words: ["update", "status"], synopsis: "", summary: "the version that runs, and its update"
  ) { invocation in
    let client = ControlClient(runDirectory: invocation.runDirectory)
    let software = try software(client)
    if invocation.isJSON { return try printJSON(software) }
    print(SoftwareText.lines(software).joined(separator: "\n"))
  }

  private static let activate = Verb(
    words: ["update", "activate"], synopsis: "", summary: "restart into what was installed",
    details: """
      The active node of a pair hands over first, if the other one holds every
      session. The new version is kept once all that worked before has worked for
      120 s; after ten minutes without that the appliance returns by itself.
      """
  ) { try tell($0, ControlRequest(.updateActivate), else: "restarting") }

  private static let delay = Verb(
    words: ["update", "delay"], synopsis: "HH:MM",
    summary: "restart into what was installed at this time, UTC",
    details: "Within 24 hours; leave an hour between the nodes of a pair.", operands: 1...1
  ) { invocation in
    var request = ControlRequest(.updateDelay)
    request.at = try time(invocation.operands[0])
    try tell(invocation, request, else: "delayed")
  }

  private static let cancel = Verb(
    words: ["update", "cancel"], synopsis: "", summary: "give up an update that was not started"
  ) { try tell($0, ControlRequest(.updateCancel), else: "cancelled") }

  private static let back = Verb(
    words: ["update", "return"], synopsis: "", summary: "restart into the version before",
    details: "Only as long as it is in the other slot: until the next installation."
  ) { try tell($0, ControlRequest(.updateReturn), else: "restarting") }

  // MARK: Words

  private static func time(_ text: String) throws -> String {
    guard let time = UpdateSchedule(text) else {
      throw Refusal.usage("'\(text)' is no time of day; HH:MM, 00:00 to 23:59, UTC")
    }
    return time.description
  }

  /// A file's whole path; a URL or a version of the portal as it is.
  private static func source(_ text: String) throws -> String {
    if text.contains("://") || text.hasPrefix("portal:") { return text }
    guard let path = unsafe realpath(text, nil) else {
      throw Refusal.failed("update install: there is no file \(text)")
    }
    defer { unsafe free(path) }
    return unsafe String(cString: path)
  }

  private static func software(_ client: ControlClient) throws -> SoftwareStatus {
    guard let software = try client.ask(ControlRequest(.status)).status?.software else {
      throw Refusal.failed("update: the supervisor is of a version without updates")
    }
    return software
  }

  /// Waits for the end of an installation, and tells how far it is.
  private static func follow(_ client: ControlClient, isQuiet: Bool) throws -> SoftwareStatus {
    var told = ""
    while true {
      let software = try software(client)
      guard let update = software.update, update.state.isInstalling else { return software }
      let line = "\(update.state.rawValue) \(update.percent) %"
      if line != told && !isQuiet { print(line) }
      told = line
      fflush(nil)
      usleep(500_000)
    }
  }
}
