import CLinux
import Glibc
import Linux

/// The outer process of every verb: it starts the director that does the work, and removes
/// everything afterwards, however the director ended.
///
/// The machines of the world die with the director (parent-death signals), the director dies with
/// the guardian. What is left for the guardian: processes that lost their parent (it is a
/// subreaper), the work directory, and limits of the kernel that were raised. If the guardian itself
/// is killed, the next lab removes these.
struct Guardian {
  /// Directory that holds one directory per running lab.
  let root: String

  /// Runs `arguments` under a director; the exit status.
  func run(_ arguments: [String]) throws -> Int32 {
    try removeStale()
    try system("prctl") { ztb_prctl(PR_SET_CHILD_SUBREAPER, 1, 0) }
    let path = "\(root)/\(getpid())"
    try makeDirectories(path)
    let reactor = try Reactor()
    var interrupted: Int32?
    var directorPid: Int32 = 0
    let signals = try SignalSource(reactor, [SIGINT, SIGTERM, SIGHUP, SIGCHLD]) { number in
      if number == SIGCHLD { return reapOrphans(except: directorPid) }
      interrupted = number
      reactor.stop()
    }
    defer { withExtendedLifetime(signals) {} }
    var specification = ProcessSpecification(arguments: ["ztb-lab", "direct", path] + arguments)
    specification.deathSignal = SIGKILL
    let director = try specification.spawn()
    directorPid = director.pid
    try reactor.add(director.descriptor) { _ in reactor.stop() }
    try reactor.run()
    if interrupted != nil { director.signal(SIGKILL) }
    let status = director.wait()
    reapAll()
    KernelLimits(record: path).restore()
    remove(path)
    if let interrupted { return 128 + interrupted }
    if case .exited(let code) = status { return code }
    Output.error("the lab's director ended by \(status.map { "\($0)" } ?? "nothing")")
    return 1
  }

  /// Collects what was handed to us: a machine's init cannot end before all of its processes have
  /// been collected.
  private func reapOrphans(except director: Int32) {
    for child in ProcessTable.children(of: getpid()) where child != director {
      var status: Int32 = 0
      _ = unsafe waitpid(child, &status, WNOHANG)
    }
  }

  /// Kills what was handed to us and waits until nothing is left.
  private func reapAll() {
    var status: Int32 = 0
    while true {
      let pid = unsafe waitpid(-1, &status, WNOHANG)
      if pid < 0 { return }
      if pid > 0 { continue }
      for child in ProcessTable.children(of: getpid()) { kill(child, SIGKILL) }
      _ = poll(nil, 0, 5)
    }
  }

  /// Removes the work directories of labs that no longer run and restores what they had raised.
  private func removeStale() throws {
    for name in Directory.names(root) {
      guard let pid = Int32(name), pid == getpid() || kill(pid, 0) != 0 || !isLab(pid) else {
        continue
      }
      KernelLimits(record: "\(root)/\(name)").restore()
      remove("\(root)/\(name)")
    }
  }

  private func isLab(_ pid: Int32) -> Bool {
    guard let bytes = try? Files.read("/proc/\(pid)/comm") else { return false }  // it is gone
    return String(decoding: bytes, as: UTF8.self).hasPrefix("ztb-lab")
  }

  private func makeDirectories(_ path: String) throws {
    var built = ""
    for part in path.split(separator: "/") {
      built += "/" + part
      if unsafe mkdir(built, 0o755) != 0, errno != EEXIST {
        throw SystemError(call: "mkdir", code: errno, subject: built)
      }
    }
  }

  private func remove(_ path: String) {
    for name in Directory.names(path) {
      let entry = path + "/" + name
      if unsafe unlink(entry) != 0 { remove(entry) }
    }
    unsafe rmdir(path)
  }
}

/// What `/proc` tells about processes.
enum ProcessTable {
  /// Processes whose parent is `pid`.
  static func children(of pid: Int32) -> [Int32] {
    Directory.names("/proc").compactMap { Int32($0) }.filter { stat($0)?.parent == pid }
  }

  /// Parent, and user and system time in clock ticks, of a process.
  static func stat(_ pid: Int32, root: String = "/proc") -> (parent: Int32, ticks: Int)? {
    guard let bytes = try? Files.read("\(root)/\(pid)/stat") else { return nil }  // it is gone
    let text = String(decoding: bytes, as: UTF8.self)
    guard let end = text.lastIndex(of: ")") else { return nil }
    let fields = text[text.index(after: end)...].split(separator: " ")
    guard fields.count > 12, let parent = Int32(fields[1]), let user = Int(fields[11]),
      let kernel = Int(fields[12])
    else { return nil }
    return (parent, user + kernel)
  }

  /// Whether a process is there and no zombie that waits for its parent.
  static func isAlive(_ pid: Int32) -> Bool {
    guard let bytes = try? Files.read("/proc/\(pid)/stat") else { return false }  // it is gone
    let text = String(decoding: bytes, as: UTF8.self)
    guard let end = text.lastIndex(of: ")") else { return false }
    return text[end...].dropFirst(2).first != "Z"
  }

  /// A value of `/proc/PID/status` in its unit, such as `VmRSS` in kilobytes.
  static func status(_ pid: Int32, _ field: String, root: String = "/proc") -> Int? {
    guard let bytes = try? Files.read("\(root)/\(pid)/status") else { return nil }  // it is gone
    let line = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
      .first { $0.hasPrefix(field + ":") }
    return line?.split(whereSeparator: { " \t".contains($0) }).dropFirst().first.flatMap { Int($0) }
  }
}
