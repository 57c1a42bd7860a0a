import Glibc
import Linux
import Wire

/// A server in the test's loop that answers with octets as they are given, one connection each.
final class BluntServer {
  private final class Connection {
    let socket: Descriptor
    init(_ socket: consuming Descriptor) { self.socket = socket }
  }

  private let reactor: Reactor
  private let listener: Descriptor
  private var open: [Int32: Connection] = [:]
  let port: UInt16
  /// The header of each request.
  private(set) var requests: [String] = []
  /// What is sent for one after the other; then nothing, and the connection ends.
  var answers: [String] = []

  init(_ reactor: Reactor) throws {
    self.reactor = reactor
    listener = try TCPListener.listen(on: IPv4Address(127, 0, 0, 1), port: 0)
    port = try TCPListener.port(of: listener.rawValue)
    let number = listener.rawValue
    try reactor.add(number) { [unowned self] _ in serve(number) }
  }

  deinit {
    reactor.remove(listener.rawValue)
    for number in open.keys { reactor.remove(number) }
  }

  private func serve(_ listener: Int32) {
    let number = unsafe accept4(
      listener, .init(__sockaddr__: nil), nil, Int32(SOCK_CLOEXEC.rawValue))
    guard number >= 0 else { return }
    open[number] = Connection(Descriptor(owning: number))
    try? reactor.add(number) { [unowned self] _ in answer(number) }
  }

  private func answer(_ number: Int32) {
    guard let octets = try? open[number]?.socket.read(limit: 65_536) else { return }
    if !octets.isEmpty { requests.append(String(decoding: octets, as: UTF8.self)) }
    if !answers.isEmpty { _ = try? open[number]?.socket.write(Array(answers.removeFirst().utf8)) }
    reactor.remove(number)
    open[number] = nil
  }
}
