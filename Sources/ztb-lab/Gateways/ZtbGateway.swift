import CLinux
import Glibc
import Linux
import Wire

/// The product on one node: `ztbd supervise`, started again one second after a death, as the
/// appliance's init does.
final class ZtbGateway: Gateway {
  let node: Node
  let host: Host
  private let program: String
  private let state: String
  /// The words behind `supervise` that say what the box is to start with.
  private let source: [String]
  private var supervisor: ChildProcess?
  private var diedAt: Instant?
  private var isWanted = false

  /// Where the control socket is inside the machine; in its memory, so gone with its power.
  static let runDirectory = "/run/ztb"

  /// What a box starts with.
  enum Start {
    /// A document that somebody wrote.
    case configured(ZtbDocument)
    /// What its state directory remembers; nothing at first.
    case carton(Carton)
  }

  init(
    _ node: Node, _ host: Host, _ workspace: Workspace, disk: String, program: String,
    start: Start
  ) throws {
    self.node = node
    self.host = host
    self.program = program
    try workspace.directory(disk)
    state = try workspace.directory("\(disk)/state")
    switch start {
    case .configured(let document):
      let path = "\(workspace.path)/\(disk)/configuration.json"
      try Files.replace(path, with: Array(document.text.utf8))
      source = ["--config", path]
    case .carton(let carton):
      source =
        ["--profile", carton.profile, "--serial", carton.serial(node)]
        + (carton.consoles[node].map { ["--console", $0] } ?? [])
    }
  }

  func start() throws {
    isWanted = true
    diedAt = nil
    supervisor = try host.start(
      [
        "ztbd", "supervise", "--state-dir", state, "--run-dir", ZtbGateway.runDirectory,
      ] + source, program: program, log: "ztbd-\(node.name)")
  }

  func tend() throws {
    guard isWanted, host.isAlive, let current = supervisor else { return }
    let now = MonotonicClock.now()
    if let died = diedAt {
      if now - died >= .seconds(1) { try start() }
    } else if current.wait(milliseconds: 0) != nil {
      diedAt = now
    }
  }

  func stop() throws {
    isWanted = false
    supervisor?.signal(SIGTERM)
    guard supervisor?.wait(milliseconds: 20_000) != nil else {
      throw LabError.timeout("\(node.name): the supervisor to stop")
    }
  }

  func crash() throws {
    guard let pid = try rolePid("vrrp") else {
      throw LabError.failed("\(node.name) has no running vrrp")
    }
    try host.signal(pid, SIGKILL)
  }

  func isReadyToTakeOver() throws -> Bool {
    guard let status = try? status() else { return false }  // not yet up
    return status["sync"]["ready"].bool == true
  }

  func synchronisingProcess() throws -> Int? { try rolePid("sync") }
  func vrrpProcess() throws -> Int? { try rolePid("vrrp") }

  /// Kills the supervisor alone; ``tend()`` revives it a second later.
  func killSupervisor() { supervisor?.signal(SIGKILL) }

  /// Number of a role's process inside the machine.
  func rolePid(_ name: String) throws -> Int? {
    try status()["roles"].array.first { $0["name"].text == name }?["pid"].int
  }

  /// The status document.
  func status() throws -> JSON { try JSON(parsing: try ztb("status", "--json")) }

  /// Runs a verb of `ztb` and returns what it printed.
  @discardableResult
  func ztb(_ arguments: String...) throws -> String {
    try host.run(ztbLine(arguments), program: program)
  }

  /// Runs a verb of `ztb` that may be refused.
  func attempt(_ arguments: String...) throws -> (ExitStatus, String) { try attempt(arguments) }

  /// The same.
  func attempt(_ arguments: [String]) throws -> (ExitStatus, String) {
    try host.attempt(ztbLine(arguments), program: program)
  }

  /// Starts a verb of `ztb` without waiting for its end.
  func startZtb(_ arguments: String...) throws -> ChildProcess {
    try host.start(ztbLine(arguments), program: program, log: "ztb-\(node.name)")
  }

  private func ztbLine(_ arguments: [String]) -> [String] {
    ["ztb", "--run-dir", ZtbGateway.runDirectory] + arguments
  }
}
