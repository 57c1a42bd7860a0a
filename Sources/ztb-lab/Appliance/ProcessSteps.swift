import Linux

/// A process of the appliance, as its kernel shows it.
private struct ShownProcess: CustomStringConvertible {
  let name: String
  let user: Int
  /// Effective capabilities, in hexadecimal.
  let capabilities: String
  let mayGainMore: Bool
  let isFiltered: Bool

  /// From one line of ``command``'s output; nil for any other.
  init?(_ line: Substring) {
    let fields = line.split(separator: " ")
    guard fields.count == 5, let user = Int(fields[1]) else { return nil }
    name = String(fields[0])
    self.user = user
    capabilities = String(fields[2])
    mayGainMore = fields[3] == "0"
    isFiltered = fields[4] == "2"
  }

  /// Name, user, capabilities, NoNewPrivs and Seccomp of each process with memory of its own.
  static let command =
    "for s in $(grep -l VmRSS /proc/[0-9]*/status); do "
    + "echo $(grep -E '^(Name|Uid|CapEff|NoNewPrivs|Seccomp):' $s 2>/dev/null | "
    + "sed -E 's/^[A-Za-z]+:[^0-9a-z]*([^ \\t]*).*/\\1/'); done"

  /// They start the others, and parse nothing from outside.
  static let root = ["init", "ztbd"]
  /// The shell that looks, and what it runs.
  static let own = ["sh", "grep", "sed", "busybox"]
  /// Debian's programs that have no filter of calls of ours: chrony, dnsmasq and the DHCP client.
  static let unfiltered = ["chronyd", "dnsmasq", "udhcpc", "busybox"]

  /// What is wrong with it; nil when it is confined as the documents say.
  var problem: String? {
    if user == 0 { return Self.root.contains(name) ? nil : "runs as root" }
    if mayGainMore { return "may gain privileges" }
    return isFiltered || Self.unfiltered.contains(name) ? nil : "has no filter of calls"
  }

  var description: String {
    let filter = isFiltered ? "filtered" : "no filter"
    return "\(name) uid \(user) capabilities \(capabilities) \(filter)"
  }
}

extension ApplianceStory {
  static let processSteps = [
    Step(
      name: "processes", summary: "uid, capabilities and filter of every process of an active node"
    ) { scene in
      let active = try scene.waitForPair()
      let shell = try EmergencyShell(scene, active)
      let text = try shell.run(ShownProcess.command, seconds: 60)
      try shell.leave()
      let all = text.split(separator: "\n").compactMap { ShownProcess($0) }
      let shown = all.filter { !($0.user == 0 && ShownProcess.own.contains($0.name)) }
      for process in shown { scene.stage.tell("\(process)") }
      let roles = ["ztb-vrrp", "ztb-fence", "ztb-sync", "ztb-policy", "ztb-web", "ztb-agent"]
      let missing = roles.filter { role in !shown.contains { $0.name == role } }
      try scene.stage.expect(missing.isEmpty, "not in the list: \(missing), of \(text)")
      let wrong = shown.compactMap { process in process.problem.map { "\(process.name) \($0)" } }
      try scene.stage.expect(wrong.isEmpty, wrong.joined(separator: "; "))
    }
  ]
}
