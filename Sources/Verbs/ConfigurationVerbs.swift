import Configuration
import Glibc
import Linux
import Messages
import Wire

/// `config check|apply|confirm|rollback|show`.
enum ConfigurationVerbs {
  static let all = [check, apply, confirm, rollback, show]

  private static let check = Verb(
    words: ["config", "check"], synopsis: "FILE",
    summary: "check a document; lists every problem with its path",
    details: "Needs no supervisor and changes nothing. FILE may be - for standard input.",
    operands: 1...1
  ) { invocation in
    try report(invocation) {
      let document = try ConfigurationDocument(parsing: try read(invocation.operands[0]))
      return (document, "gateway \(document.gateway.name)")
    }
  }

  /// Prints what `check` finds: a valid document in some words and its warnings, or every problem.
  static func report(
    _ invocation: Invocation, _ check: () throws -> (ConfigurationDocument, String)
  ) throws {
    let name = invocation.operands[0]
    do {
      let (document, words) = try check()
      let warnings = document.policyWarnings
      if invocation.isJSON {
        return try printJSON(Outcome(valid: true, problems: [], warnings: warnings))
      }
      print("\(name): valid, \(words)")
      for warning in warnings { print("warning: \(warning)") }
    } catch let problems as ConfigurationProblems {
      guard invocation.isJSON else { throw Refusal.failed(list(name, problems)) }
      let list = problems.problems.map { Problem(path: $0.path, message: $0.message) }
      try printJSON(Outcome(valid: false, problems: list, warnings: []))
      throw Refusal.failed("\(name): \(list.count) problems")
    }
  }

  private static let apply = Verb(
    words: ["config", "apply"], synopsis: "FILE [--confirm-within SECONDS] [--canary NAMES]",
    summary: "put a configuration document in force",
    details: """
        --confirm-within SECONDS  1…86400: take the change back unless it is confirmed
                                  in time (ztb config confirm); without this
                                  option it is kept at once
      \(canaryHelp)

      What ztb config show printed is a backup; applying it restores it.

      Changes of policy, translation, helpers and routes reach a working gateway; any
      other change makes it hand over and start again.
      """,
    options: ["--confirm-within", "--canary"], operands: 1...1
  ) { invocation in
    let text = try read(invocation.operands[0])
    do throws(ConfigurationProblems) {
      // The supervisor checks again; here the problems come without one.
      _ = try ConfigurationDocument(parsing: text)
    } catch { throw Refusal.failed(list(invocation.operands[0], error)) }
    try apply(.configApply, text, invocation)
  }

  /// The lines about the option in the help of whatever applies.
  static let canaryHelp = """
      --canary NAMES            keep it as soon as these are there under it, and
                                take it back where one is not in time (60 s, or
                                --confirm-within). With commas between them:
                                  management  the page on the management port
                                  controller  the portal, by a new connection
                                  peer        the other node
    """

  /// Asks for a change, to be confirmed as the options say.
  static func apply(
    _ verb: ControlRequest.Verb, _ text: [UInt8], _ invocation: Invocation
  ) throws {
    var request = ControlRequest(verb)
    request.document = String(decoding: text, as: UTF8.self)
    if invocation.flags.contains("--both") { request.bothNodes = true }
    request.canaries = try invocation.options["--canary"]?.split(
      separator: ",", omittingEmptySubsequences: false
    ).map { word in
      guard let canary = Canary(rawValue: String(word)) else {
        let names = Canary.allCases.map(\.rawValue).joined(separator: ", ")
        throw Refusal.usage("--canary: '\(word)' is none of \(names)")
      }
      return canary
    }
    if invocation.options["--confirm-within"] != nil || request.canaries != nil {
      request.confirmWithinSeconds = try invocation.number(
        "--confirm-within", in: 1...86_400, default: 60)
    }
    try tell(invocation, request)
  }

  private static let confirm = Verb(
    words: ["config", "confirm"], synopsis: "", summary: "keep what config apply put in force"
  ) { try tell($0, ControlRequest(.configConfirm)) }

  private static let rollback = Verb(
    words: ["config", "rollback"], synopsis: "", summary: "take an unconfirmed change back"
  ) { try tell($0, ControlRequest(.configRollback)) }

  private static let show = Verb(
    words: ["config", "show"], synopsis: "",
    summary: "the document in force, with its secrets",
    details:
      "A backup: keep it secret; ztb config apply FILE restores it, also on another\nappliance of the profile."
  ) { invocation in
    let client = ControlClient(runDirectory: invocation.runDirectory)
    print(try client.ask(ControlRequest(.configShow)).document ?? "", terminator: "")
  }

  static func tell(_ invocation: Invocation, _ request: ControlRequest) throws {
    let client = ControlClient(runDirectory: invocation.runDirectory)
    let answer = try client.ask(request, patience: .seconds(60))
    if invocation.isJSON { return try printJSON(answer) }
    print(answer.text)
  }

  /// The octets of a file, or of standard input for `-`.
  static func read(_ name: String) throws -> [UInt8] {
    let limit = ConfigurationDocument.textBytes
    do throws(SystemError) {
      return try Files.read(name == "-" ? "/dev/stdin" : name, limitBytes: limit)
    } catch {
      guard error.code != EFBIG else {
        throw Refusal.failed(
          "\(name): no document is longer than \(limit) octets; name another file")
      }
      throw Refusal.failed("\(error)")
    }
  }

  static func list(_ name: String, _ problems: ConfigurationProblems) -> String {
    "\(name): not valid\n\(problems)"
  }

  /// What `config check --json` prints.
  private struct Outcome: Encodable {
    let valid: Bool
    let problems: [Problem]
    let warnings: [String]
  }

  private struct Problem: Encodable {
    let path: String
    let message: String
  }
}
