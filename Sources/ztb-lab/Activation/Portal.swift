import Glibc
import Linux
import SQLite
import Wire

/// The portal on a machine of its own, with a disk that outlives its process.
final class Portal {
  /// Where its pages and its REST interface are.
  static let url = "https://\(Plan.portal):\(Plan.portalPort)"

  let host: Host
  let world: World
  private let program: String
  /// Where its database is.
  let directory: String
  private var process: ChildProcess?
  private let log = "portal"
  /// What portals of earlier worlds have left in the log.
  private let printedBefore: Int

  /// Name of its database's file.
  private static let database = "portal.db"

  /// The portal's program, built beside the daemon.
  static func program(beside daemon: String) throws -> String {
    let path = daemon.split(separator: "/").dropLast().map { "/" + $0 }.joined() + "/ztb-portal"
    guard Programs.exists(path) else { throw LabError.missing("\(path) is not built") }
    return path
  }

  /// Starts the portal on an empty disk.
  init(_ world: World, program: String) throws {
    self.world = world
    self.program = program
    host = try world.addGuest("portal", Plan.portal)
    directory = try world.makeDisk("portal")
    printedBefore = world.workspace.logText(log).count
    try start()
  }

  /// Starts the process, and waits until it answers.
  func start() throws {
    process = try host.start(
      [
        "ztb-portal", "serve", "--data", directory, "--listen", "\(Plan.portal):\(Plan.portalPort)",
        "--agent-listen", "\(Plan.portal):\(Plan.agentPort)", "--name", Plan.portalName,
        "--name", "\(Plan.portal)",
      ], program: program, log: log)
    try world.wait("the portal to listen", seconds: 20) {
      guard process?.wait(milliseconds: 0) == nil else {
        throw LabError.failed("the portal ended: \(output)")
      }
      return try host.run(["ss", "-Hltn"]).split(separator: "\n").count >= 2
    }
  }

  /// The link that the first start has printed.
  func setUpLink() throws -> String {
    var link: Substring?
    try world.wait("the portal to print its set-up link", seconds: 10) {
      link = output.split(whereSeparator: { " \n\"".contains($0) }).last { $0.contains("/setup#") }
      return link != nil
    }
    return String(link ?? "")
  }

  /// Ends the process as a crash does.
  func kill() {
    process?.signal(SIGKILL)
    _ = process?.wait(milliseconds: 5000)
  }

  /// Lets the time of a gateway's code be over, which takes 14 days otherwise: in the database, while
  /// the portal is down.
  func expireCode(of gateway: PortalGateway) throws {
    kill()
    do {
      let database = try Database(path: "\(directory)/\(Portal.database)")
      try database.run("UPDATE code SET expires = 1 WHERE gateway = ?", .text(gateway.id))
    }
    try start()
  }

  /// Whether the process runs.
  var isRunning: Bool { process.map { ProcessTable.isAlive($0.pid) } ?? false }

  /// CPU time of the process so far, in hundredths of a second.
  var cpuTicks: Int { process.flatMap { ProcessTable.stat($0.pid)?.ticks } ?? 0 }

  /// Memory of the process.
  var residentMegabytes: Double {
    process.flatMap { ProcessTable.status($0.pid, "VmRSS") }.map { Double($0) / 1024 } ?? .nan
  }

  /// Everything that the portal has printed, in all of its processes.
  var output: String { String(world.workspace.logText(log).dropFirst(printedBefore)) }
}
