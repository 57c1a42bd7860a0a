import CLinux
import Glibc
import Linux

/// Raises and lowers interfaces in a thread of its own, in the order in which it was told.
///
/// Lowering one was measured to take 17 ms, and either waits for the kernel's lock on all
/// interfaces, which another node on the same machine may hold. A loop that waits so long looks
/// dead to its peer. Orders and results are whole writes into two pipes.
final class InterfaceThread {
  /// What became of an order.
  struct Result {
    /// What was ordered.
    var up: Bool
    /// Interfaces for which it failed.
    var failed: Int
  }

  private let orders: Descriptor
  private let results: Descriptor
  /// Orders without a result yet.
  private(set) var pending = 0

  /// Becomes readable when an order was carried out.
  var descriptor: Int32 { results.rawValue }

  /// Starts the thread, which lives as long as the process.
  init() throws(SystemError) {
    let (orderOut, orderIn) = try Self.pipe()
    let (resultOut, resultIn) = try Self.pipe()
    orders = Descriptor(owning: orderIn)
    results = Descriptor(owning: resultOut)
    try results.setNonBlocking()
    let worker = InterfaceWorker(
      interfaces: try InterfaceSwitch(), orders: orderOut, results: resultIn)
    try PlainThread.start(worker) { $0.run() }
  }

  /// Has interfaces raised or lowered; at most 63 of them.
  func set(up: Bool, _ indexes: [Int32]) {
    var order = [Int32](repeating: 0, count: InterfaceWorker.orderCount)
    order[0] = up ? 1 : 0
    for (slot, index) in indexes.prefix(InterfaceWorker.orderCount - 1).enumerated() {
      order[slot + 1] = index
    }
    let size = InterfaceWorker.orderCount * 4
    if unsafe write(orders.rawValue, order, size) == size { pending += 1 }
  }

  /// The orders carried out since the last call.
  func collect() -> [Result] {
    var done: [Result] = []
    guard pending > 0 else { return done }
    // The pipe fails only when the process is broken beyond this.
    while let octets = try? results.read(limit: 2), octets.count == 2 {
      pending -= 1
      done.append(Result(up: octets[0] == 1, failed: Int(octets[1])))
    }
    return done
  }

  /// Waits until every order was carried out, at most a second each; before the process ends.
  func finish() {
    while pending > 0 {
      var ready = pollfd(fd: results.rawValue, events: Int16(POLLIN), revents: 0)
      guard unsafe poll(&ready, 1, 1_000) == 1 else { return }
      _ = collect()
    }
  }

  private static func pipe() throws(SystemError) -> (Int32, Int32) {
    var ends: [Int32] = [-1, -1]
    try system("pipe2") { unsafe pipe2(&ends, O_CLOEXEC) }
    return (ends[0], ends[1])
  }
}

/// What the thread owns; nobody else sees it once it runs.
private final class InterfaceWorker: @unchecked Sendable {
  /// The direction and indexes of one order; 0 fills up.
  static let orderCount = 64

  private let interfaces: InterfaceSwitch
  private let orders: Int32
  private let results: Int32

  init(interfaces: InterfaceSwitch, orders: Int32, results: Int32) {
    self.interfaces = interfaces
    self.orders = orders
    self.results = results
  }

  func run() -> Never {
    var order = [Int32](repeating: 0, count: Self.orderCount)
    while true {
      let count = unsafe read(orders, &order, Self.orderCount * 4)
      guard count == Self.orderCount * 4 else { continue }
      let up = order[0] == 1
      let indexes = order.dropFirst().filter { $0 != 0 }
      // A call that failed as a whole changed none.
      let failed = (try? interfaces.set(up: up, indexes))?.count ?? indexes.count
      let result = [up ? 1 : 0, UInt8(truncatingIfNeeded: failed)]
      _ = unsafe write(results, result, 2)
    }
  }
}
