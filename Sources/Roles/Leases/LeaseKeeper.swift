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
    /// How long after a look the next one is at the earliest, so that busy servers cost little.
    static let between = Interval.milliseconds(200)
    /// How long a lease must be missing until it counts as given back: a file may be half-written.
    static let missing = Interval.seconds(1)
    /// How long a change may wait for the disk.
    static let save = Interval.seconds(2)
    static let forgetEvery = Interval.seconds(600)
    /// How long the policy is left with the hosts that it was told of at most: the clock may be set.
    static let tellingSeconds: Int64 = 60
    static let fileBytes = 4 << 20
  }

  /// A server that runs by a file that we wrote.
  private struct Served {
    /// The LAN's network.
    var network: IPv4Prefix
    /// The file as it was at the last look after the quiet time; nil before that.
    var octets: [UInt8]?
    /// Since which look after the quiet time a lease has not been in the file.
    var missing: [IPv4Address: Instant] = [:]
  }

  private(set) var table = LeaseTable()
  /// The term that news of the servers are of; 0 on a node that is alone.
  var term: UInt64 = 0
  /// The hosts that the policy was told of last; nil: it has not been, or did not take it.
  private(set) var toldHosts: [LANHost]?
  /// When one of them may be none any more, or another one; nil: none was told.
  private(set) var toldUntil: Instant?
  private let directory: String
  private let statePath: String
  private var watch: DirectoryWatch?
  /// By interface.
  private var served: [String: Served] = [:]
  private var lookAt: Instant?
  private var lookedAt: Instant?
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
      written(at: MonotonicClock.now())
    }
  }

  /// A file was written. Further writes do not postpone the look.
  func written(at now: Instant) {
    let earliest = lookedAt.map { $0 + Limits.between } ?? now
    lookAt = lookAt ?? max(now + Limits.quiet, earliest)
  }

  /// Reads what was kept on the disk. Throws where it cannot be used; the table is empty then, and
  /// the hosts tell what they have when they renew.
  func load() throws {
    let octets: [UInt8]
    do throws(SystemError) {
      octets = try Files.read(statePath, limitBytes: Limits.fileBytes)
    } catch { if error.code == ENOENT { return } else { throw error } }
    table.load(try LeaseMessage(decoding: octets).leases)
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
    served[interface] = Served(network: network)
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
    served.filter { entry in
      leases.contains { entry.value.network.contains($0.address) }
    }.map(\.key)
  }

  /// When ``expire(at:)`` is due; nil: nothing changes by itself.
  var deadline: Instant? {
    [lookAt, missingAt, saveAt, forgetAt, toldUntil].compactMap { $0 }.min()
  }

  /// When the first of the missing leases counts as given back.
  private var missingAt: Instant? {
    served.values.flatMap { $0.missing.values }.min().map { $0 + Limits.missing }
  }

  /// Reads the files that have been written, and writes what has to be kept; the news.
  func expire(at now: Instant) throws(SystemError) -> [DHCPLease] {
    var news: [DHCPLease] = []
    if let at = [lookAt, missingAt].compactMap({ $0 }).min(), at <= now {
      lookAt = nil
      lookedAt = now
      news = look(after: now)
    }
    if forgetAt <= now {
      forgetAt = now + Limits.forgetEvery
      if table.forget(at: WallClock.secondsSince1970()) { changed() }
    }
    // Whoever tells it, or cannot yet, is asked again.
    if let at = toldUntil, at <= now { toldUntil = now + .seconds(Int(Limits.tellingSeconds)) }
    if let at = saveAt, at <= now { try save() }
    return news
  }

  /// Reads the files of all servers at once; the news. One may be half-written: what is not in it
  /// says nothing.
  func look() -> [DHCPLease] { look(after: nil) }

  /// - Parameter quiet: the time, for a look after the quiet time, which may find what was given
  ///   back; nil: a look at once.
  private func look(after quiet: Instant?) -> [DHCPLease] {
    let now = WallClock.secondsSince1970()
    var news: [DHCPLease] = []
    for (interface, server) in served {
      // One that cannot be read says nothing; the next write brings the next look.
      guard
        let octets = try? Files.read(path(interface), limitBytes: Limits.fileBytes)
      else {
        served[interface]?.missing = [:]
        continue
      }
      if octets == server.octets && server.missing.isEmpty { continue }
      let lines = String(decoding: octets, as: UTF8.self).split(separator: "\n")
      let reported = lines.compactMap { DHCPLease(line: $0) }
      var given: Set<IPv4Address> = []
      if let quiet {
        let missing = table.missing(reported, in: server.network, at: now)
        var since = server.missing.filter { missing.contains($0.key) }
        given = Set(since.filter { $0.value + Limits.missing <= quiet }.keys)
        for address in missing where since[address] == nil { since[address] = quiet }
        for address in given { since[address] = nil }
        served[interface]?.missing = since
        served[interface]?.octets = octets
      }
      news += table.report(
        reported, in: server.network, mayFree: given, term: term, at: now)
    }
    if !news.isEmpty { changed() }
    return news
  }

  /// Takes news of the other node; what of it was news here. A host has one address on each of
  /// `networks`.
  func merge(_ message: LeaseMessage, in networks: [IPv4Prefix]) -> [DHCPLease] {
    let now = WallClock.secondsSince1970()
    let news = table.merge(message.leases(at: now), in: networks, at: now)
    if !news.isEmpty { changed() }
    return news
  }

  /// The policy was told of these hosts, or (nil) has to be told again.
  func told(_ hosts: [LANHost]?) {
    toldHosts = hosts
    guard hosts?.isEmpty == false else { return toldUntil = nil }
    let wallClock = WallClock.secondsSince1970()
    let next = table.inUse(at: wallClock).map(\.ends).min() ?? .max
    // A clock may be anywhere, and a lease for ever.
    let seconds = min(next, wallClock + Limits.tellingSeconds) - wallClock
    toldUntil = MonotonicClock.now() + .seconds(Int(seconds))
  }

  /// What the other node is to know: `leases`, or nil for everything.
  func messages(_ leases: [DHCPLease]?) -> [LeaseMessage] {
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

  /// Forgets everything, the servers' files with it, for a factory reset.
  func erase() {
    for interface in interfaces { close(interface) }
    table = LeaseTable()
    term = 0
    lookAt = nil
    saveAt = nil
    unsafe unlink(statePath)
  }

  private func changed() {
    saveAt = saveAt ?? MonotonicClock.now() + Limits.save
  }
}
