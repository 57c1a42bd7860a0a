/// Slows down whoever fails: after a number of free tries, each failure doubles the wait.
struct Limiter {
  /// Failures without a wait.
  let free: Int
  /// Longest wait, in seconds; failures are forgotten after as long again.
  let capSeconds: Int64

  /// Most names remembered; beyond, the ones that wait least are forgotten.
  private static let limit = 10_000

  private struct Entry {
    var failures: Int
    var blockedUntil: Int64
    var last: Int64
  }

  private var entries: [String: Entry] = [:]

  init(free: Int, capSeconds: Int64) {
    self.free = free
    self.capSeconds = capSeconds
  }

  /// Throws while `key` has to wait.
  func check(_ key: String, at now: Int64) throws(PortalError) {
    guard let entry = entries[key], entry.blockedUntil > now else { return }
    throw .tooMany(seconds: Int(entry.blockedUntil - now))
  }

  /// Counts a failure.
  mutating func fail(_ key: String, at now: Int64) {
    var entry = entries[key] ?? Entry(failures: 0, blockedUntil: now, last: now)
    entry.failures += 1
    entry.last = now
    if entry.failures > free {
      let exponent = min(entry.failures - free, 30)
      entry.blockedUntil = now + min(capSeconds, Int64(1) << Int64(exponent))
    }
    if entries.count >= Self.limit, entries[key] == nil {
      forget(at: now)
      if entries.count >= Self.limit,
        let least = entries.min(by: { $0.value.blockedUntil < $1.value.blockedUntil })?.key
      {
        entries[least] = nil
      }
    }
    entries[key] = entry
  }

  /// Forgets the failures of `key`.
  mutating func succeed(_ key: String) { entries[key] = nil }

  /// Forgets what is over.
  mutating func forget(at now: Int64) {
    guard !entries.isEmpty else { return }
    entries = entries.filter { $0.value.blockedUntil > now || $0.value.last + capSeconds > now }
  }
}

/// Lets through so much a second in the long run, and more at once.
struct TokenBucket: Hashable {
  private let capacity: Int64
  private let perSecond: Int64
  private var count: Int64
  private var filledAt: Int64 = 0

  init(capacity: Int64, perSecond: Int64) {
    self.capacity = capacity
    self.perSecond = perSecond
    count = capacity
  }

  /// Takes `wanted` out, or throws how long to wait; never more than ``capacity`` at once.
  mutating func take(_ wanted: Int, at now: Int64) throws(PortalError) {
    if now > filledAt {
      let seconds = min(now - filledAt, capacity)
      count = min(capacity, count + seconds * perSecond)
    }
    filledAt = now
    let missing = Int64(wanted) - count
    guard missing <= 0 else {
      throw .tooMany(seconds: Int((missing + perSecond - 1) / perSecond))
    }
    count -= Int64(wanted)
  }
}

/// The limiters of the portal.
struct Limiters {
  /// Log-ins by user name and address.
  var logIn = Limiter(free: 3, capSeconds: 300)
  /// Log-ins by address alone, for one who tries many names.
  var address = Limiter(free: 20, capSeconds: 300)
  /// Wrong activation codes by address; many gateways may share one.
  var codes = Limiter(free: 20, capSeconds: 300)
  /// One-time links by address.
  var invitations = Limiter(free: 5, capSeconds: 300)

  mutating func forget(at now: Int64) {
    logIn.forget(at: now)
    address.forget(at: now)
    codes.forget(at: now)
    invitations.forget(at: now)
  }
}
