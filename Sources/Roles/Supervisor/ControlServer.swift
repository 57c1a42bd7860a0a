import CLinux
import Glibc
import Linux
import Wire

/// The control socket: accepts clients of user 0 and of the DHCP client's user, hands over their
/// lines, sends the answers.
///
/// Every bound is per client and in ``SupervisorLimits``: how many there are, how long a line
/// gets, how long a client may dawdle. A client that breaks one is closed, the others never wait.
/// The DHCP client hears strangers: its hook has one connection, one short line, one answer.
final class ControlServer {
  /// Names a client, never used twice.
  typealias ClientNumber = Int

  private final class Client {
    let socket: Descriptor
    let isHook: Bool
    var input: [UInt8] = []
    var output: [UInt8] = []
    /// When it is closed unless it moves on; nil while we owe it an answer.
    var deadline: Instant?

    init(_ socket: consuming Descriptor, isHook: Bool, deadline: Instant) {
      self.socket = socket
      self.isHook = isHook
      self.deadline = deadline
    }

    var lineLimitBytes: Int {
      isHook ? SupervisorLimits.hookRequestBytes : SupervisorLimits.requestBytes
    }
  }

  private let reactor: Reactor
  private let listener: Descriptor
  private let hookUser: UInt32
  private var clients: [ClientNumber: Client] = [:]
  private var nextNumber = 1
  private let received: (ControlClient, [UInt8]) -> Void

  /// Listens on `DIRECTORY/control.sock`; `received` gets each line without its end.
  /// - Parameter hookUser: whose clients are the hook of the DHCP client.
  init(
    _ reactor: Reactor, directory: String, hookUser: UInt32 = HelperPrograms.leaseUser,
    received: @escaping (ControlClient, [UInt8]) -> Void
  ) throws(SystemError) {
    self.reactor = reactor
    self.hookUser = hookUser
    self.received = received
    listener = try ControlSocket.listen(in: directory, group: hookUser)
    try reactor.add(listener.rawValue) { [unowned self] _ in accept() }
  }

  deinit {
    reactor.remove(listener.rawValue)
    for client in clients.values { reactor.remove(client.socket.rawValue) }
  }

  /// When ``expire(at:)`` is due.
  var deadline: Instant? { clients.values.compactMap(\.deadline).min() }

  /// Closes the clients that dawdled.
  func expire(at now: Instant) {
    for (number, client) in clients {
      if let deadline = client.deadline, deadline <= now { drop(number) }
    }
  }

  /// Sends one line to a client; nothing happens when it has gone.
  func answer(_ number: ClientNumber, _ line: [UInt8]) {
    guard let client = clients[number] else { return }
    client.output += line + [UInt8(ascii: "\n")]
    client.deadline = MonotonicClock.now() + SupervisorLimits.clientPatience
    flush(number, client)
    // It is short enough to be on its way.
    if client.isHook { drop(number) }
  }

  /// Tries once more to send what is left, before the end.
  func finish() { for (number, client) in clients { flush(number, client) } }

  private func accept() {
    do {
      while let socket = try ControlSocket.accept(listener.rawValue) { welcome(socket) }
    } catch {
      // The client went before we looked, or no descriptor is left: it sees its connection end.
    }
  }

  private func welcome(_ socket: consuming Descriptor) {
    // Without credentials it is nobody.
    guard let user = try? PeerCredentials(of: socket.rawValue).user,
      [0, hookUser].contains(user), clients.count < SupervisorLimits.clients
    else { return }
    let isHook = user == hookUser
    if isHook { dropHooks() }
    let number = nextNumber
    nextNumber += 1
    let client = Client(
      socket, isHook: isHook, deadline: MonotonicClock.now() + SupervisorLimits.clientPatience)
    do {
      try reactor.add(client.socket.rawValue) { [unowned self] readiness in
        if readiness.contains(.writable) { flush(number, client) }
        if !readiness.isDisjoint(with: [.readable, .hangup]) { read(number, client) }
      }
      clients[number] = client
    } catch {
      // No memory for the watch; the client sees its connection end.
    }
  }

  /// A hook that is still here has not said its line: it must not keep the next one out.
  private func dropHooks() {
    for (number, client) in clients where client.isHook { drop(number) }
  }

  private func read(_ number: ClientNumber, _ client: Client) {
    guard clients[number] != nil else { return }
    do {
      while let piece = try client.socket.read(limit: 65_536) {
        if piece.isEmpty { return drop(number) }
        // What came before this piece holds no end of line.
        var unseen = client.input.count
        client.input += piece
        guard client.input.count <= client.lineLimitBytes else { return drop(number) }
        while let end = client.input[unseen...].firstIndex(of: UInt8(ascii: "\n")) {
          let line = Array(client.input[..<end])
          client.input.removeFirst(end + 1)
          unseen = 0
          client.deadline = nil
          received(client.isHook ? .leaseHook(number) : .socket(number), line)
          guard clients[number] != nil else { return }
        }
      }
    } catch { drop(number) }
  }

  private func flush(_ number: ClientNumber, _ client: Client) {
    do {
      while !client.output.isEmpty, let count = try client.socket.write(client.output) {
        client.output.removeFirst(count)
      }
      let interest: Readiness = client.output.isEmpty ? .readable : [.readable, .writable]
      try reactor.change(client.socket.rawValue, to: interest)
    } catch { drop(number) }
  }

  private func drop(_ number: ClientNumber) {
    guard let client = clients.removeValue(forKey: number) else { return }
    reactor.remove(client.socket.rawValue)
  }
}
