import Messages

/// `status`, `ha status`, `ha switchover`, `sync status`.
enum StatusVerbs {
  static let all = [
    Verb(
      words: ["status"], synopsis: "", summary: "state of the gateway, its pair and its roles"
    ) { invocation in
      let status = try ControlClient(runDirectory: invocation.runDirectory).status()
      if invocation.isJSON { return try printJSON(status) }
      print(StatusText.overview(status))
    },
    Verb(
      words: ["ha", "status"], synopsis: "", summary: "the pair: roles, peer, link, virtual routers"
    ) { invocation in
      let status = try ControlClient(runDirectory: invocation.runDirectory).status()
      guard let ha = status.ha else { throw notAPair("ha status") }
      if invocation.isJSON { return try printJSON(ha) }
      print(StatusText.pair(ha, alarms: status.alarms))
    },
    Verb(
      words: ["ha", "switchover"], synopsis: "",
      summary: "hand the active role over without losing a packet",
      details: "Refused on the standby, and while the sessions of the nodes do not agree."
    ) { invocation in
      let client = ControlClient(runDirectory: invocation.runDirectory)
      let answer = try client.ask(ControlRequest(.switchover))
      if invocation.isJSON { return try printJSON(answer) }
      print(answer.text.isEmpty ? "switched over" : answer.text)
    },
    Verb(
      words: ["sync", "status"], synopsis: "",
      summary: "session synchronisation: counts and digests"
    ) { invocation in
      let status = try ControlClient(runDirectory: invocation.runDirectory).status()
      guard status.ha != nil else { throw notAPair("sync status") }
      guard let sync = status.sync else {
        throw Refusal.failed("sync status: sync has not reported yet; see ztb status")
      }
      if invocation.isJSON { return try printJSON(sync) }
      print(StatusText.synchronisation(sync))
    },
  ]

  private static func notAPair(_ verb: String) -> Refusal {
    .failed("\(verb): the gateway is not one of a pair; configure an ha section")
  }
}
