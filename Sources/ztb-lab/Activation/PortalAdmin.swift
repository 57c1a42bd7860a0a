import Activation
import HTTP
import HTTPClient
import JSON
import Linux
import Wire

/// The administrator of the portal, over its REST interface.
final class PortalAdmin {
  static let user = "admin@example.net"
  static let password = "correct horse battery staple"

  let portal: Portal
  let client: WebClient
  private let world: World
  private var headers: [HTTPField] = []

  /// Opens the set-up link of a portal that was never used, makes the administrator, and logs in.
  init(_ portal: Portal, _ world: World) throws {
    self.portal = portal
    self.world = world
    client = try WebClient(portal.host) { try world.pause(milliseconds: 1) }
  }

  /// Sends a request as this administrator; its answer, whatever the status.
  func answer(_ method: String, _ path: String, _ body: JSONValue? = nil) throws -> HTTPResponse {
    try client.send(request(method, path, body))
  }

  /// The same, not yet sent.
  func request(
    _ method: String, _ path: String, _ body: JSONValue? = nil
  ) -> HTTPClient.Request {
    .trusting(
      method, Portal.url + path,
      headers: headers + (body == nil ? [] : [HTTPField("Content-Type", "application/json")]),
      body: body?.canonical ?? [])
  }

  /// Sends a request that must be done; what it returns.
  @discardableResult
  func call(_ method: String, _ path: String, _ body: JSONValue? = nil) throws -> JSON {
    let answer = try answer(method, path, body)
    guard (200..<300).contains(answer.status) else {
      throw LabError.failed(
        "portal: \(method) \(path): \(answer.status) \(answer.text.prefix(300))")
    }
    return answer.body.isEmpty ? JSON(nil) : try JSON(parsing: answer.text)
  }
}

/// A site as the portal tells of it.
struct PortalSite {
  let id: String
  let name: String
  let gateways: [PortalGateway]
}

/// A gateway as the portal tells of it.
struct PortalGateway {
  let id: String
  let name: String
  /// The activation code in groups of four.
  let code: String
  /// The activation link.
  let link: String
  /// `Disconnected`, `Initializing` and so on.
  let state: String
  /// What is shown beside the state, such as “waiting for gateway 2”.
  let detail: String
}

// Filled in when the interface is there.
struct SiteShape {
  var name: String
  var isPair: Bool
  var proxy: String?
  var addresses: [String]
  var platform: String
  init(
    _ name: String, isPair: Bool = true, proxy: String? = nil, addresses: [String] = [],
    platform: String = "zt400"
  ) {
    self.name = name
    self.isPair = isPair
    self.proxy = proxy
    self.addresses = addresses
    self.platform = platform
  }
}
extension PortalAdmin {
  convenience init(_ portal: Portal, _ world: World, isSetUp: Bool) throws {
    try self.init(portal, world)
  }
  func addSite(_ shape: SiteShape) throws -> PortalSite { throw LabError.missing("no portal yet") }
  func addSites(_ shapes: [SiteShape], lanes: Int) throws -> [PortalSite] { [] }
  func site(_ id: String) throws -> PortalSite { throw LabError.missing("no portal yet") }
  func waitForState(
    _ site: PortalSite, _ index: Int, _ state: String, detail: String = "", seconds: Int = 60
  ) throws {}
  func waitForStates(_ site: PortalSite, _ states: [String], seconds: Int = 60) throws {}
  func history(_ site: PortalSite, _ gateway: PortalGateway) throws -> [String] { [] }
  func events(_ site: PortalSite) throws -> [String] { [] }
  func change(_ site: PortalSite, timeZone: String, dns: [String]) throws -> Int { 0 }
  func rotate(_ site: PortalSite, _ index: Int) throws -> PortalGateway { site.gateways[0] }
  func expiredLink(_ site: PortalSite) throws -> String { "" }
}
extension ActivationWorld {
  func setUpInBrowser(_ portal: Portal) throws {}
  func readLink(_ site: PortalSite, _ index: Int) throws -> String { "" }
  func openSite(_ site: PortalSite) throws {}
}
