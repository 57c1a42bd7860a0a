/// A person who follows the customer's document at a console, key by key:
/// `2` `1` … Enter `3` … Enter `1` `1` CODE `2`.
struct Installer {
  let terminal: Terminal

  /// Seconds for an answer of the console to a key.
  private static let patience = 15

  init(_ terminal: Terminal) { self.terminal = terminal }

  /// How the WAN gets its address.
  enum WAN {
    case dhcp
    case fixed(address: String, gateway: String)
  }

  /// Shows the main menu: Enter with no choice.
  func showMenu() throws {
    try terminal.type("")
    try terminal.expect("Factory reset", seconds: Installer.patience)
  }

  /// Steps a: `2`, `1`, and the answers of the network wizard; ends at the main menu.
  func configureNetwork(_ wan: WAN = .dhcp, vlan: String = "") throws {
    try choose("2", shows: "Configure Network")
    try choose("1", shows: "WAN interface: \(Port.wan.name) (fixed")
    switch wan {
    case .dhcp: try answer("Use DHCP on \(Port.wan.name)?", "y")
    case .fixed(let address, let gateway):
      try answer("Use DHCP on \(Port.wan.name)?", "n")
      try answer("IP address/prefix", address)
      try answer("Default gateway", gateway)
    }
    try answer("VLAN tag, or none", vlan)
    try answer("Primary DNS server", "1.1.1.1")
    try answer("Secondary DNS server, or none", "8.8.8.8")
    try answer("Apply?", "y")
    try terminal.expect("Press Enter to return to the main menu", seconds: Installer.patience)
    try showMenu()
  }

  /// Step b: `3` and the answers of the proxy wizard; ends at the main menu.
  func configureProxy(_ place: String, user: String = "", password: String = "") throws {
    try choose("3", shows: "Use a web proxy?")
    try terminal.type("y")
    try answer("Proxy host:port", place)
    try answer("User, or none", user)
    if !user.isEmpty { try answer("Password", password) }
    try answer("Apply?", "y")
    try terminal.expect("Press Enter to return to the main menu", seconds: Installer.patience)
    try showMenu()
  }

  /// Step c up to the code: `1`, `1`, CODE. An activation that goes on by itself, as after a
  /// correction of the network, asks for none.
  func enter(code: String) throws {
    try choose("1", shows: "Activate Airgap Gateway")
    try terminal.type("1")
    let (shown, _) = try terminal.expect(
      oneOf: ["Activation code", "goes on by itself"], seconds: Installer.patience)
    if shown == 0 { try terminal.type(code) }
  }

  /// Step c whole: `1`, `1`, CODE, the box says that it is activated, `2` shows the main menu.
  func activate(code: String, name: String, seconds: Int = 90) throws {
    try enter(code: code)
    // A box that tries again by itself may be done before the code is typed.
    let (shown, _) = try terminal.expect(
      oneOf: ["Gateway \(name) is activated", "already activated"], seconds: seconds)
    try choose(shown == 0 ? "2" : "", shows: "Activated")
  }

  private func choose(_ digit: String, shows text: String) throws {
    try terminal.type(digit)
    try terminal.expect(text, seconds: Installer.patience)
  }

  private func answer(_ prompt: String, _ text: String) throws {
    try terminal.expect(prompt, seconds: Installer.patience)
    try terminal.type(text)
  }
}
