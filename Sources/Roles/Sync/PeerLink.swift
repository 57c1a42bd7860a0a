import Crypto
import Glibc
import Linux
import Messages
import Wire

/// The way to the peer: the primary listens, the secondary dials every half second, and a new
/// authenticated connection replaces the old one.
final class PeerLink {
  /// What the link tells.
  enum Event {
    /// An authenticated connection stands.
    case connected
    /// Octets came.
    case received(ArraySlice<UInt8>)
    /// The connection is gone.
    case disconnected
    /// A line for the log.
    case note(String)
  }

  private let node: NodeName
  private let link: HALink
  private let key: [UInt8]
  private let reactor: Reactor
  private let deliver: (Event) -> Void
  private let fill: (inout [UInt8]) -> Void

  private var timer: DeadlineTimer?
  private var listener: Descriptor?
  private var listenerInterface: Int32?
  private var candidates: [Int32: SecureConnection] = [:]
  private var current: SecureConnection?
  private var watched: Readiness = []
  private var lastNote = ""

  /// Handshakes that failed and connections from strangers.
  private(set) var refused = 0
  /// Handshakes that succeeded.
  private(set) var handshakes = 0

  /// Begins to listen or dial. `fill` gives octets for the peer.
  init(
    _ reactor: Reactor, node: NodeName, link: HALink, deliver: @escaping (Event) -> Void,
    fill: @escaping (inout [UInt8]) -> Void
  ) throws {
    self.reactor = reactor
    self.node = node
    self.link = link
    self.deliver = deliver
    self.fill = fill
    key = try hkdfSHA256(key: link.key, salt: [], info: Array("ztb sync 1".utf8), count: 32)
    timer = try DeadlineTimer(reactor) { [unowned self] in tick() }
    tick()
  }

  deinit { leave() }

  /// Whether the peer is connected.
  var isConnected: Bool { current != nil }

  /// Sends what there is to be sent, as far as the connection takes it.
  func pump() {
    guard let connection = current else { return }
    if connection.write(fill) {
      watch(connection)
    } else {
      drop("write failed")
    }
  }

  /// Reads what is there at once, for a role change or a barrier.
  func readNow() {
    guard let connection = current else { return }
    take(connection)
  }

  /// Closes the connection; the link is set up again by itself.
  func close() {
    guard let old = current else { return }
    reactor.remove(old.descriptor)
    old.shutdown()
    current = nil
  }

  /// Ends in order.
  func leave() {
    close()
    for number in candidates.keys { reactor.remove(number) }
    candidates = [:]
    stopListening()
    timer?.arm(at: nil)
  }

  // MARK: - Setting up

  /// Twice a second: gives up what takes too long, listens or dials when it is not done.
  private func tick() {
    let now = MonotonicClock.now()
    timer?.arm(at: now + SyncLimits.dial)
    for (number, candidate) in candidates {
      if candidate.deadline <= now { reject(number, "timed out") }
      // A peer that does not listen is not heard: its reset comes with an ordinary TTL. So no
      // answer within a tick means to dial again, sooner than TCP would.
      if candidate.isConnecting { forget(number) }
    }
    do {
      switch node {
      case .primary: try ensureListening()
      case .secondary: if current == nil && candidates.isEmpty { try dial(now) }
      }
    } catch { note("\(error)") }
  }

  /// Listens, again when the interface was replaced.
  private func ensureListening() throws(SystemError) {
    let interface = NetworkInterface.index(of: link.port)
    if interface != listenerInterface { stopListening() }
    guard listener == nil else { return }
    let socket = try StreamSocket.listen(
      on: link.address, port: SyncLimits.port, interface: link.port)
    try reactor.add(socket.rawValue) { [unowned self] _ in accept() }
    listener = consume socket
    listenerInterface = interface
    note("listening on \(link.address)")
  }

  private func stopListening() {
    if let number = listener?.rawValue { reactor.remove(number) }
    listener = nil
    listenerInterface = nil
  }

  private func accept() {
    guard let number = listener?.rawValue else { return }
    do {
      while let accepted = try StreamSocket.accept(number) {
        let peer = accepted.peer
        guard link.peers.contains(peer), candidates.count < SyncLimits.candidates else {
          refused += 1
          note("refused a connection from \(peer)")
          continue
        }
        try add(.server, accepted.takeSocket(), MonotonicClock.now())
      }
    } catch { note("\(error)") }
  }

  private func dial(_ now: Instant) throws {
    guard let peer = link.peers.first else { return }
    let socket = try StreamSocket.connect(
      from: link.address, to: peer, port: SyncLimits.port, interface: link.port)
    try add(.client, socket, now)
  }

  private func add(
    _ role: TLSChannel.Role, _ socket: consuming Descriptor, _ now: Instant
  ) throws {
    let candidate = try SecureConnection(role, socket, key: key, at: now)
    let number = candidate.descriptor
    try reactor.add(number, [.readable, .writable]) { [unowned self] readiness in
      advance(number, readiness)
    }
    candidates[number] = candidate
  }

  private func advance(_ number: Int32, _ readiness: Readiness) {
    guard let candidate = candidates[number] else { return }
    switch candidate.advance(readiness) {
    case .goesOn:
      // Writability is permanent now; what the handshake waits for is the peer.
      if !readiness.contains(.writable) { return }
      // Fails only for a descriptor that is not watched, which this one is.
      _ = try? reactor.change(number, to: .readable)
    case .failed(let reason): reject(number, reason)
    case .authenticated:
      forget(number)
      promote(candidate)
    }
  }

  private func reject(_ number: Int32, _ reason: String) {
    refused += 1
    forget(number)
    note(reason)
  }

  private func forget(_ number: Int32) {
    reactor.remove(number)
    candidates[number] = nil
  }

  // MARK: - The connection

  private func promote(_ connection: SecureConnection) {
    close()
    do throws(SystemError) {
      try reactor.add(connection.descriptor) { [unowned self] readiness in serve(readiness) }
    } catch { return note("\(error)") }
    watched = .readable
    handshakes += 1
    current = connection
    note("connected")
    deliver(.connected)
    // The handshake may have read the first records already.
    take(connection)
  }

  private func serve(_ readiness: Readiness) {
    guard let connection = current else { return }
    if readiness.contains(.readable) || readiness.contains(.hangup) { take(connection) }
    // Writing is done once for every turn of the loop, by ``pump()``.
  }

  private func take(_ connection: SecureConnection) {
    guard let octets = connection.read() else { return drop("closed by the peer") }
    if !octets.isEmpty { deliver(.received(octets)) }
  }

  private func watch(_ connection: SecureConnection) {
    let interest = connection.interest
    guard interest != watched else { return }
    watched = interest
    // Fails only for a descriptor that is not watched, which this one is.
    _ = try? reactor.change(connection.descriptor, to: interest)
  }

  private func drop(_ reason: String) {
    guard current != nil else { return }
    close()
    note("disconnected: \(reason)")
    deliver(.disconnected)
  }

  /// One line, unless it only repeats the last one.
  private func note(_ text: String) {
    guard text != lastNote else { return }
    lastNote = text
    deliver(.note(text))
  }
}
