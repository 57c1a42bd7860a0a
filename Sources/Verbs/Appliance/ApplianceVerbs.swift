import Messages
import Wire

/// What concerns the appliance as a whole.
enum ApplianceVerbs {
  static let all = [
    troubleshoot, diagnose, supportBundle, password, restart, factoryReset,
  ]

  private static let troubleshoot = Verb(
    words: ["troubleshoot", "connection"], synopsis: "",
    summary: "how every channel is, and why",
    details: """
      Stable: up, and no break in the last two hours. Suspicious: up with a break, or
      doubtful. Not present: not up; the cause names the remedy.
      """
  ) { invocation in
    let client = ControlClient(runDirectory: invocation.runDirectory)
    let channels = try client.ask(ControlRequest(.troubleshoot)).channels ?? []
    if invocation.isJSON { return try printJSON(channels) }
    for channel in channels { print(line(channel)) }
  }

  /// `portal          Stable       203.0.113.10:8443`.
  static func line(_ channel: ChannelReport) -> String {
    let head = padded(channel.name, 16) + padded(channel.verdict.rawValue, 13) + channel.peer
    return channel.cause.isEmpty ? head : "\(head)\n\(padded("", 16))\(channel.cause)"
  }

  private static let diagnose = Verb(
    words: ["diagnose"], synopsis: "KIND [TARGET]",
    summary: "try one thing of the network, at most 20 s",
    details: """
      KIND is one of
        ping    four echo requests to TARGET (the default router)
        dns     resolve TARGET (the portal) by each name server in turn
        proxy   open a tunnel through the web proxy to the portal
        portal  reach the portal
        ports   every upstream port that the product needs
      """,
    operands: 1...2
  ) { invocation in
    var request = ControlRequest(.diagnose)
    guard let kind = ControlRequest.Diagnosis(rawValue: invocation.operands[0]) else {
      throw Refusal.usage("there is no diagnosis '\(invocation.operands[0])'")
    }
    request.diagnosis = kind
    request.target = invocation.operands.dropFirst().first
    let client = ControlClient(runDirectory: invocation.runDirectory)
    let lines = try client.ask(request, patience: .seconds(40)).lines ?? []
    if invocation.isJSON { return try printJSON(lines) }
    for line in lines { print(line) }
  }

  private static let supportBundle = Verb(
    words: ["support-bundle"], synopsis: "",
    summary: "write a file for support; prints its path",
    details: """
      A tar archive, readable by user 0 only: version, configuration without secrets,
      status, events, logs, ruleset, addresses, routes. At most 50 MB; three are kept.
      """
  ) { invocation in
    let client = ControlClient(runDirectory: invocation.runDirectory)
    let answer = try client.ask(ControlRequest(.supportBundle), patience: .seconds(60))
    guard !answer.text.isEmpty else {
      throw Refusal.failed("support-bundle: not written in time; try again")
    }
    if invocation.isJSON { return try printJSON(answer) }
    print(answer.text)
  }

  private static let password = Verb(
    words: ["password"], synopsis: "",
    summary: "change the administrator's password of the console",
    details: """
      Reads lines from standard input: the old password where one is set, then the
      new one; on a terminal it asks, and for the new one twice. At least 14
      characters; a sentence does well.
      """
  ) { invocation in
    let client = ControlClient(runDirectory: invocation.runDirectory)
    var request = ControlRequest(.setPassword)
    if try client.ask(ControlRequest(.overview)).appliance?.hasPassword == true {
      request.oldPassword = try SecretInput.line(prompt: "Old password: ")
    }
    let new = try SecretInput.line(prompt: "New password: ")
    guard try !SecretInput.isInteractive || SecretInput.line(prompt: "Again: ") == new else {
      throw Refusal.failed("password: the two are not the same; nothing was changed")
    }
    request.password = new
    try tell(invocation, request, else: "password changed")
  }

  private static let restart = Verb(
    words: ["restart"], synopsis: "", summary: "have every role leave in order and start again",
    details: "The peer of a pair takes over meanwhile."
  ) { try tell($0, ControlRequest(.restart), else: "restarting") }

  private static let factoryReset = Verb(
    words: ["factory-reset"], synopsis: "--yes-erase NAME",
    summary: "forget everything but the serial number",
    details: """
        --yes-erase NAME  the gateway's name, or its serial number

      Configuration, certificate, password, events and log are erased; the portal
      must then give a new code.
      """,
    options: ["--yes-erase"]
  ) { invocation in
    guard let typed = invocation.options["--yes-erase"] else {
      throw Refusal.usage("factory-reset: --yes-erase NAME, with the gateway's name")
    }
    let client = ControlClient(runDirectory: invocation.runDirectory)
    let overview = try client.ask(ControlRequest(.overview))
    let names = [
      overview.activation?.gateway, overview.status?.gateway, overview.appliance?.serial,
    ].compactMap { $0 }.filter { !$0.isEmpty }
    guard names.contains(typed) else {
      throw Refusal.failed(
        "factory-reset: this is \(names.first ?? "not known"), not \(typed); nothing was erased")
    }
    try tell(invocation, ControlRequest(.factoryReset), else: "erased")
  }
}
