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
      for wrong in ["99", "abc", "-1", "1;reboot", String(repeating: "7", count: 300)] {
        try console.refuse(wrong, promptedBy: "Factory reset", "the main menu")
      }
      try console.walkNetwork()
      try console.walkProxy()
      try console.walkActivation()
      try console.walkHousehold()
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
  func refuse(_ wrong: String, promptedBy prompt: String, _ place: String) throws {
    try terminal.type(wrong)
    let before = try terminal.expect(prompt, seconds: WrongAnswers.patience)
    let lines = before.split(separator: "\n").map { $0.filter { $0 != " " } }
    // What is left beside the echo of the answer is the reason.
    let reason = lines.filter { !$0.isEmpty && !wrong.hasPrefix($0) && !$0.hasSuffix(wrong) }
    try stage.expect(!reason.isEmpty, "\(place): no reason why “\(wrong.prefix(20))” is refused")
    count += 1
  }

  /// Waits for a prompt, gives wrong answers, then the right one.
  private func prompt(_ text: String, wrong: [String], right: String) throws {
    try terminal.expect(text, seconds: WrongAnswers.patience)
    for answer in wrong { try refuse(answer, promptedBy: text, text) }
    try terminal.type(right)
  }

  private func menu(_ digit: String, _ shows: String, wrong: [String]) throws {
    try terminal.type(digit)
    try terminal.expect(shows, seconds: WrongAnswers.patience)
    for answer in wrong { try refuse(answer, promptedBy: shows, shows) }
  }

  /// A static WAN with every answer wrong first; left without applying it.
  func walkNetwork() throws {
    try menu("2", "Main Menu", wrong: ["9", "x"])
    try terminal.type("1")
    try prompt("Use DHCP on \(Port.wan.name)?", wrong: ["maybe", "2"], right: "n")
    try prompt(
      "IP address/prefix", wrong: ["300.1.1.1/24", "203.0.113.9", "203.0.113.9/33", "none"],
      right: "203.0.113.9/24")
    try prompt(
      "Default gateway", wrong: ["nowhere", "10.0.0.1", "203.0.113.9"], right: "\(Plan.isp)")
    try prompt("VLAN tag, or none", wrong: ["0", "4095", "ten"], right: "none")
    try prompt("Primary DNS server", wrong: ["dns.example", "1.1.1"], right: "1.1.1.1")
    try prompt("Secondary DNS server, or none", wrong: ["8.8.8.8.8"], right: "none")
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
    try prompt("User, or none", wrong: ["a:b"], right: "none")
    try prompt("Apply?", wrong: ["perhaps"], right: "n")
    try back()
  }

  func walkActivation() throws {
    try menu("1", "Main Menu", wrong: ["9"])
    try terminal.type("1")
    try prompt(
      "Activation code", wrong: ["1234", "ABCD-EFGH-JKMN-PQRU", "0000-0000-0000-0001"], right: "q")
    try back()
  }

  /// What is left: sub-interface, password, diagnostics, and the questions before something drastic.
  func walkHousehold() throws {
    try menu("2", "Main Menu", wrong: [])
    try terminal.type("2")
    try prompt("VLAN", wrong: ["0", "4095", "x"], right: "30")
    try prompt("address", wrong: ["198.51.100.2", "x/24"], right: "q")
    try back()
    try menu("6", "Main Menu", wrong: ["9", "x"])
    try back()
    for digit in ["8", "9", "10"] {
      try terminal.type(digit)
      try terminal.expect("?", seconds: WrongAnswers.patience)
      try refuse("perhaps", promptedBy: "?", "item \(digit)")
      try terminal.type("n")
      try back()
    }
  }

  /// Up to the main menu, however deep.
  private func back() throws {
    for _ in 0..<3 {
      try terminal.skip()
      try terminal.type("")
      let (index, _) = try terminal.expect(
        oneOf: ["Factory reset", ":"], seconds: WrongAnswers.patience)
      if index == 0 { return }
      try terminal.type("q")
    }
    try terminal.type("")
    try terminal.expect("Factory reset", seconds: WrongAnswers.patience)
  }
}
