import Configuration
import Linux
import Messages
import Policy

/// `policy check|diff|apply|confirm|rollback`: another policy, by itself or within a whole document, in
/// place of the one in force.
enum PolicyChangeVerbs {
  static let all = [check, diff, apply, confirm, rollback]

  private static let forms = """
    FILE is a policy by itself, or a whole document of which nothing but the
    policy is looked at; - is standard input.
    """

  private static let beside = """
      --file DOCUMENT  beside this document instead of the one in force
    """

  private static let check = Verb(
    words: ["policy", "check"], synopsis: "FILE [--file DOCUMENT]",
    summary: "check a policy; lists every problem with its path",
    details: """
      \(beside)

      \(forms)
      It is checked as a part of the document in force, whose ports its zones
      name. Warnings name rules that decide nothing, with those that decided
      before them. Changes nothing.
      """,
    options: ["--file"], operands: 1...1
  ) { invocation in
    try ConfigurationVerbs.report(invocation) {
      let (running, document) = try documents(invocation)
      if let problem = document.versionProblem(after: running, which: "is in force") {
        throw problem
      }
      return (document, "policy version \(document.policy.version)")
    }
  }

  private static let diff = Verb(
    words: ["policy", "diff"], synopsis: "FILE [--at TIME] [--file DOCUMENT]",
    summary: "what a policy changes, and what that opens and closes",
    details: """
      \(beside)
        --at TIME        by the hours of then instead of now, such as
                         2026-11-28T18:00:00+01:00

      \(forms)
      First the parts that were added (+), removed (-) or changed (~); then, from
      what the kernel would get, who may open which connections from now on, and
      who may no longer. Changes nothing.
      """,
    options: ["--at", "--file"], operands: 1...1
  ) { invocation in
    let name = invocation.operands[0]
    let time = try PolicyVerbs.time(invocation)
    do {
      let (running, document) = try documents(invocation)
      let problem = document.versionProblem(after: running, which: "is in force")
      let output = PolicyDiffOutput(
        running.policy, document.policy, at: time, problem?.description)
      guard !invocation.isJSON else { return try printJSON(output) }
      for line in output.lines { print(line) }
    } catch let problems as ConfigurationProblems {
      throw Refusal.failed(ConfigurationVerbs.list(name, problems))
    }
  }

  private static let apply = Verb(
    words: ["policy", "apply"],
    synopsis: "FILE [--both] [--confirm-within SECONDS] [--canary NAMES]",
    summary: "put a policy in force",
    details: """
        --both                    on both nodes of a pair, asked on the active one:
                                  each checks it, the standby puts it in force, then
                                  this one; both keep it or both take it back
        --confirm-within SECONDS  1…86400: take the change back unless it is
                                  confirmed in time (ztb policy confirm); without
                                  this option it is kept at once
      \(ConfigurationVerbs.canaryHelp)

      \(forms)
      The same as config apply with the document in force and this policy in it:
      a working gateway goes on, and sessions are judged again.
      """,
    options: ["--confirm-within", "--canary"], flags: ["--both"], operands: 1...1
  ) { invocation in
    let name = invocation.operands[0]
    let text = try ConfigurationVerbs.read(name)
    do throws(ConfigurationProblems) {
      let policy = try PolicyText(parsing: text)
      if policy.isWithinDocument, !invocation.isJSON {
        print("\(name) is a whole document; only its policy is taken")
      }
    } catch { throw Refusal.failed(ConfigurationVerbs.list(name, error)) }
    try ConfigurationVerbs.apply(.policyApply, text, invocation)
  }

  private static let confirm = Verb(
    words: ["policy", "confirm"], synopsis: "", summary: "keep what policy apply put in force",
    details: "The same as config confirm."
  ) { try ConfigurationVerbs.tell($0, ControlRequest(.configConfirm)) }

  private static let rollback = Verb(
    words: ["policy", "rollback"], synopsis: "", summary: "take an unconfirmed policy back",
    details: "The same as config rollback."
  ) { try ConfigurationVerbs.tell($0, ControlRequest(.configRollback)) }

  /// The document in force, and the same with the policy of the operand.
  private static func documents(
    _ invocation: Invocation
  ) throws -> (running: ConfigurationDocument, changed: ConfigurationDocument) {
    let policy = try PolicyText(parsing: try ConfigurationVerbs.read(invocation.operands[0]))
    let running = try PolicyVerbs.document(invocation)
    return (running, try running.replacing(policy: policy))
  }
}
