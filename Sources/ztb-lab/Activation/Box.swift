import CLinux
import Glibc
import JSON
import Linux
import Wire

/// An appliance as its own control socket shows it.
struct Box {
  let gateway: ZtbGateway
  let world: World

  init(_ gateway: ZtbGateway, _ world: World) {
    self.gateway = gateway
    self.world = world
  }

  /// Waits until the control socket answers.
  func waitUntilUp(seconds: Int = 20) throws {
    try world.wait("\(gateway.node.name) to answer", seconds: seconds) {
      do {
        return try ask("version")["done"].bool == true
      } catch is SystemError { return false } catch LabError.failed { return false }
    }
  }

  /// Asks the supervisor something; its answer, also a refusal.
  func ask(_ verb: String, _ members: (String, JSONValue)...) throws -> JSON {
    let request = JSONValue.object(
      [.init("verb", .string(verb))] + members.map { .init($0.0, $0.1) })
    let socket = try gateway.host.inside {
      try Sockets.local("\(ZtbGateway.runDirectory)/control.sock")
    }
    var rest = (request.canonical + [UInt8(ascii: "\n")])[...]
    while !rest.isEmpty { rest = rest.dropFirst(try socket.write(rest) ?? 0) }
    var line: [UInt8] = []
    let end = MonotonicClock.now() + .seconds(10)
    while line.last != UInt8(ascii: "\n") {
      guard let piece = try socket.read(limit: 65_536) else {
        guard MonotonicClock.now() < end else {
          throw LabError.timeout("\(gateway.node.name) to answer “\(verb)”")
        }
        try world.pause(milliseconds: 5)
        continue
      }
      guard !piece.isEmpty else {
        throw LabError.failed("\(gateway.node.name) ended the connection at “\(verb)”")
      }
      line += piece
    }
    return try JSON(parsing: String(decoding: line, as: UTF8.self))
  }

  /// The picture that console and page show.
  func overview() throws -> JSON { try ask("overview") }

  /// The configuration document in force, as text.
  func document() throws -> String { try ask("config show")["document"].text ?? "" }

  /// `unactivated`, `in-progress` or `activated`.
  func activationState() throws -> String { try overview()["activation"]["state"].text ?? "" }

  /// The steps as `number state`, with the cause of a failed one.
  func steps() throws -> [String] {
    try overview()["activation"]["steps"].array.map { step in
      let cause = step["cause"].text ?? ""
      return "\(step["number"].int ?? 0) \(step["state"].text ?? "")"
        + (cause.isEmpty ? "" : " (\(cause))")
    }
  }

  /// Waits until the activation has ended well; throws with the box's own reason where it fails for
  /// good. What it tries again by itself is no failure yet.
  func waitUntilActivated(seconds: Int = 60) throws {
    var failure = ""
    do {
      try world.wait("", seconds: seconds) {
        let activation = try overview()["activation"]
        failure = activation["failure"].array.compactMap(\.text).joined(separator: "; ")
        guard failure.isEmpty || activation["canRetry"].bool == true else {
          throw LabError.failed("\(gateway.node.name): \(failure)")
        }
        return activation["state"].text == "activated"
      }
    } catch LabError.timeout {
      let steps = try steps().joined(separator: ", ")
      throw LabError.timeout("\(gateway.node.name) to be activated; \(failure) \(steps)")
    }
  }

  /// Waits until the activation has failed; the reasons.
  func waitUntilFailed(seconds: Int = 60) throws -> [String] {
    var reasons: [String] = []
    try world.wait("\(gateway.node.name) to say why it is not activated", seconds: seconds) {
      reasons = try overview()["activation"]["failure"].array.compactMap(\.text)
      return !reasons.isEmpty
    }
    return reasons
  }

  /// Waits until the WAN has an address; it.
  @discardableResult
  func waitForWAN(seconds: Int = 20) throws -> String {
    var address = ""
    try world.wait("\(gateway.node.name) to get a WAN address", seconds: seconds) {
      address = try overview()["wan"]["address"].text ?? ""
      return !address.isEmpty
    }
    return address
  }
}
