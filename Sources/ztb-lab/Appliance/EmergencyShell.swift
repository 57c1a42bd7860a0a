import Linux

/// A root shell at the console of an appliance, opened by a signed token: the only way to look
/// into the box, and to break it from inside.
struct EmergencyShell {
  private let terminal: Terminal

  /// Opens it through the menu.
  init(_ scene: ApplianceScene, _ node: Node) throws {
    terminal = scene.terminal(node)
    let token = try scene.images.emergencyToken(
      serial: Appliance.serial(node), scene.world.client)
    try scene.place.installer(node).showMenu()
    try terminal.type("6")
    try terminal.expect("Emergency shell", seconds: 15)
    try terminal.type("7")
    try terminal.expect("Token:", seconds: 15)
    try terminal.type(token)
    // What is typed before its prompt is lost.
    try terminal.expect("emergency# ", seconds: 60)
  }

  /// Runs a command line; what it printed. The image has no links to the tools of `busybox`.
  @discardableResult
  func run(_ line: String, seconds: Int = 30) throws -> String {
    // The line's echo must not look like the end of its answer.
    try terminal.type("echo BEG''IN; \(line); echo E''ND:$?")
    try terminal.expect("BEGIN\n", seconds: seconds)
    return try terminal.expect("END:", seconds: seconds)
  }

  /// Types a line after which nothing more is expected.
  func send(_ line: String) throws { try terminal.type(line) }

  /// Back to the menu.
  func leave() throws {
    try terminal.type("exit")
    try terminal.expect("Factory reset", seconds: 30)
  }
}
