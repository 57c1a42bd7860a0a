import Activation
import Crypto
import HTTP
import JSON
import SQLite
import Wire

@testable import Portal

/// A portal in memory, with a clock that the test moves.
final class TestPortal {
  let service: PortalService
  let clock = Clock()
  let admin: User

  final class Clock {
    var now: Int64 = 1_795_000_000
  }

  init(path: String = ":memory:") throws {
    let clock = self.clock
    service = try PortalService(
      database: try PortalDatabase(path: path),
      places: .init(names: ["portal.example"], port: 8443, agentPort: 8444),
      hasher: QuickHasher(), now: { clock.now })
    admin = User(id: 1, name: "root", role: .superAdmin)
  }

  func template(_ name: String = "zt400-ha-default") throws -> Template {
    guard let found = try service.templates.all().first(where: { $0.name == name }) else {
      throw PortalError.notFound(name)
    }
    return found
  }

  /// A site of two gateways with WAN by DHCP, or of one.
  func addSite(_ name: String = "Paris", isPair: Bool = true) throws -> SiteDetail {
    try service.createSite(try input(name, isPair: isPair), by: admin)
  }

  func input(_ name: String = "Paris", isPair: Bool = true) throws -> SiteInput {
    var input = SiteInput()
    input.name = name
    input.templateID = try template("zt400-\(isPair ? "ha" : "standalone")-default").id
    var one = SiteInput.GatewayInput()
    one.lanAddress = "10.1.0.2/24"
    input.gateways = [one]
    guard isPair else { return input }
    var two = one
    two.lanAddress = "10.1.0.3/24"
    input.gateways.append(two)
    input.lanVirtualIP = "10.1.0.1"
    input.wanVirtualIP = "203.0.113.1/24"
    return input
  }

  func code(_ gateway: Gateway) throws -> String {
    try service.activation(of: gateway.id, by: admin).code.code.text
  }

  func request(_ code: String, profile: String = "zt400") -> EnrollRequest {
    EnrollRequest(
      code: code, serial: "SN-\(code.prefix(4))", profile: profile, softwareVersion: "0.1.0",
      mode: "dhcp", dns: ["1.1.1.1", "8.8.8.8"])
  }

  /// Activates a gateway with a new key.
  @discardableResult
  func enroll(_ gateway: Gateway) throws -> EnrollAnswer {
    let csr = try P256Key.make().certificateRequest(commonName: "x")
    return try service.enroll(request(try code(gateway)), csr: csr, from: "192.0.2.9")
  }

  /// Brings a gateway into a state as its agent does.
  func run(_ gateway: Gateway, _ state: String) throws {
    try enroll(gateway)
    try service.report(
      gateway.id, status: nil, applied: .init(version: 1, outcome: "verified", reason: ""),
      results: [])
    try report(gateway, state)
  }

  func report(_ gateway: Gateway, _ state: String, _ more: String = "") throws {
    let text = "{\"state\":\"\(state)\",\"sync\":{\"ready\":true}\(more)}"
    try service.report(
      gateway.id, status: try JSONParser.parse(Array(text.utf8)), applied: nil, results: [])
  }

  func state(_ gateway: Gateway) throws -> GatewayState {
    try service.current(service.gateways.find(gateway.id)).life.state
  }

  /// The words of the error that `body` throws; nil: it throws none.
  static func error(_ body: () throws -> Void) -> PortalError? {
    do {
      try body()
      return nil
    } catch { return error as? PortalError }
  }

  /// The paths that are wrong.
  static func paths(_ body: () throws -> Void) -> [String] {
    error(body)?.problems.map(\.path) ?? ["nothing is wrong"]
  }
}

/// Answers at once; passwords are hashed cheaply, secrets of codes as they should be.
final class QuickHasher: PasswordHasher {
  var waitingCount = 0

  func derive(
    secret: [UInt8], salt: [UInt8], cost: UInt64, _ completion: @escaping ([UInt8]?) -> Void
  ) {
    guard cost != StoredPassword.cost else { return completion(sha256(secret + salt)) }
    completion(try? scrypt(secret: secret, salt: salt, cost: cost))
  }
}
