import CLinux
import Glibc
import Linux

/// A TCP server on 127.0.0.1 in the test's own loop: hands over what it received, sends what it is
/// told.
final class LoopbackServer {
  /// One accepted connection.
  final class Connection {
    let socket: Descriptor
    var received: [UInt8] = []
    /// What else belongs to the connection, such as the other half of a tunnel.
    var peer: Connection?

    init(_ socket: consuming Descriptor) { self.socket = socket }

    var text: String { String(decoding: received, as: UTF8.self) }

    /// Sends as much as the kernel takes, which is enough for tests.
    func send(_ octets: [UInt8]) { _ = try? socket.write(octets) }
    func send(_ text: String) { send(Array(text.utf8)) }
    func shutdown() { Glibc.shutdown(socket.rawValue, Int32(SHUT_RDWR)) }
  }

  private let reactor: Reactor
  private let listener: Descriptor
  private var connections: [Int32: Connection] = [:]
  let port: UInt16
  /// Every connection ever accepted.
  private(set) var accepted = 0

  /// Calls `received` whenever more has come in on a connection.
  ///
  /// With a `backlog`, the kernel keeps that many connections and one more, and nobody accepts.
  init(
    _ reactor: Reactor, backlog: Int32? = nil, received: @escaping (Connection) -> Void
  ) throws {
    self.reactor = reactor
    listener = try openSocket(AF_INET, .stream)
    port = try Self.bind(listener)
    let number = listener.rawValue
    guard listen(number, backlog ?? 128) == 0 else {
      throw SystemError(call: "listen", code: errno)
    }
    guard backlog == nil else { return }
    try reactor.add(number) { [unowned self] _ in
      while let socket = Self.accept(number) { serve(Connection(socket), received) }
    }
  }

  /// A server whose queue is full, so that the kernel drops whoever tries.
  static func full(_ reactor: Reactor) throws -> LoopbackServer {
    let server = try LoopbackServer(reactor, backlog: 0) { _ in }
    for _ in 1...3 { _ = try server.connect(to: server.port) { _ in } }
    return server
  }

  deinit {
    reactor.remove(listener.rawValue)
    for number in connections.keys { reactor.remove(number) }
  }

  /// Ends every connection.
  func hangUp() {
    for (number, connection) in connections {
      reactor.remove(number)
      connection.shutdown()
    }
    connections = [:]
  }

  /// Connects to another server on this machine and treats it like an accepted connection.
  func connect(to port: UInt16, received: @escaping (Connection) -> Void) throws -> Connection {
    let socket = try openSocket(AF_INET, .stream)
    var address = Self.loopback(port)
    let result = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe Glibc.connect(
          socket.rawValue, .init(__sockaddr__: $0), socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0 || errno == EINPROGRESS else {
      throw SystemError(call: "connect", code: errno)
    }
    let connection = Connection(socket)
    serve(connection, received)
    return connection
  }

  private func serve(_ connection: Connection, _ received: @escaping (Connection) -> Void) {
    accepted += 1
    let number = connection.socket.rawValue
    connections[number] = connection
    do {
      try reactor.add(number) { [unowned self] _ in
        // A reset ends the connection like an end of file.
        let octets = (try? connection.socket.read(limit: 65_536)) ?? []
        guard !octets.isEmpty else {
          reactor.remove(number)
          connection.peer?.shutdown()
          connections[number] = nil
          return
        }
        connection.received += octets
        received(connection)
      }
    } catch { connections[number] = nil }
  }

  private static func accept(_ listener: Int32) -> Descriptor? {
    let flags = Int32(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    let number = unsafe accept4(listener, .init(__sockaddr__: nil), nil, flags)
    return number < 0 ? nil : Descriptor(owning: number)
  }

  private static func loopback(_ port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return address
  }

  private static func bind(_ socket: borrowing Descriptor) throws -> UInt16 {
    var address = loopback(0)
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let number = socket.rawValue
    let result = unsafe withUnsafeMutablePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe Glibc.bind(number, .init(__sockaddr__: UnsafePointer($0)), size) == 0
          ? unsafe getsockname(number, .init(__sockaddr__: $0), &size) : -1
      }
    }
    guard result == 0 else { throw SystemError(call: "bind", code: errno) }
    return UInt16(bigEndian: address.sin_port)
  }
}
