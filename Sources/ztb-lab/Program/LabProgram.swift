import Glibc
import Linux

/// The command line of `ztb-lab`.
enum LabProgram {
  /// Runs the program and ends the process.
  static func main() -> Never {
    do {
      exit(try run(Array(CommandLine.arguments.dropFirst())))
    } catch let error as LabError {
      Output.error("\(error)")
      if case .usage = error { exit(2) }
      exit(1)
    } catch {
      Output.error("\(error)")
      exit(1)
    }
  }

  /// Verbs that a person uses run under a guardian; the others are the lab's own processes.
  private static func run(_ arguments: [String]) throws -> Int32 {
    guard let word = arguments.first else { throw LabError.usage(Verb.overview) }
    let rest = Array(arguments.dropFirst())
    switch word {
    case "--help", "-h", "help":
      Output.line(Verb.overview)
      return 0
    case "init":
      try HostInit.run(rest.first ?? "")
      return 0
    case "worker":
      guard let kind = rest.first else { throw LabError.usage("worker needs a load") }
      try Worker(kind, Array(rest.dropFirst())).run()
      return 0
    case "signal":
      guard rest.count == 2, let pid = Int32(rest[0]), let number = Int32(rest[1]) else {
        throw LabError.usage("signal needs a process and a number")
      }
      try system("kill", rest[0]) { kill(pid, number) }
      return 0
    case "direct": return try direct(rest)
    default: break
    }
    guard let verb = Verb(rawValue: word) else {
      throw LabError.usage("there is no verb \(word)\n\(Verb.overview)")
    }
    if rest.contains("--help") || rest.contains("-h") {
      Output.line(verb.help)
      return 0
    }
    let options = try Options(verb, rest)
    if verb == .test && options.has("list") {
      Scenario.all.forEach { Output.line("\($0.name.padded(28)) \($0.summary)") }
      return 0
    }
    if verb == .appliance && options.has("list") {
      ApplianceVerb.list()
      return 0
    }
    guard getuid() == 0 else { throw LabError.missing("the lab makes namespaces: run it as root") }
    return try Guardian(root: try options.workRoot()).run(arguments)
  }

  /// The director: does what the verb says inside the directory that the guardian made.
  private static func direct(_ arguments: [String]) throws -> Int32 {
    guard arguments.count >= 2, let verb = Verb(rawValue: arguments[1]) else {
      throw LabError.usage("direct is started by the lab itself")
    }
    let options = try Options(verb, Array(arguments.dropFirst(2)))
    let workspace = try Workspace(arguments[0])
    switch verb {
    case .world: return try WorldVerb.run(workspace, options)
    case .test: return try TestVerb.run(workspace, options)
    case .appliance: return try ApplianceVerb.run(workspace, options)
    case .demo: return try DemoVerb.run(workspace, options)
    case .bench: return try BenchVerb.run(workspace, options)
    }
  }
}
