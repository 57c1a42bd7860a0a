import Glibc
import Linux
import Wire

/// The portal on a machine of its own, with a disk that outlives its process.
final class Portal {
  /// Where its pages and its REST interface are.
  static let url = "https://\(Plan.portal):\(Plan.portalPort)"

  let host: Host
  let world: World
  private let program: String
  private let directory: String
  private var process: ChildProcess?
  private var log = "portal"

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
        throw LabError.failed("the portal ended: \(world.workspace.logText(log))")
      }
      return try host.run(["ss", "-Hltn"]).split(separator: "\n").count >= 2
    }
  }

  /// Ends the process as a crash does.
  func kill() {
    process?.signal(SIGKILL)
    _ = process?.wait(milliseconds: 5000)
  }

  /// CPU time of the process so far, in hundredths of a second.
  var cpuTicks: Int { process.flatMap { ProcessTable.stat($0.pid)?.ticks } ?? 0 }

  /// Memory of the process.
  var residentMegabytes: Double {
    process.flatMap { ProcessTable.status($0.pid, "VmRSS") }.map { Double($0) / 1024 } ?? .nan
  }

  /// Everything that the process has printed.
  var output: String { world.workspace.logText(log) }
}
