import Glibc
import Linux
import Wire

/// Programs that keep a machine from its work: they start processes without end, or write to the disk and
/// wait for it.
///
/// Options: `kind` = `fork` or `fsync`, `file` to write to, `count` of programs.
final class StormLoad: Load {
  private let programs: [ChildProcess]

  init(_ options: LoadOptions, _ reactor: Reactor) throws {
    let script =
      options.text("kind") == "fork"
      ? "while :; do /bin/true; done"
      : "while :; do dd if=/dev/zero of=$0 bs=64k count=16 conv=fsync status=none; done"
    programs = try (1...options.int("count", 2)).map { number in
      var specification = ProcessSpecification(
        program: try Programs.path("sh"),
        arguments: ["sh", "-c", script, "\(options.text("file"))-\(number)"])
      specification.deathSignal = SIGKILL
      return try specification.spawn()
    }
  }

  func report(at now: Instant) -> Report {
    var report = Report()
    report.total = programs.count
    report.alive = programs.filter { $0.reap() == nil }.count
    return report
  }
}
