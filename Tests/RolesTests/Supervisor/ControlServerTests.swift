import Glibc
import Linux
import Messages
import Testing
import Wire

@testable import Roles

/// A server that answers each line with itself, and clients beside it in the same loop.
private struct Bench {
  let scratch = ScratchDirectory()
  let reactor: Reactor
  let server: ControlServer

  init(hookUser: UInt32 = HelperPrograms.leaseUser) throws {
    // As the supervisor does: a write to a closed client is an error, not a signal.
    signal(SIGPIPE, SIG_IGN)
    reactor = try Reactor()
    // The handler needs the server that it is given to.
    final class Box { weak var server: ControlServer? }
    let box = Box()
    server = try ControlServer(
      reactor, directory: scratch.path, hookUser: hookUser
    ) { client, line in
      switch client {
      case .socket(let number), .leaseHook(let number): box.server?.answer(number, line)
      case .panel, .peer, .portalDocument, .portalCommand, .activation, .departure, .itself: break
      }
    }
    box.server = server
  }

  func client() throws -> Descriptor {
    let socket = try ControlSocket.connect(in: scratch.path)
    try socket.setNonBlocking()
    return socket
  }

  /// Runs the loop until nothing happens any more.
  func settle() throws {
    for _ in 0..<20 { try reactor.turn(timeoutMilliseconds: 1) }
  }
}

@Suite("Control server", .enabled(if: getuid() == 0, "the socket serves user 0 only"))
struct ControlServerTests {
  @Test("lines come back in order, also two in one write and one in two")
  func lines() throws {
    let bench = try Bench()
    let client = try bench.client()
    _ = try client.write(Array("one\ntwo\nth".utf8))
    try bench.settle()
    _ = try client.write(Array("ree\n".utf8))
    try bench.settle()
    #expect(try client.read(limit: 100) == Array("one\ntwo\nthree\n".utf8))
  }

  @Test("a line that never ends closes its client and no other")
  func oversized() throws {
    let bench = try Bench()
    let client = try bench.client()
    let other = try bench.client()
    let piece = [UInt8](repeating: 120, count: 60_000)
    var sent = 0
    var isClosed = false
    while !isClosed && sent < 3 * SupervisorLimits.requestBytes {
      do { sent += try client.write(piece) ?? 0 } catch { isClosed = true }
      try bench.reactor.turn(timeoutMilliseconds: 0)
    }
    #expect(isClosed)
    #expect(sent <= SupervisorLimits.requestBytes + (1 << 20))
    _ = try other.write(Array("still here\n".utf8))
    try bench.settle()
    #expect(try other.read(limit: 100) == Array("still here\n".utf8))
  }

  @Test("clients beyond the limit are closed at once")
  func tooMany() throws {
    let bench = try Bench()
    var clients: [ClientBox] = []
    for _ in 0..<SupervisorLimits.clients + 3 {
      clients.append(ClientBox(try bench.client()))
      try bench.settle()
    }
    let closed = try clients.filter { try $0.socket.read(limit: 1) == [] }
    #expect(closed.count == 3)
  }

  @Test("the hook of the DHCP client may report a lease and nothing else")
  func leaseHook() {
    for verb in ControlRequest.Verb.allCases {
      #expect(ControlClient.leaseHook(1).may(verb) == (verb == .lease))
    }
  }

  @Test("the hook of the DHCP client has one connection, and one answer on it")
  func oneHook() throws {
    let bench = try Bench(hookUser: 0)
    let idle = try bench.client()
    try bench.settle()
    let next = try bench.client()
    try bench.settle()
    #expect(try idle.read(limit: 1) == [])
    _ = try next.write(Array("bound\nrenew\n".utf8))
    try bench.settle()
    #expect(try next.read(limit: 100) == Array("bound\n".utf8))
    #expect(try next.read(limit: 100) == [])
  }

  @Test("a line of the hook that is longer than its environment closes it")
  func longHookLine() throws {
    let bench = try Bench(hookUser: 0)
    let client = try bench.client()
    let line = [UInt8](repeating: 120, count: SupervisorLimits.hookRequestBytes + 1)
    _ = try client.write(line)
    try bench.settle()
    #expect(try client.read(limit: 1) == [])
  }

  @Test("a client that says nothing is closed when its time is over")
  func dawdler() throws {
    let bench = try Bench()
    let client = try bench.client()
    try bench.settle()
    let deadline = try #require(bench.server.deadline)
    bench.server.expire(at: deadline)
    #expect(try client.read(limit: 1) == [])
    #expect(bench.server.deadline == nil)
  }
}

/// A descriptor that an array can hold.
private final class ClientBox {
  let socket: Descriptor
  init(_ socket: consuming Descriptor) { self.socket = socket }
}
