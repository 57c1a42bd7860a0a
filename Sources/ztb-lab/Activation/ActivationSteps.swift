import JSON
import Linux

/// Steps that several scenarios share.
extension ActivationWorld {
  /// The administrator of a portal that was just set up.
  func admin(inBrowser: Bool = false) throws -> PortalAdmin {
    let portal = try portal()
    if inBrowser {
      try setUpInBrowser(portal)
      return try PortalAdmin(portal, world, isSetUp: true)
    }
    return try PortalAdmin(portal, world)
  }

  /// Makes a booted box ready for a code: a network by DHCP that was set by somebody.
  func prepare(_ node: Node, _ wan: JSONValue = PaperBox.dhcp) throws {
    let box = box(node)
    let answer = try box.ask("network configure", ("wan", wan))
    guard answer["done"].bool == true else {
      throw LabError.failed("network: \(answer["text"].text ?? "")")
    }
    try box.waitForWAN()
  }

  /// Activates a booted box by code without a person at the console.
  func activate(_ node: Node, _ gateway: PortalGateway) throws {
    try prepare(node)
    let answer = try box(node).ask("activate", ("code", .string(gateway.code)))
    guard answer["done"].bool == true else {
      throw LabError.failed("activate: \(answer["text"].text ?? "")")
    }
    try box(node).waitUntilActivated()
  }

  /// Has a box forget everything.
  func reset(_ node: Node) throws {
    let box = box(node)
    _ = try box.ask("factory-reset")
    try world.wait("\(node.name) to have forgotten everything", seconds: 30) {
      do {
        return try box.activationState() == "unactivated"
          && box.overview()["controller"]["url"].text == nil
      } catch is SystemError { return false } catch LabError.failed { return false }
    }
  }

  /// The configuration document that a box runs.
  func document(_ node: Node) throws -> JSON {
    try JSON(parsing: try box(node).ask("config show")["document"].text ?? "")
  }
}
