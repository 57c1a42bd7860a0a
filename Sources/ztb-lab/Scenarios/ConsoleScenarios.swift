import Linux
import Wire

extension Scenario {
  /// The menu on a serial line.
  static let console = [
    Scenario(
      name: "console-every-prompt-wrong",
      summary: "every prompt of the console gets a wrong answer once, says why and asks again"
    ) { stage in
      let place = try ActivationWorld(stage)
      try place.boot(.a)
      let console = WrongAnswers(place.terminal(.a), stage)
      try place.installer(.a).showMenu()
      try console.walkMenus()
      try console.walkNetwork()
      try console.walkSubinterface()
      try console.walkProxy()
      try console.walkPassword()
      try console.walkDiagnostics()
      try console.walkDanger(serial: place.carton.serial(.a))
      try place.prepare(.a)
      try console.walkActivation()
      stage.tell("\(console.count) wrong answers, each refused with a reason")
      try stage.expect(
        try place.box(.a).activationState() == "unactivated", "a wrong answer activated the box")
      let wan = try place.box(.a).overview()["wan"]["settings"]
      try stage.expect(wan["mode"].text == "dhcp", "a wrong answer changed the WAN")
    }
  ]
}

/// Somebody who gets everything wrong once.
private final class WrongAnswers {
  private let terminal: Terminal
  private let stage: Stage
  private(set) var count = 0
  private static let patience = 10

  init(_ terminal: Terminal, _ stage: Stage) {
    self.terminal = terminal
    self.stage = stage
  }

  /// Types a wrong answer: a reason must be printed, and the same prompt again.
  func refuse(_ wrong: String, promptedBy prompt: String) throws {
    try terminal.type(wrong)
    let before = try terminal.expect(prompt, seconds: WrongAnswers.patience)
    // What is left beside the echo of the answer, whole or as stars, is the reason.
    let reason = before.split(separator: "\n").filter { line in
      line.contains { $0.isLetter } && (wrong.isEmpty || !line.hasSuffix(wrong.suffix(20)))
    }
    try stage.expect(
      !reason.isEmpty, "“\(prompt)” gives no reason why “\(wrong.prefix(20))” is refused: \(before)"
    )
    count += 1
  }

  /// Waits for a prompt, gives wrong answers, then the right one.
  private func prompt(_ text: String, wrong: [String], right: String) throws {
    try terminal.expect(text, seconds: WrongAnswers.patience)
    for answer in wrong { try refuse(answer, promptedBy: text) }
    try terminal.type(right)
  }

  /// Answers that no menu has.
  func walkMenus() throws {
    try terminal.expect("Choice", seconds: WrongAnswers.patience)
    for wrong in ["99", "abc", "-1", "1;reboot", String(repeating: "7", count: 300)] {
      try refuse(wrong, promptedBy: "Choice")
    }
    for digit in ["1", "2", "6"] {
      try enter(digit)
      try refuse("9", promptedBy: "Choice")
      try refuse("x", promptedBy: "Choice")
      try back()
    }
  }

  /// A static WAN with every answer wrong first; left without applying it.
  func walkNetwork() throws {
    try enter("2")
    try terminal.type("1")
    try prompt("Use DHCP on \(Port.wan.name)?", wrong: ["maybe", "2"], right: "n")
    try prompt(
      "IP address/prefix",
      wrong: ["300.1.1.1/24", "203.0.113.9", "203.0.113.9/33", "203.0.113.0/24"],
      right: "203.0.113.9/24")
    try prompt(
      "Default gateway", wrong: ["nowhere", "10.0.0.1", "203.0.113.9"], right: "\(Plan.isp)")
    try prompt("VLAN tag, or none", wrong: ["0", "4095", "ten"], right: "none")
    try prompt("Primary DNS server", wrong: ["dns.example", "1.1.1", "none"], right: "1.1.1.1")
    try prompt("Secondary DNS server, or none", wrong: ["8.8.8.8.8", "1.1.1.1"], right: "none")
    try prompt("Apply?", wrong: ["perhaps"], right: "n")
    try back()
  }

  func walkSubinterface() throws {
    try enter("2")
    try terminal.type("2")
    try prompt("Add a subinterface", wrong: ["perhaps"], right: "y")
    try prompt("VLAN tag", wrong: ["0", "4095", "x"], right: "30")
    try prompt(
      "IP address/prefix", wrong: ["198.51.100.2", "x/24", "127.0.0.1/8"], right: "198.51.100.2/24")
    try prompt("Apply?", wrong: ["perhaps"], right: "n")
    try back()
  }

  func walkProxy() throws {
    try terminal.type("3")
    try prompt("Use a web proxy?", wrong: ["perhaps"], right: "y")
    try prompt(
      "Proxy host:port",
      wrong: ["proxy.example", "proxy.example:0", "proxy.example:99999", "a b:1"],
      right: "proxy.example:1883")
    try prompt("User, or none", wrong: [String(repeating: "u", count: 129)], right: "branch")
    try prompt("Password", wrong: [""], right: "s3cret")
    try prompt("Apply?", wrong: ["perhaps"], right: "n")
    try back()
  }

  func walkPassword() throws {
    try terminal.type("4")
    try prompt("New password", wrong: ["short", String(repeating: "a", count: 20)], right: long)
    try terminal.expect("New password again", seconds: WrongAnswers.patience)
    try refuse("something else entirely", promptedBy: "New password")
    try terminal.send("\u{4}")
    try back()
  }

  private var long: String { "a sentence that nobody guesses" }

  func walkDiagnostics() throws {
    for (digit, question) in [("1", "Host to ping"), ("2", "Name to resolve")] {
      try enter("6")
      try terminal.type(digit)
      try prompt(question, wrong: ["-rf /", "$(reboot)", "a..b", "1.2.3"], right: "q")
      try back()
    }
  }

  /// The questions before something drastic.
  func walkDanger(serial: String) throws {
    for (digit, question) in [("8", "Reboot now?"), ("9", "Power off now?")] {
      try terminal.type(digit)
      try prompt(question, wrong: ["perhaps"], right: "n")
      try back()
    }
    try terminal.type("10")
    try prompt("Type \(serial) to erase everything", wrong: ["y", "yes"], right: "q")
    try back()
  }

  func walkActivation() throws {
    try back()
    try enter("1")
    try terminal.type("1")
    try prompt(
      "Activation code",
      wrong: ["1234", "ABCD-EFGH-JKMN-PQRU", "0000-0000-0000-0001", "0000-0000-0000-0000@nowhere"],
      right: "q")
    try back()
  }

  /// Opens a menu.
  private func enter(_ digit: String) throws {
    try terminal.type(digit)
    try terminal.expect("Main Menu", seconds: WrongAnswers.patience)
    try terminal.expect("Choice", seconds: WrongAnswers.patience)
  }

  /// Up to the main menu, from a menu or from a question that was answered.
  private func back() throws {
    try terminal.type("")
    try terminal.expect("Log out", seconds: WrongAnswers.patience)
    try terminal.expect("Choice", seconds: WrongAnswers.patience)
  }
}
