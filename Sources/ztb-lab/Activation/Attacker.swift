import HTTP
import HTTPClient
import JSON
import Linux
import Wire

/// Somebody on the WAN who means the portal harm.
final class Attacker {
  /// How the portal met a request.
  enum Outcome: Hashable, CustomStringConvertible {
    case status(Int)
    /// The connection was ended, or never came about.
    case closed

    var description: String {
      switch self {
      case .status(let number): "\(number)"
      case .closed: "closed"
      }
    }
  }

  let host: Host
  let client: WebClient
  private let world: World

  init(_ host: Host, _ world: World) throws {
    try Programs.require(["openssl", "timeout"])
    self.host = host
    self.world = world
    client = try WebClient(host) { try world.pause(milliseconds: 1) }
  }

  /// A request as a client library makes it.
  func send(
    _ method: String, _ path: String, headers: [HTTPField] = [], body: String = "",
    port: Int = Plan.portalPort, identity: HTTPClient.Identity? = nil
  ) throws -> Outcome {
    var request = HTTPClient.Request.trusting(
      method, "https://\(Plan.portal):\(port)\(path)", headers: headers, body: Array(body.utf8))
    request.identity = identity
    return try outcome(request)
  }

  /// The same with a body of JSON.
  func send(
    _ method: String, _ path: String, json: String, headers: [HTTPField] = []
  ) throws -> Outcome {
    try send(
      method, path, headers: headers + [HTTPField("Content-Type", "application/json")], body: json)
  }

  /// What becomes of a request that is made already.
  func outcome(_ request: HTTPClient.Request) throws -> Outcome {
    guard let result = try client.sendAll([request]).first else { return .closed }
    if case .success(let answer) = result { return .status(answer.status) }
    return .closed
  }

  /// Octets over TLS that no client library would send; the last word of the portal.
  func raw(_ text: String, port: Int = Plan.portalPort, seconds: Int = 8) throws -> Outcome {
    let (_, output) = try host.attempt(
      [
        "timeout", "\(seconds)", "openssl", "s_client", "-quiet", "-connect",
        "\(Plan.portal):\(port)",
      ], input: text)
    guard let range = output.firstRange(of: "HTTP/1.1 ") else { return .closed }
    return Int(output[range.upperBound...].prefix(3)).map { .status($0) } ?? .closed
  }

  /// Octets without TLS on the port for TLS.
  func plain(_ text: String) throws -> Outcome {
    let wire = PlainHTTP(host: host, target: Endpoint(Plan.portal, UInt16(Plan.portalPort))) {
      [world] in try world.pause(milliseconds: 5)
    }
    do {
      return .status(try wire.exchange(Array(text.utf8), seconds: 8).status)
    } catch is LabError { return .closed } catch is SystemError { return .closed }
  }

  /// Opens connections that say nothing, and keeps them open as long as the result lives.
  func silentConnections(_ count: Int) throws -> [SilentConnection] {
    try host.inside {
      try (0..<count).map { _ in
        SilentConnection(
          socket: try Sockets.connect(Endpoint(Plan.portal, UInt16(Plan.portalPort))).release())
      }
    }
  }
}

/// A connection that is open and says nothing.
final class SilentConnection {
  private let socket: Descriptor

  init(socket: Int32) { self.socket = Descriptor(owning: socket) }
}
