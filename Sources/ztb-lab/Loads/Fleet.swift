import Linux
import Wire

/// All loads of a scenario together: servers, clients, and what became of them.
final class Fleet {
  /// Which loads run.
  struct Selection {
    var sessions = 500
    var bulk = true
    var datagrams = 50
    var echoes = 20
    /// ssh, scp, HTTP, FTP by the real programs.
    var programs = true
    var probe = true
    var arpWatch = false
    /// Also an ssh session that says nothing until the event is over.
    var idleShell = false
    /// What clients and servers speak.
    var family = AddressFamily.ipv4

    static let light = Selection(
      sessions: 100, bulk: false, datagrams: 20, echoes: 10, programs: false, arpWatch: true)
    static let probeOnly = Selection(
      sessions: 0, bulk: false, datagrams: 0, echoes: 0, programs: false)
  }

  private let world: World
  private let selection: Selection
  private var servers: [String: LoadHandle] = [:]
  private var clients: [LoadHandle] = []
  private(set) var probe: LoadHandle?
  private(set) var arpWatch: LoadHandle?

  /// Octets of the files that are fetched across the event, at about 2 MB/s.
  static let longFile = 12 << 20
  static let smallFile = 100_000

  init(_ world: World, _ selection: Selection) throws {
    self.world = world
    self.selection = selection
    try startServers()
  }

  /// Starts the clients; returns when each has had its first answer.
  func start() throws {
    if selection.probe { probe = try client("probe", realTime: true) }
    if selection.sessions > 0 { try client("sessions", ["count=\(selection.sessions)"]) }
    if selection.bulk { try client("bulk") }
    if selection.datagrams > 0 { try client("datagrams", ["count=\(selection.datagrams)"]) }
    if selection.echoes > 0 { try client("echo", ["count=\(selection.echoes)"]) }
    if selection.arpWatch {
      arpWatch = try LoadHandle("arp-watch", in: world.fabric.host, world.workspace)
    }
    if selection.idleShell {
      try client("shell", [RealPrograms.ssh(selection.family), "idle=1"], name: "idle ssh")
    }
    if selection.programs { try startPrograms() }
    for load in clients { try load.ask(.ready) }
    try arpWatch?.ask(.ready)
  }

  /// Makes the event happen between two questions to all loads.
  func strike(_ event: () throws -> Void) throws {
    try askAll(.mark)
    try event()
    try askAll(.struck)
  }

  /// Waits until everything moves again or `seconds` have passed, ends the transfers as their users
  /// would, and tells what survived.
  func settle(seconds: Int) throws -> Survival {
    let end = MonotonicClock.now() + .seconds(seconds)
    // A probe counts as lost a quarter of a second after it was sent: not before can the blackout
    // be told.
    try world.pause(milliseconds: 600)
    var survival = Survival()
    let lasting = clients.filter { Fleet.isLasting($0.name) }
    while true {
      survival = Survival()
      for load in lasting { survival.add(load.name, try load.ask(.report)) }
      if survival.isComplete || MonotonicClock.now() > end { break }
      try world.pause(milliseconds: 200)
    }
    let ending = clients.filter { !Fleet.isLasting($0.name) }
    for load in ending { try load.tell(.finish) }
    for load in ending { survival.add(load.name, lastAnswer(load)) }
    clients.removeAll { !Fleet.isLasting($0.name) }
    if let server = servers["datagram-server"], selection.datagrams > 0 {
      survival.changed("datagrams", try server.ask(.report).changed)
    }
    if let watch = servers["echo-watch"], selection.echoes > 0 {
      survival.changed("echo", try watch.ask(.report).changed)
    }
    if let server = servers["bulk-server"], selection.bulk {
      survival.refused("bulk", try server.ask(.report))
    }
    if let arpWatch { survival.arp = try arpWatch.ask(.report) }
    return survival
  }

  /// Begins the transfers by real programs again, for the next event.
  func renew() throws {
    if selection.bulk { try client("bulk") }
    if selection.programs { try startTransfers() }
    for load in clients { try load.ask(.ready) }
  }

  /// Ends everything.
  func stop() {
    for load in clients + Array(servers.values) + [arpWatch].compactMap({ $0 }) { load.stop() }
    clients = []
    servers = [:]
  }

  /// A bulk stream or a file has an end; what has none goes on from event to event.
  private static func isLasting(_ name: String) -> Bool {
    ["probe", "sessions", "datagrams", "echo", "ssh", "idle ssh"].contains(name)
  }

  /// A transfer that never ends is dead, not an error of the lab.
  private func lastAnswer(_ load: LoadHandle) -> Report {
    defer { load.stop() }
    do {
      return try load.answer(seconds: Int32(TransferLoad.patience.milliseconds / 1000) + 2)
    } catch {
      var report = Report()
      report.total = load.name == "bulk" ? 2 : load.name.hasPrefix("FTP") ? 3 : 1
      report.notes = ["did not end"]
      return report
    }
  }

  private func askAll(_ question: Question) throws {
    let all = clients + [arpWatch].compactMap { $0 }
    for load in all { try load.tell(question) }
    for load in all { _ = try load.answer(seconds: 10) }
  }

  private func startServers() throws {
    func server(_ kind: String, _ options: [String] = [], realTime: Bool = false) throws {
      let load = try LoadHandle(
        kind, in: world.server, world.workspace, options + [family], realTime: realTime)
      try load.ask(.ready)
      servers[options.isEmpty ? kind : kind + options[0]] = load
    }
    try server("session-server")
    try server("bulk-server")
    try server("datagram-server")
    try server("datagram-server", ["port=\(Service.probe)"], realTime: true)
    try server("echo-watch")
    if selection.programs || selection.idleShell { try RealPrograms.start(world, selection.family) }
  }

  private func startPrograms() throws {
    try client("shell", [RealPrograms.ssh(selection.family)], name: "ssh")
    try startTransfers()
  }

  private func startTransfers() throws {
    for (name, command) in RealPrograms.transfers(selection.family) {
      try client(
        "transfer", [LoadOptions.packed(command), "file=/run/\(name)", "size=\(Fleet.longFile)"],
        name: name)
    }
    for mode in ["passive", "active"] {
      try client(
        "ftp", ["mode=\(mode)", "size=\(Fleet.longFile)", "small=\(Fleet.smallFile)"],
        name: "FTP \(mode)")
    }
  }

  /// The option of every load.
  private var family: String { "family=\(selection.family)" }

  @discardableResult
  private func client(
    _ kind: String, _ options: [String] = [], name: String? = nil, realTime: Bool = false
  ) throws -> LoadHandle {
    let load = try LoadHandle(
      kind, in: world.client, world.workspace, options + [family], name: name,
      realTime: realTime)
    clients.append(load)
    return load
  }
}

/// What became of the loads after an event.
struct Survival {
  /// One kind of load.
  struct Row {
    var name: String
    var report: Report
    /// Whether the far end saw a flow under another port or identifier; nil where it is not judged.
    var changed: Int?
    /// Everything lives, nothing was reset, nothing changed.
    var isWhole: Bool {
      report.alive == report.total && report.resets == 0 && (changed ?? 0) == 0
    }
    /// Parts that live and look the same to the far end.
    var kept: Int { min(report.alive, report.total - (changed ?? 0)) }
  }
  var rows: [Row] = []
  var arp: Report?

  var isComplete: Bool { rows.allSatisfy { $0.report.alive == $0.report.total } }
  var isWhole: Bool { rows.allSatisfy(\.isWhole) }
  var resets: Int { rows.map(\.report.resets).reduce(0, +) }
  var probe: Report? { self["probe"]?.report }

  subscript(name: String) -> Row? { rows.first { $0.name == name } }

  mutating func add(_ name: String, _ report: Report) {
    rows.append(Row(name: name, report: report))
  }

  mutating func changed(_ name: String, _ count: Int) {
    for index in rows.indices where rows[index].name == name { rows[index].changed = count }
  }

  /// What a server refused is as dead as what a client lost.
  mutating func refused(_ name: String, _ report: Report) {
    for index in rows.indices where rows[index].name == name {
      rows[index].report.resets += report.resets
      rows[index].report.notes += report.notes
    }
  }

  /// One line per load: name, what lives of what, stall, remarks.
  var table: [[String]] {
    rows.map { row in
      var cells = [row.name, "\(row.kept)/\(row.report.total)"]
      if row.name == "probe" {
        cells.append("blackout \(row.report.gapMs.text()) ms, \(row.report.lost) probes lost")
      } else if !row.report.stallsMs.isEmpty {
        let stalls = row.report.stallsMs
        cells.append(
          "stall \(stalls.median.text()) / \(stalls.quantile(0.99).text()) / "
            + "\(stalls.quantile(1).text()) ms (median / p99 / max)")
      }
      if row.report.resets > 0 { cells.append("\(row.report.resets) reset") }
      if let changed = row.changed, changed > 0 { cells.append("\(changed) changed") }
      return cells + (row.isWhole ? [] : row.report.notes.prefix(2).map { $0 })
    }
  }
}
