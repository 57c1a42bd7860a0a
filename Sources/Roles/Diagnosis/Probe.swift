import CLinux
import Crypto
import Glibc
import Linux
import Wire

/// Single attempts to reach something, each bounded in time.
enum Probe {
  /// What came of an attempt.
  enum Outcome: Equatable, CustomStringConvertible {
    /// It answered after this time.
    case open(Interval)
    /// It said no.
    case refused
    /// Nothing came back.
    case silent
    /// There is no way, in the kernel's words.
    case unreachable(String)

    /// For people.
    var description: String {
      switch self {
      case .open(let time): "answer in \(milliseconds(time))"
      case .refused: "refused"
      case .silent: "no answer"
      case .unreachable(let reason): reason
      }
    }
  }

  /// A TCP connection, and how it came about.
  struct Connection: ~Copyable {
    let outcome: Outcome
    /// The number of the socket while this lives; nil when there is none.
    let number: Int32?
    private let socket: Descriptor?

    init(_ outcome: Outcome) {
      self.outcome = outcome
      number = nil
      socket = nil
    }

    init(_ outcome: Outcome, _ socket: consuming Descriptor) {
      self.outcome = outcome
      number = socket.rawValue
      self.socket = consume socket
    }
  }

  /// Connects by TCP.
  static func connect(_ address: IPv4Address, _ port: UInt16, until end: Instant) -> Connection {
    let begun = MonotonicClock.now()
    do throws(SystemError) {
      let socket = try openSocket(AF_INET, .stream)
      try IPv4Connection.connect(socket.rawValue, to: address, port: port)
      guard IPv4Connection.wait(socket.rawValue, writing: true, until: end) else {
        return Connection(.silent)
      }
      let code = try StreamSocket.connectionError(socket.rawValue)
      guard code == 0 else { throw SystemError(call: "connect", code: code) }
      return Connection(.open(MonotonicClock.now() - begun), socket)
    } catch { return Connection(outcome(error)) }
  }

  /// Sends one datagram and takes the first answer that `accept` takes.
  static func exchange(
    _ message: [UInt8], with address: IPv4Address, _ port: UInt16, until end: Instant,
    accept: ([UInt8]) -> Bool
  ) -> Outcome {
    do throws(SystemError) {
      return try exchange(
        message, on: try openSocket(AF_INET, .datagram), with: address, port, until: end,
        accept: accept)
    } catch { return outcome(error) }
  }

  /// Sends one echo request (RFC 792). Throws where this process may not.
  static func echo(
    _ address: IPv4Address, sequence: UInt16, until end: Instant
  ) throws(SystemError) -> Outcome {
    let socket = try openSocket(AF_INET, .datagram, Int32(IPPROTO_ICMP))
    // Type 8, code 0; checksum and identifier are the kernel's.
    let message: [UInt8] =
      [8, 0, 0, 0, 0, 0, UInt8(sequence >> 8), UInt8(sequence & 0xff)] + Array("ztb echo".utf8)
    do throws(SystemError) {
      return try exchange(message, on: socket, with: address, 0, until: end) { answer in
        answer.count >= 8 && answer[0] == 0
          && UInt16(answer[6]) << 8 | UInt16(answer[7]) == sequence
      }
    } catch { return outcome(error) }
  }

  private static func exchange(
    _ message: [UInt8], on socket: consuming Descriptor, with address: IPv4Address, _ port: UInt16,
    until end: Instant, accept: ([UInt8]) -> Bool
  ) throws(SystemError) -> Outcome {
    let begun = MonotonicClock.now()
    // The kernel takes datagrams of the peer only, and tells what came back instead.
    try IPv4Connection.connect(socket.rawValue, to: address, port: port)
    _ = try socket.write(message)
    while IPv4Connection.wait(socket.rawValue, until: end) {
      guard let answer = try socket.read(limit: 4_096) else { continue }
      if accept(answer) { return .open(MonotonicClock.now() - begun) }
    }
    return .silent
  }

  private static func outcome(_ error: SystemError) -> Outcome {
    switch error.code {
    case ECONNREFUSED: .refused
    case ETIMEDOUT: .silent
    default: .unreachable(unsafe String(cString: strerror(error.code)))
    }
  }
}

/// Names to addresses by asking the name servers themselves: no other program, no long waits.
struct NameLookup {
  /// Who is asked.
  let servers: [IPv4Address]

  /// What one server said.
  enum Result: Equatable {
    case addresses([IPv4Address], Interval)
    case noSuchName(Interval)
    case refuses(Int)
    case failed(Probe.Outcome)
  }

  /// Asks one server.
  static func ask(_ server: IPv4Address, _ name: String, until end: Instant) -> Result {
    // Without random octets a fixed number still works; the socket is bound to its peer.
    let random = (try? Crypto.randomOctets(2)) ?? [0x5a, 0x54]
    let identifier = UInt16(random[0]) << 8 | UInt16(random[1])
    guard let question = DNSMessage.question(name, identifier: identifier) else {
      return .noSuchName(.zero)
    }
    var answer: DNSMessage.Answer?
    let limit = min(end, MonotonicClock.now() + Diagnosis.Limits.nameServer)
    let outcome = Probe.exchange(question, with: server, 53, until: limit) { octets in
      // What is no answer to this question is waited over.
      answer = try? DNSMessage.answer(octets, identifier: identifier)
      return answer != nil
    }
    guard case .open(let time) = outcome, let answer else { return .failed(outcome) }
    switch answer.responseCode {
    case 0 where !answer.addresses.isEmpty: return .addresses(answer.addresses, time)
    case 0, 3: return .noSuchName(time)
    default: return .refuses(answer.responseCode)
    }
  }

  /// The first address that any server gives; an address stands for itself.
  func address(of host: String, until end: Instant) -> IPv4Address? {
    if let address = IPv4Address(host) { return address }
    for server in servers {
      if case .addresses(let found, _) = Self.ask(server, host, until: end) { return found.first }
    }
    return nil
  }
}
