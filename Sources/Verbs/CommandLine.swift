import Glibc

/// The command line `ztb`.
public enum CommandLineTool {
  /// Every verb, in the order of the help.
  static let verbs: [Verb] =
    StatusVerbs.all + HAVerbs.all + [SessionVerbs.sessions, EventVerbs.events]
    + ConfigurationVerbs.all + PolicyVerbs.all
    + NetworkVerbs.all + [ActivateVerb.activate] + ApplianceVerbs.all + UpdateVerbs.all
    + [WaitVerb.wait, ConsoleVerb.console, VersionVerb.version]

  /// What `ztb --help` prints.
  static var help: String {
    let width = verbs.map(\.name.count).max() ?? 0
    let lines = verbs.map { "  \(padded($0.name, width))  \($0.summary)" }
    return """
      usage: ztb [--run-dir DIR] VERB… [--json]

      \(lines.joined(separator: "\n"))

        --run-dir DIR  directory of the control socket (/run/ztb)
        --json         machine-readable answer
        --help         behind a verb: more about it

      Exit status: 0 done, 1 refused or failed, 2 usage.
      """
  }

  /// Runs with the arguments behind the program's name; returns the exit status.
  public static func run(_ arguments: [String]) -> Int32 {
    signal(SIGPIPE, SIG_IGN)
    do {
      try dispatch(arguments)
      return fflush(nil) == 0 ? 0 : 1
    } catch Refusal.failed(let text) {
      complain("ztb: \(text)")
      return 1
    } catch Refusal.usage(let text) {
      complain("ztb: \(text); see ztb --help")
      return 2
    } catch {
      complain("ztb: \(error)")
      return 1
    }
  }

  private static func dispatch(_ arguments: [String]) throws {
    let parsed = try parse(arguments)
    switch parsed {
    case .help(let text): print(text)
    case .verb(let verb, let invocation): try verb.run(invocation)
    }
  }

  /// What a command line asks for.
  enum Parsed {
    case help(String)
    case verb(Verb, Invocation)
  }

  /// Reads a command line: options may stand anywhere, a verb's own ones behind its words.
  static func parse(_ arguments: [String]) throws -> Parsed {
    var invocation = Invocation()
    var words: [String] = []
    var wantsHelp = false
    var rest = arguments[...]
    while let word = rest.popFirst() {
      switch word {
      case "--help", "-h": wantsHelp = true
      case "--json": invocation.isJSON = true
      case "--run-dir":
        guard let value = rest.popFirst() else {
          throw Refusal.usage("--run-dir needs a directory")
        }
        invocation.runDirectory = value
      case "--":
        words += rest
        rest = []
      case _ where flags.contains(word): invocation.flags.insert(word)
      case _ where word.hasPrefix("--"):
        guard let value = rest.popFirst() else { throw Refusal.usage("\(word) needs a value") }
        invocation.options[word] = value
      default: words.append(word)
      }
    }
    guard let verb = find(words) else {
      if wantsHelp || words.isEmpty && invocation.options.isEmpty { return .help(help) }
      throw Refusal.usage("there is no verb '\(words.joined(separator: " "))'")
    }
    if wantsHelp { return .help(verb.help) }
    invocation.operands = Array(words.dropFirst(verb.words.count))
    try check(invocation, against: verb)
    return .verb(verb, invocation)
  }

  /// Options without a value, of all verbs.
  private static let flags = Set(verbs.flatMap(\.flags))

  private static func find(_ words: [String]) -> Verb? {
    verbs.filter { words.starts(with: $0.words) }.max { $0.words.count < $1.words.count }
  }

  private static func check(_ invocation: Invocation, against verb: Verb) throws {
    for option in invocation.options.keys.sorted() where !verb.options.contains(option) {
      throw Refusal.usage("\(verb.name) has no option \(option)")
    }
    for flag in invocation.flags.sorted() where !verb.flags.contains(flag) {
      throw Refusal.usage("\(verb.name) has no option \(flag)")
    }
    guard verb.operands.contains(invocation.operands.count) else {
      throw Refusal.usage("usage: ztb \(verb.name) \(verb.synopsis)")
    }
  }
}

/// `text` with spaces behind it up to `width`.
func padded(_ text: String, _ width: Int) -> String {
  text + String(repeating: " ", count: max(0, width - text.count))
}
