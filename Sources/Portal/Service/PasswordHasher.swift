import Activation
import CLinux
import Crypto
import Glibc
import JSON
import Linux
import Wire

/// Computes scrypt (RFC 7914) without holding the loop up.
protocol PasswordHasher: AnyObject {
  /// How many results are outstanding; each takes up to 100 ms.
  var waitingCount: Int { get }

  /// Derives 32 octets; `completion` runs later in the loop, with nil when it failed or too much
  /// is waiting.
  func derive(
    secret: [UInt8], salt: [UInt8], cost: UInt64, _ completion: @escaping ([UInt8]?) -> Void)
}

/// Passwords as they are stored: `scrypt$N$salt$hash`, in base64.
enum StoredPassword {
  /// Takes about 100 ms, and 32 MiB.
  static let cost: UInt64 = 32_768

  /// The text to store.
  static func text(salt: [UInt8], hash: [UInt8]) -> String {
    "scrypt$\(cost)$\(Base64.encode(salt))$\(Base64.encode(hash))"
  }

  /// The parts of a stored text; nil for what we did not write.
  static func parts(_ text: String) -> (cost: UInt64, salt: [UInt8], hash: [UInt8])? {
    let parts = text.split(separator: "$", omittingEmptySubsequences: false)
    guard parts.count == 4, parts[0] == "scrypt", let cost = UInt64(parts[1]),
      let salt = Base64.decode(String(parts[2])), let hash = Base64.decode(String(parts[3]))
    else { return nil }
    return (cost, salt, hash)
  }

  /// What is wrong with a new password; nil: nothing.
  static func problem(_ password: String, name: String) -> String? {
    if password.utf8.count < 12 { return "must have at least 12 characters" }
    if password.utf8.count > 256 { return "is longer than 256 octets" }
    if password.lowercased().contains(name.lowercased()) { return "must not hold the user's name" }
    if Set(password).count < 5 { return "must have at least five different characters" }
    return nil
  }
}

/// Computes scrypt in a second thread: a log-in takes 100 ms, in which 2 000 gateways would wait.
/// Orders are whole writes into a pipe, results are messages.
final class ScryptThread: PasswordHasher {
  /// Orders that may wait: a few hundred gateways may be activated at the same time.
  private static let limit = 400
  /// Orders in the pipe, which must never be full: the loop would wait for the thread.
  private static let pipeLimit = 16

  private let orders: Descriptor
  private let results: Descriptor
  private let reactor: Reactor
  private var queue: [ScryptOrder] = []
  private var inPipe = 0
  private var waiting: [UInt64: ([UInt8]?) -> Void] = [:]
  private var next: UInt64 = 0

  var waitingCount: Int { waiting.count }

  /// Starts the thread, which lives as long as the process.
  init(_ reactor: Reactor) throws(SystemError) {
    let (orderOut, orderIn) = try Self.pipe()
    // Not a pipe: the thread must not die of a signal when we are gone.
    let ends = try PacketChannel.pair()
    let resultIn = try ends.second.duplicate().release()
    let resultOut = try ends.first.duplicate().release()
    orders = Descriptor(owning: orderIn)
    results = Descriptor(owning: resultOut)
    self.reactor = reactor
    try results.setNonBlocking()
    try PlainThread.start(ScryptWorker(orders: orderOut, results: resultIn)) { $0.run() }
    try reactor.add(resultOut) { [unowned self] _ in collect() }
  }

  deinit { reactor.remove(results.rawValue) }

  func derive(
    secret: [UInt8], salt: [UInt8], cost: UInt64, _ completion: @escaping ([UInt8]?) -> Void
  ) {
    next += 1
    guard waiting.count < Self.limit,
      let order = ScryptOrder(number: next, cost: cost, secret: secret, salt: salt)
    else { return completion(nil) }
    waiting[next] = completion
    queue.append(order)
    feed()
  }

  private func feed() {
    while inPipe < Self.pipeLimit, !queue.isEmpty {
      let order = queue.removeFirst()
      let octets = order.octets
      if unsafe write(orders.rawValue, octets, octets.count) == octets.count {
        inPipe += 1
      } else {
        waiting.removeValue(forKey: order.number)?(nil)
      }
    }
  }

  private func collect() {
    // The pipe fails only when the process is broken beyond this.
    while let octets = try? results.read(limit: ScryptOrder.resultCount),
      octets.count == ScryptOrder.resultCount
    {
      inPipe -= 1
      let hash = Array(octets[9...])
      waiting.removeValue(forKey: ScryptOrder.number(octets))?(octets[8] == 1 ? hash : nil)
    }
    feed()
  }

  private static func pipe() throws(SystemError) -> (Int32, Int32) {
    var ends: [Int32] = [-1, -1]
    try system("pipe2") { unsafe pipe2(&ends, O_CLOEXEC) }
    return (ends[0], ends[1])
  }
}

/// One order on its way to the thread: number, cost, lengths, secret and salt, 1 024 octets.
private struct ScryptOrder {
  static let count = 1_024
  /// Number, whether it worked, 32 octets.
  static let resultCount = 41
  private static let head = 20

  var number: UInt64
  var cost: UInt64
  var secret: [UInt8]
  var salt: [UInt8]

  init?(number: UInt64, cost: UInt64, secret: [UInt8], salt: [UInt8]) {
    guard Self.head + secret.count + salt.count <= Self.count else { return nil }
    self.number = number
    self.cost = cost
    self.secret = secret
    self.salt = salt
  }

  init(_ octets: [UInt8]) {
    number = Self.number(octets)
    cost = Self.number(Array(octets[8..<16]))
    let secretCount = Int(octets[16]) << 8 | Int(octets[17])
    let saltCount = Int(octets[18]) << 8 | Int(octets[19])
    secret = Array(octets[Self.head..<Self.head + secretCount])
    salt = Array(octets[Self.head + secretCount..<Self.head + secretCount + saltCount])
  }

  var octets: [UInt8] {
    var octets = Self.octets(number) + Self.octets(cost)
    for count in [secret.count, salt.count] {
      octets += [UInt8(count >> 8), UInt8(count & 0xff)]
    }
    octets += secret + salt
    return octets + [UInt8](repeating: 0, count: Self.count - octets.count)
  }

  static func number(_ octets: [UInt8]) -> UInt64 {
    octets.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
  }

  static func octets(_ number: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: number >> UInt64(56 - 8 * $0)) }
  }
}

/// What the thread owns; nobody else sees it once it runs.
private final class ScryptWorker: Sendable {
  private let orders: Int32
  private let results: Int32

  init(orders: Int32, results: Int32) {
    self.orders = orders
    self.results = results
  }

  func run() -> Never {
    var octets = [UInt8](repeating: 0, count: ScryptOrder.count)
    while true {
      let count = unsafe read(orders, &octets, ScryptOrder.count)
      guard count == ScryptOrder.count else {
        if count < 0 && errno == EINTR { continue }
        break
      }
      let order = ScryptOrder(octets)
      // The loop tells that it failed.
      let hash = try? scrypt(secret: order.secret, salt: order.salt, cost: order.cost)
      let result =
        ScryptOrder.octets(order.number) + [hash == nil ? 0 : 1]
        + (hash ?? [UInt8](repeating: 0, count: 32))
      let sent = unsafe send(results, result, result.count, Int32(MSG_NOSIGNAL))
      if sent != result.count { break }
    }
    // The other end is gone.
    close(orders)
    close(results)
    pthread_exit(nil)
  }
}
