import Glibc
import Linux
import Wire

/// The leases of the LANs: between the servers' files, the other node, and the disk.
///
/// A server reads its file when it starts, and writes it at each change; who started it wrote it
/// from the table, so that it knows what other servers and the other node have handed out.
final class LeaseKeeper {
  private enum Limits {
    /// How long a file must be left alone before it is read: the server writes it in pieces.
    static let quiet = Interval.milliseconds(20)
    /// How long a change may wait for the disk.
    static let save = Interval.seconds(2)
    static let forgetEvery = Interval.seconds(600)
    static let fileBytes = 4 << 20
  }

  private(set) var table = LeaseTable()
  /// The term that news of the servers are of; 0 on a node that is alone.
  var term: UInt64 = 0
  private let directory: String
  private let statePath: String
  private var watch: DirectoryWatch?
  /// The networks of the servers that run by a file that we wrote, by interface.
  private var served: [String: IPv4Prefix] = [:]
  private var lookAt: Instant?
  private var saveAt: Instant?
  private var forgetAt: Instant

  /// Takes up what was kept at `statePath`; the servers' files are in `directory`, which is made.
  init(_ reactor: Reactor, directory: String, statePath: String) throws(SystemError) {
    self.directory = directory
    self.statePath = statePath
    forgetAt = MonotonicClock.now() + Limits.forgetEvery
    do throws(SystemError) {
      try system("mkdir", directory) { unsafe mkdir(directory, 0o700) }
    } catch { if error.code != EEXIST { throw error } }
    // The servers have users of their own; the mask of a daemon would not let them through.
    try system("chmod", directory) { unsafe chmod(directory, 0o711) }
    watch = try DirectoryWatch(reactor, directory) { [unowned self] in
      lookAt = MonotonicClock.now() + Limits.quiet
    }
  }

  /// Reads what was kept on the disk. Throws where it cannot be used; the table is empty then, and
  /// the hosts tell what they have when they renew.
  func load() throws {
    let octets: [UInt8]
    do throws(SystemError) {
      octets = try Files.read(statePath, limitBytes: Limits.fileBytes)
    } catch { if error.code == ENOENT { return } else { throw error } }
    let now = WallClock.secondsSince1970()
    _ = table.merge(try LeaseMessage(decoding: octets).leases, at: now)
    _ = table.forget(at: now)
  }

  /// The file of the server on an interface.
  func path(_ interface: String) -> String { "\(directory)/\(interface).leases" }

  /// Writes what the server on an interface is to know, before it starts.
  func prepare(_ interface: String, _ network: IPv4Prefix, for user: UInt32) throws(SystemError) {
    let now = WallClock.secondsSince1970()
    let lines = table.inUse(at: now).filter { network.contains($0.address) }.map(\.line)
    let path = path(interface)
    try Files.replace(path, with: Array(lines.joined().utf8))
    try system("chown", path) { unsafe chown(path, user, user) }
    served[interface] = network
  }

  /// The server on an interface is no longer ours to listen to.
  func close(_ interface: String) {
    guard served.removeValue(forKey: interface) != nil else { return }
    unsafe unlink(path(interface))
  }

  /// The servers that are listened to.
  var interfaces: [String] { served.keys.sorted() }

  /// The interfaces of servers that do not know all of these leases.
  func interfaces(concernedBy leases: [DHCPLease]) -> [String] {
    served.filter { entry in leases.contains { entry.value.contains($0.address) } }.map(\.key)
  }

  /// When ``expire(at:)`` is due; nil: nothing changes by itself.
  var deadline: Instant? { [lookAt, saveAt, forgetAt].compactMap { $0 }.min() }

  /// Reads the files that have been written, and writes what has to be kept; the news.
  func expire(at now: Instant) throws(SystemError) -> [DHCPLease] {
    var news: [DHCPLease] = []
    if let at = lookAt, at <= now { news = look() }
    if forgetAt <= now {
      forgetAt = now + Limits.forgetEvery
      if table.forget(at: WallClock.secondsSince1970()) { changed() }
    }
    if let at = saveAt, at <= now { try save() }
    return news
  }

  /// Reads the files of all servers at once; the news.
  func look() -> [DHCPLease] {
    lookAt = nil
    let now = WallClock.secondsSince1970()
    var news: [DHCPLease] = []
    for (interface, network) in served {
      // One that cannot be read says nothing; the next write brings the next look.
      guard
        let octets = try? Files.read(path(interface), limitBytes: Limits.fileBytes)
      else { continue }
      let lines = String(decoding: octets, as: UTF8.self).split(separator: "\n")
      news += table.report(
        lines.compactMap { DHCPLease(line: $0) }, in: network, term: term, at: now)
    }
    if !news.isEmpty { changed() }
    return news
  }

  /// Takes news of the other node; what of it was news here.
  func merge(_ message: LeaseMessage) -> [DHCPLease] {
    let now = WallClock.secondsSince1970()
    let news = table.merge(message.leases(at: now), at: now)
    if !news.isEmpty { changed() }
    return news
  }

  /// What the other node is to know: `leases`, or nil for everything.
  func messages(_ leases: [DHCPLease]?) -> [[UInt8]] {
    let now = WallClock.secondsSince1970()
    return LeaseMessage.messages(leases ?? table.all, inUse: table.count(at: now), at: now)
  }

  /// Writes the table to the disk.
  func save() throws(SystemError) {
    saveAt = nil
    let now = WallClock.secondsSince1970()
    let all = LeaseMessage(now: now, inUse: 0, leases: table.all)
    try Files.replace(statePath, with: all.encoded)
  }

  /// Forgets everything, for a factory reset.
  func erase() {
    table = LeaseTable()
    saveAt = nil
    unsafe unlink(statePath)
  }

  private func changed() {
    saveAt = saveAt ?? MonotonicClock.now() + Limits.save
  }
}
