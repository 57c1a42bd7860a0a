import Glibc
import Linux
import Messages

/// `console`.
enum ConsoleVerb {
  static let console = Verb(
    words: ["console"], synopsis: "[--batch]", summary: "the numbered menu, on this terminal",
    details: """
        --batch  take the answers from standard input that is no terminal, such as
                 a file with one answer a line; ends with it, or with 0

      The same menu as on the serial console. It asks for no login: whoever may use
      the control socket is user 0 already. 0, or q at the top, leaves.
      """,
    flags: ["--batch"]
  ) { invocation in
    let mode = TerminalMode(STDIN_FILENO)
    guard mode != nil || invocation.flags.contains("--batch") else {
      throw Refusal.usage("console: standard input is no terminal; --batch takes it all the same")
    }
    // Says at once when nobody answers.
    _ = try ControlClient(runDirectory: invocation.runDirectory).ask(ControlRequest(.version))
    defer { mode?.restore() }
    try mode?.makeRaw()
    try ConsoleClient(runDirectory: invocation.runDirectory).run()
  }
}
