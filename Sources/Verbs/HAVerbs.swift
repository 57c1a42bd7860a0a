import Messages
import Wire

/// `ha status|switchover|suspend|resume|drill`.
enum HAVerbs {
  static let all = [status, switchover, suspend, resume, drill]

  /// A drill waits for a full copy of the sessions between its two moves.
  private static let drillPatience = Interval.seconds(200)

  private static let status = Verb(
    words: ["ha", "status"], synopsis: "", summary: "the pair: roles, peer, link, virtual routers",
    details: """
      Also: what the adverts of this node are worth and what takes from it, path
      checks, adverts and heartbeats that were refused, by reason, and for everything
      that is wrong what to do about it.
      """
  ) { invocation in
    let status = try ControlClient(runDirectory: invocation.runDirectory).status()
    guard let ha = status.ha else { throw StatusVerbs.notAPair("ha status") }
    if invocation.isJSON { return try printJSON(ha) }
    print(HAText.pair(ha))
  }

  private static let switchover = Verb(
    words: ["ha", "switchover"], synopsis: "",
    summary: "hand the active role over without losing a packet",
    details: "Refused on the standby, and while the sessions of the nodes do not agree."
  ) { try tell($0, ControlRequest(.switchover), else: "switched over") }

  private static let suspend = Verb(
    words: ["ha", "suspend"], synopsis: "",
    summary: "leave the pair for maintenance, until ha resume",
    details: "An active node hands over first. It stays out over restarts."
  ) { try tell($0, ControlRequest(.suspend), else: "suspended") }

  private static let resume = Verb(
    words: ["ha", "resume"], synopsis: "", summary: "take part in the pair again",
    details: "The node becomes the standby; nothing moves unless ha.vrrp.preempt says so."
  ) { try tell($0, ControlRequest(.resume), else: "resumed") }

  private static let drill = Verb(
    words: ["ha", "drill"], synopsis: "[--dry-run]",
    summary: "fail over to the other node and back, measured",
    details: """
        --dry-run  only say whether it would be refused, why, and the remedy

      On the active node. The role goes to the other node, stays there until the
      sessions of both agree, and comes back. This node asks for the first virtual
      address all the while by ARP, from its own address, up to 1000 times a second:
      what a neighbour would miss. Takes up to three minutes; ends with status 1 and
      the role where it is when something stands in its way.
      """,
    flags: ["--dry-run"]
  ) { invocation in
    var request = ControlRequest(.drill)
    request.dryRun = invocation.flags.contains("--dry-run")
    let client = ControlClient(runDirectory: invocation.runDirectory)
    let answer = try client.answer(to: request, patience: drillPatience)
    if invocation.isJSON {
      try printJSON(answer)
    } else if let report = answer.drill, answer.done || !report.steps.isEmpty {
      print(HAText.drill(report))
    }
    guard answer.done else { throw Refusal.failed(answer.text) }
    if !invocation.isJSON && request.dryRun != true {
      print(answer.text.isEmpty ? "the role is back" : answer.text)
    }
  }
}
