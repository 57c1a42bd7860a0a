import Messages

/// `status`, `sync status`, `leases`.
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
    Verb(
      words: ["leases"], synopsis: "", summary: "which host of a LAN has which address, until when"
    ) { invocation in
      let client = ControlClient(runDirectory: invocation.runDirectory)
      let leases = try client.ask(ControlRequest(.leases)).leases ?? []
      if invocation.isJSON { return try printJSON(leases) }
      print(StatusText.leases(leases))
    },
  ]

  static func notAPair(_ verb: String) -> Refusal {
    .failed("\(verb): the gateway is not one of a pair; configure an ha section")
  }
}
