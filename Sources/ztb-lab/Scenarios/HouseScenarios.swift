import Glibc
import Linux
import Wire

extension Scenario {
  /// Wrong configuration, and what is left behind.
  static let house = [
    Scenario(
      name: "config-ten-mistakes",
      summary: "a document with ten mistakes gets ten messages with paths and changes nothing"
    ) { stage in
      let world = try stage.makeWorld()
      let gateway = try world.product(.a)
      try gateway.host.write("/run/wrong.json", ZtbDocument.withTenMistakes)
      let before = try gateway.ztb("config", "show")
      for verb in ["check", "apply"] {
        let (status, output) = try gateway.attempt("config", verb, "/run/wrong.json")
        let found = ZtbDocument.mistakes.filter { output.contains($0) }
        stage.tell("config \(verb): \(status), \(found.count) of 10 paths named")
        try stage.expect(status == .exited(1), "config \(verb) ended by \(status)")
        let missing = ZtbDocument.mistakes.filter { !output.contains($0) }
        try stage.expect(missing.isEmpty, "config \(verb) does not name \(missing): \(output)")
      }
      try stage.expect(try gateway.ztb("config", "show") == before, "the configuration changed")
    },
    Scenario(
      name: "stop-leaves-nothing",
      summary: "after SIGTERM a node holds no address, table, route or interface of the product"
    ) { stage in
      let world = try stage.makeWorld()
      for node in Node.allCases.reversed() {
        let gateway = world.gateway(node)
        try gateway.stop()
        let host = gateway.host
        let tables = try host.run(["nft", "list", "tables"])
        let addresses = try host.run(["ip", "-br", "-4", "addr", "show", "scope", "global"])
        let routes = try host.run(["ip", "route"])
        let links = try host.run(["ip", "-br", "link", "show", "type", "macvlan"])
        // Process 1 is the lab's; ps sees itself.
        let processes = try host.run(["ps", "-N", "-p", "1", "-o", "comm="])
          .split(separator: "\n").filter { !$0.hasPrefix("ps") }
        let left = [tables, addresses, routes, links, processes.joined(separator: " ")]
        try stage.expect(left.allSatisfy(\.isEmpty), "\(node.name) still has: \(left)")
      }
    },
    Scenario(
      name: "roles-confined",
      summary: "every role has its own user, no way to more privileges, and a filter of calls"
    ) { stage in
      let world = try stage.makeWorld()
      for node in Node.allCases { try expectConfined(stage, world.gateway(node)) }
    },
    Scenario(
      name: "leaves-nothing",
      summary: "a lab ended by Ctrl-C, SIGTERM or SIGKILL leaves no process, namespace or file"
    ) { stage in
      for number in [SIGINT, SIGTERM, SIGKILL] { try endLab(stage, by: number) }
    },
  ]

  private static func expectConfined(_ stage: Stage, _ gateway: any Gateway) throws {
    let script = """
      cd /proc
      for pid in [0-9]*; do
        read -r name < $pid/comm
        case $name in
          ztb-vrrp | ztb-fence | ztb-sync | ztb-policy | ztb-lldp)
            set -- $(sed -En 's/^(Uid|CapEff|NoNewPrivs|Seccomp):[[:space:]]*([^[:space:]]+).*/\\2/p' \
              $pid/status)
            echo "$name $*" ;;
        esac
      done
      """
    let lines = try gateway.host.run(["sh", "-c", script]).split(separator: "\n").sorted()
    for line in lines { stage.tell("\(gateway.node.name): \(line)") }
    try stage.expect(lines.count == 5, "\(lines.count) of 5 roles are there")
    for line in lines {
      // Name, user, capabilities, no_new_privs, filter.
      let words = line.split(separator: " ")
      let isConfined =
        words.count == 5 && words[1].hasPrefix("71") && words[3] == "1" && words[4] == "2"
      try stage.expect(isConfined, "a role is not confined: \(line)")
    }
  }

  /// Starts another lab, ends it with a signal, and looks for what it left.
  private static func endLab(_ stage: Stage, by number: Int32) throws {
    let work = try stage.workspace.directory("nested")
    let lab = try startNested(stage, work)
    guard waitUntil(seconds: 60, { stage.workspace.logText("nested").contains("is up") }) else {
      throw LabError.timeout("a second lab to start")
    }
    let family = ProcessTable.descendants(of: lab.pid)
    let networks = Set(family.compactMap(ProcessTable.network)).subtracting(
      [ProcessTable.network(getpid())].compactMap { $0 })
    lab.signal(number)
    guard lab.wait(milliseconds: 20_000) != nil else { throw LabError.timeout("a lab to end") }
    let isGone = waitUntil(seconds: 10) { !family.contains(where: ProcessTable.isAlive) }
    try stage.expect(
      isGone, "processes outlive signal \(number): \(family.filter(ProcessTable.isAlive))")
    let left = Set(
      Directory.names("/proc").compactMap { Int32($0) }.compactMap(ProcessTable.network))
    try stage.expect(left.isDisjoint(with: networks), "a network outlives signal \(number)")
    if number == SIGKILL {
      // Nobody was left to clean up: the next lab does it.
      let next = try startNested(stage, work)
      try stage.expect(
        waitUntil(seconds: 20) { !Directory.names(work).contains("\(lab.pid)") },
        "the next lab did not remove what a killed one left")
      next.signal(SIGTERM)
      guard next.wait(milliseconds: 20_000) != nil else { throw LabError.timeout("a lab to end") }
    }
    try stage.expect(Directory.names(work).isEmpty, "files outlive signal \(number)")
    stage.tell("signal \(number): \(family.count) processes, \(networks.count) networks, all gone")
  }

  private static func startNested(_ stage: Stage, _ work: String) throws -> ChildProcess {
    try stage.workspace.directory("log")
    let path = stage.workspace.path + "/log/nested"
    unsafe unlink(path)
    let log = try stage.workspace.log("nested")
    var arguments = ["ztb-lab", "world", "--work", work, "--kind", stage.kind.name]
    if case .ztb(let program, _) = stage.kind { arguments += ["--ztbd", program] }
    var specification = ProcessSpecification(arguments: arguments)
    specification.descriptors = [stage.workspace.null, log.rawValue, log.rawValue]
    specification.deathSignal = SIGTERM
    return try specification.spawn()
  }

  private static func waitUntil(seconds: Int, _ condition: () -> Bool) -> Bool {
    let end = MonotonicClock.now() + .seconds(seconds)
    while !condition() {
      if MonotonicClock.now() > end { return false }
      _ = poll(nil, 0, 20)
    }
    return true
  }
}

extension ProcessTable {
  /// Children, their children and so on.
  static func descendants(of pid: Int32) -> [Int32] {
    children(of: pid).flatMap { [$0] + descendants(of: $0) }
  }

  /// The network namespace of a process, such as `net:[4026531840]`.
  static func network(_ pid: Int32) -> String? {
    var buffer = [CChar](repeating: 0, count: 64)
    let count = unsafe readlink("/proc/\(pid)/ns/net", &buffer, 63)
    guard count > 0 else { return nil }
    return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

extension ZtbDocument {
  /// Where ``withTenMistakes`` is wrong.
  static let mistakes = [
    "gateway.profile", "wan.address", "wan.gateway", "lan[0].address", "ha.key", "ha.vrrp.groupId",
    "ha.vrrp.advertIntervalMs", "nat.source[0].ports", "helpers[0]", "policy.rules[0].to",
  ]

  /// A document with one mistake at each of ``mistakes``.
  static var withTenMistakes: String {
    var text = ZtbDocument(node: .a, advertIntervalMs: 15).text
    let changes = [
      ("\"profile\": \"zt400\"", "\"profile\": \"zt999\""),
      ("\"address\": \"\(Node.a.wanAddress)/24\"", "\"address\": \"\(Node.a.wanAddress)/33\""),
      ("\"gateway\": \"\(Plan.server)\"", "\"gateway\": \"nowhere\""),
      ("\"\(Node.a.lanAddress)/24\"", "\"\(Node.a.lanAddress)\""),
      ("\"key\": \"\(key)\"", "\"key\": \"c2hvcnQ=\""),
      ("\"groupId\": \(Plan.group)", "\"groupId\": 300"),
      ("\"ports\": \"random\"", "\"ports\": \"maybe\""),
      ("\"helpers\": [\"ftp\"]", "\"helpers\": [\"telepathy\"]"),
      ("\"to\": [\"wan\"]", "\"to\": [\"moon\"]"),
    ]
    for (right, wrong) in changes {
      guard let range = text.firstRange(of: right) else { continue }
      text.replaceSubrange(range, with: wrong)
    }
    return text
  }
}
