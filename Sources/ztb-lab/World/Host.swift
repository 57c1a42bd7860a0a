import CLinux
import Glibc
import Linux
import Wire

/// The namespaces that the lab itself lives in, to come back to after a visit to a host.
final class Home {
  private let mounts: Descriptor
  private let processes: Descriptor
  private let network: Descriptor
  private let directory: Descriptor

  init() throws {
    mounts = try Descriptor.open("/proc/self/ns/mnt", O_RDONLY)
    processes = try Descriptor.open("/proc/self/ns/pid", O_RDONLY)
    network = try Descriptor.open("/proc/self/ns/net", O_RDONLY)
    directory = try Descriptor.open(".", O_RDONLY | O_DIRECTORY)
  }

  /// Returns from a host. Cannot fail while the descriptors are open and we are root.
  func enter() {
    for namespace in [mounts.rawValue, processes.rawValue, network.rawValue] {
      let result = setns(namespace, 0)
      precondition(result == 0, "the lab can return to its own namespaces")
    }
    let result = fchdir(directory.rawValue)
    precondition(result == 0, "the lab can return to its own directory")
  }
}

/// A machine of the world: processes, network and mounts of its own, held by one init process.
///
/// Nothing of it has a name outside. When its init ends, the kernel kills every process inside; the
/// network goes with them and with this value.
final class Host {
  let name: String
  private let home: Home
  private let workspace: Workspace
  private let initProcess: ChildProcess
  private var children: [ChildProcess] = []
  private var hasEnded = false
  /// Keeps the network after a power cut: to take it down, the kernel holds locks that the other
  /// gateway needs to take over, which no real power cut does.
  private let network: Descriptor

  /// Starts the machine and waits until its mounts are made.
  init(_ name: String, home: Home, workspace: Workspace) throws {
    self.name = name
    self.home = home
    self.workspace = workspace
    let pair = try PacketChannel.pair()
    var specification = ProcessSpecification(arguments: ["ztb-lab", "init", name])
    let log = try workspace.log("init-\(name)")
    specification.descriptors = [workspace.null, log.rawValue, log.rawValue, pair.second.rawValue]
    specification.deathSignal = SIGKILL
    specification.newSession = true
    specification.cloneFlags = UInt64(
      CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC)
    initProcess = try specification.spawn()
    network = try Descriptor.open("/proc/\(initProcess.pid)/ns/net", O_RDONLY)
    let message = try waitForMessage(pair.first.rawValue, milliseconds: 5000)
    guard message == Array("ready".utf8) else { throw LabError.failed("\(name) did not start") }
  }

  /// The process that holds the machine, as seen from outside.
  var pid: Int32 { initProcess.pid }

  /// Runs `body` in the machine's network, mounts and, for children it starts, processes.
  func inside<Result: ~Copyable>(_ body: () throws -> Result) throws -> Result {
    try system("setns", name) {
      setns(initProcess.descriptor, CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWNS)
    }
    defer { home.enter() }
    return try body()
  }

  /// Starts a program; `descriptors` become 0, 1, 2, 3 …
  func spawn(
    _ arguments: [String], program: String? = nil, descriptors: [Int32],
    environment: [String] = [], realTimePriority: Int32? = nil
  ) throws -> ChildProcess {
    var specification = ProcessSpecification(
      program: try program ?? Programs.path(arguments[0]), arguments: arguments)
    specification.descriptors = descriptors
    specification.newSession = true
    specification.environment += environment
    specification.realTimePriority = realTimePriority
    let child = try inside { try specification.spawn() }
    children.removeAll { $0.reap() != nil }
    children.append(child)
    return child
  }

  /// Starts a program that goes on in the background and writes into a log file.
  @discardableResult
  func start(
    _ arguments: [String], program: String? = nil, log: String, environment: [String] = []
  ) throws -> ChildProcess {
    let file = try workspace.log(log)
    return try spawn(
      arguments, program: program, descriptors: [workspace.null, file.rawValue, file.rawValue],
      environment: environment)
  }

  /// Runs a program to its end and returns what it printed; throws unless it exits with 0.
  @discardableResult
  func run(_ arguments: [String], program: String? = nil, input: String = "") throws -> String {
    let (status, output) = try attempt(arguments, program: program, input: input)
    guard status == .exited(0) else {
      throw LabError.command("\(name): " + arguments.joined(separator: " "), "\(status)", output)
    }
    return output
  }

  /// Runs a program to its end; how it ended and what it printed.
  func attempt(
    _ arguments: [String], program: String? = nil, input: String = ""
  ) throws -> (ExitStatus, String) {
    let feed = try workspace.scratch(input)
    let output = try workspace.scratch()
    let child = try spawn(
      arguments, program: program,
      descriptors: [feed.rawValue, output.rawValue, output.rawValue])
    guard let status = child.wait(milliseconds: 60_000) else {
      child.signal(SIGKILL)
      throw LabError.timeout("\(name): " + arguments.joined(separator: " "))
    }
    return (status, try workspace.text(of: output))
  }

  /// Runs a batch of `ip` commands.
  func ip(_ lines: [String]) throws {
    try run(["ip", "-batch", "-"], input: lines.joined(separator: "\n") + "\n")
  }

  /// Loads an nftables script in one transaction.
  func nft(_ script: String) throws { try run(["nft", "-f", "-"], input: script) }

  /// Sets values below `/proc/sys`.
  func sysctl(_ values: [String: String]) throws {
    try inside { for (path, value) in values { try Files.set("/proc/sys/" + path, value) } }
  }

  /// Writes a file on the machine's own disk, which is lost with it when below `/run`.
  func write(_ path: String, _ contents: String, mode: UInt32 = 0o600) throws {
    try inside { try Files.replace(path, with: Array(contents.utf8), mode: mode) }
  }

  /// Reads a small file of the machine.
  func read(_ path: String) throws -> String {
    try inside { String(decoding: try Files.read(path), as: UTF8.self) }
  }

  /// Gives the machine name servers of its own: what it knows of them is otherwise the lab's.
  func useResolvers(_ servers: [IPv4Address]) throws {
    let path = "/run/resolv.conf"
    try write(path, servers.map { "nameserver \($0)\n" }.joined(), mode: 0o644)
    try inside {
      _ = try system("mount", path) {
        unsafe Glibc.mount(path, "/etc/resolv.conf", nil, UInt(MS_BIND), nil)
      }
    }
  }

  /// Sends a signal to a process by its number inside the machine.
  func signal(_ pid: Int, _ number: Int32) throws {
    try run(["ztb-lab", "signal", String(pid), String(number)], program: Programs.own)
  }

  /// Sends a signal to every process of the machine but its init.
  func signalAll(_ number: Int32) throws { try signal(-1, number) }

  /// Whether the machine runs.
  var isAlive: Bool {
    if !hasEnded, initProcess.reap() != nil { hasEnded = true }
    return !hasEnded
  }

  /// Kills every process at once, as a power cut does.
  func kill() { initProcess.signal(SIGKILL) }

  /// Waits until every process is gone. Ours must be reaped before the machine's init can end.
  func waitForEnd() {
    for child in children { _ = child.wait(milliseconds: 5000) }
    children = []
    if !hasEnded { hasEnded = initProcess.wait(milliseconds: 5000) != nil }
  }
}
