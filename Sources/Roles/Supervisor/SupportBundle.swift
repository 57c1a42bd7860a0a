import Configuration
import Glibc
import JSON
import Linux
import Messages
import Wire

/// What the manufacturer's support needs, in one archive without secrets.
///
/// Runs in a process of its own (`ztbd support-bundle`), so that the supervisor never waits for a
/// program or a disk; what the supervisor knows is asked for on the control socket.
public enum SupportBundle {
  /// Where bundles are kept, below the state directory.
  static func directory(_ state: String) -> String { state + "/support" }

  /// Removes every bundle, for a factory reset.
  static func eraseAll(in state: String) {
    let place = directory(state)
    for name in Directory.names(place) where name.hasSuffix(".tar") {
      unsafe unlink("\(place)/\(name)")
    }
  }

  /// Numbers that bound a bundle.
  enum Limits {
    /// The archive.
    static let archiveOctets = 50_000_000
    /// What one program says.
    static let programOctets = 4 << 20
    /// How long one program may take.
    static let programPatience = Interval.seconds(3)
    /// How long all of them may take; the supervisor ends us after 30 s.
    static let programsPatience = Interval.seconds(12)
    /// How long the supervisor may take to answer.
    static let answerPatience = Interval.seconds(3)
    /// One log file.
    static let logOctets = 8 << 20
    /// Events, the last ones.
    static let events = 1_000
    /// Bundles that are kept.
    static let kept = 3
  }

  /// Programs whose words are put in; a file name for each.
  static let programs: [(name: String, program: String, arguments: [String])] = [
    ("nft-ruleset.txt", "/usr/sbin/nft", ["list", "ruleset"]),
    ("ip-link.txt", "/usr/sbin/ip", ["-d", "-s", "link"]),
    ("ip-address.txt", "/usr/sbin/ip", ["address"]),
    ("ip-route.txt", "/usr/sbin/ip", ["route", "show", "table", "all"]),
    ("ip-rule.txt", "/usr/sbin/ip", ["rule"]),
    ("ip-neighbour.txt", "/usr/sbin/ip", ["neighbour"]),
    ("conntrack-count.txt", "/usr/sbin/conntrack", ["-C"]),
    ("sockets.txt", "/usr/bin/ss", ["-tuanp"]),
  ]

  /// Files of the kernel that are put in.
  private static let files = [
    ("kernel.txt", "/proc/version"), ("uptime.txt", "/proc/uptime"),
    ("memory.txt", "/proc/meminfo"), ("load.txt", "/proc/loadavg"),
    ("conntrack-statistics.txt", "/proc/net/stat/nf_conntrack"),
  ]

  /// `ztbd support-bundle --run-dir DIR --state-dir DIR --log-dir DIR`: prints the path of the
  /// archive, or why there is none; the exit status.
  public static func run(_ arguments: [String]) -> Int32 {
    let options = [arguments.first, arguments.dropFirst(2).first, arguments.dropFirst(4).first]
    guard arguments.count == 6, options == ["--run-dir", "--state-dir", "--log-dir"] else {
      print("usage: ztbd support-bundle --run-dir DIR --state-dir DIR --log-dir DIR")
      return 2
    }
    umask(0o077)
    _ = signal(SIGPIPE, SIG_IGN)
    do {
      let path = try write(
        to: directory(arguments[3]), runDirectory: arguments[1],
        logDirectory: arguments[5])
      print(path)
      return fflush(nil) == 0 ? 0 : 1
    } catch {
      print("support-bundle: \(error)")
      return 1
    }
  }

  /// Writes a bundle into `directory`, and removes the oldest ones; its path.
  static func write(
    to directory: String, runDirectory: String, logDirectory: String
  ) throws(SystemError) -> String {
    do throws(SystemError) {
      try system("mkdir", directory) { unsafe mkdir(directory, 0o700) }
    } catch { if error.code != EEXIST { throw error } }
    let now = WallClock.secondsSince1970()
    let stamp = WallClock.timestamp(seconds: now).prefix(19).filter { $0 != ":" && $0 != "-" }
    let name = "ztb-support-\(stamp)Z"
    let path = "\(directory)/\(name).tar"
    // Two at a time do not write into each other.
    let temporary = "\(directory)/\(name).\(getpid()).new"
    let archive = try TarArchive(path: temporary, time: now, limitOctets: Limits.archiveOctets)
    for (file, contents) in small(runDirectory) { try archive.add("\(name)/\(file)", contents) }
    let end = MonotonicClock.now() + Limits.programsPatience
    for entry in programs {
      let words = BoundedRun.output(
        of: entry.program, entry.arguments, limitOctets: Limits.programOctets,
        patience: min(Limits.programPatience, end - MonotonicClock.now()))
      try archive.add("\(name)/\(entry.name)", words)
    }
    // Last, because they are the first to be cut: the newest log before the older ones.
    for (file, contents) in logs(logDirectory) { try archive.add("\(name)/log/\(file)", contents) }
    try archive.finish()
    try system("rename", path) { unsafe rename(temporary, path) }
    prune(directory)
    return path
  }

  // MARK: Contents

  private static func small(_ runDirectory: String) -> [(String, [UInt8])] {
    var contents: [(String, [UInt8])] = [
      ("version.txt", Array("ztb \(RunningSoftware.version)\n".utf8)),
      ("processes.txt", Array(ProcessList.text.utf8)),
    ]
    for (name, path) in files {
      contents.append((name, read(path, limitOctets: 1 << 20)))
    }
    let supervisor = SupervisorQuestion(runDirectory: runDirectory)
    contents.append(("overview.json", supervisor.ask(ControlRequest(.overview))))
    contents.append(("channels.json", supervisor.ask(ControlRequest(.troubleshoot))))
    var events = ControlRequest(.events)
    events.limit = Limits.events
    contents.append(("events.json", supervisor.ask(events)))
    contents.append(("configuration.json", configuration(supervisor)))
    return contents
  }

  /// The document in force without its secrets; never as the supervisor gives it.
  private static func configuration(_ supervisor: SupervisorQuestion) -> [UInt8] {
    do {
      let answer = try supervisor.answer(ControlRequest(.configShow))
      guard answer.done, let text = answer.document else { return Array((answer.text + "\n").utf8) }
      return Array(
        try ConfigurationDocument(parsing: Array(text.utf8)).pretty(redacted: true).utf8)
    } catch { return Array("(\(error))\n".utf8) }
  }

  private static func logs(_ directory: String) -> [(String, [UInt8])] {
    Directory.names(directory).filter { $0.hasPrefix("ztbd.log") && $0.utf8.count < 40 }.map {
      ($0, read("\(directory)/\($0)", limitOctets: Limits.logOctets))
    }
  }

  private static func read(_ path: String, limitOctets: Int) -> [UInt8] {
    do throws(SystemError) {
      return try Files.read(path, limitBytes: limitOctets)
    } catch { return Array("(\(error))\n".utf8) }
  }

  // MARK: Directory

  /// Keeps the newest; the time is in the name.
  private static func prune(_ directory: String) {
    let bundles = Directory.names(directory).filter { $0.hasPrefix("ztb-support-") }
    let whole = bundles.filter { $0.hasSuffix(".tar") }
    let abandoned = bundles.filter { name in
      let parts = name.split(separator: ".")
      guard parts.last == "new", parts.count == 3, let pid = Int32(parts[1]) else { return false }
      return pid != getpid() && kill(pid, 0) != 0
    }
    for name in whole.dropLast(Limits.kept) + abandoned { unsafe unlink("\(directory)/\(name)") }
  }
}

/// Asks the supervisor on its control socket, and waits.
struct SupervisorQuestion {
  let runDirectory: String

  /// The answer as JSON for people, or why there is none.
  func ask(_ request: ControlRequest) -> [UInt8] {
    do {
      return try JSONValue(encoding: try answer(request)).indented
    } catch { return Array("(\(error))\n".utf8) }
  }

  /// The answer.
  func answer(_ request: ControlRequest) throws -> ControlAnswer {
    let socket = try ControlSocket.connect(in: runDirectory)
    let end = MonotonicClock.now() + SupportBundle.Limits.answerPatience
    var rest = (request.line + [10])[...]
    while !rest.isEmpty, let count = try socket.write(rest) { rest = rest.dropFirst(count) }
    var line: [UInt8] = []
    while line.last != 10 {
      guard IPv4Connection.wait(socket.rawValue, until: end),
        let piece = try socket.read(limit: 65_536), !piece.isEmpty,
        line.count + piece.count <= ControlAnswer.lineLimitBytes
      else { throw SystemError(call: "read", code: ETIMEDOUT, subject: "control.sock") }
      line += piece
    }
    return try ControlAnswer(line: line)
  }
}
