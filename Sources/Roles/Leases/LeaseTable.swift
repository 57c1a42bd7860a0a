import Wire

/// Who has which address on the LANs: what the own servers report, and what the other node tells.
///
/// The newest news about an address wins, and a host has one address on a LAN: an older one is free
/// when it gets another, as the server has it, too. What is free is remembered for an hour, so that
/// old news from the other node does not bring it back.
struct LeaseTable {
  /// Numbers that bound the table.
  enum Limits {
    /// Addresses, the free ones that are remembered with them; more are not taken.
    static let leases = 8_192
    /// Seconds for which a free address is remembered.
    static let memorySeconds: Int64 = 3_600
    /// Longest lease that is believed, seconds: a year and a day.
    static let leaseSeconds: Int64 = 31_622_400
    /// The last end that can be shown to people: the end of the year 9999.
    static let lastEnd: Int64 = 253_402_300_799
  }

  private var leases: [IPv4Address: DHCPLease] = [:]
  private var highestNumber: UInt64 = 0
  /// Leases that were not taken because the table was full.
  private(set) var refused = 0

  /// An empty table.
  init() {}

  /// How many addresses are in use.
  func count(at now: Int64) -> Int { leases.values.count { $0.ends > now } }

  /// What is in use, by address.
  func inUse(at now: Int64) -> [DHCPLease] {
    all.filter { $0.ends > now }
  }

  /// Everything, the free addresses too, by address.
  var all: [DHCPLease] { leases.values.sorted { $0.address < $1.address } }

  /// Takes what was kept as it is: the clock may not be right yet.
  mutating func load(_ kept: [DHCPLease]) {
    for var lease in kept {
      highestNumber = max(highestNumber, lease.stamp.number)
      lease.ends = min(lease.ends, Limits.lastEnd)
      _ = put(lease)
    }
  }

  /// What is in use on a network and not in `reported` by its server.
  func missing(_ reported: [DHCPLease], in network: IPv4Prefix, at now: Int64) -> Set<IPv4Address> {
    let inUse = leases.values.filter { network.contains($0.address) && $0.ends > now }
    return Set(inUse.map(\.address)).subtracting(reported.map(\.address))
  }

  /// Takes the state of the server of a network; what of `mayFree` is in use and not in `reported`
  /// was given back. Returns what is new by that, for the other node.
  mutating func report(
    _ reported: [DHCPLease], in network: IPv4Prefix, mayFree: Set<IPv4Address>, term: UInt64,
    at now: Int64
  ) -> [DHCPLease] {
    var news: [DHCPLease] = []
    for address in missing(reported, in: network, at: now).intersection(mayFree).sorted() {
      guard let lease = leases[address] else { continue }
      free(lease, term, now, &news)
    }
    for var lease in reported where network.contains(lease.address) {
      let old = leases[lease.address]
      if let old {
        lease.stamp = old.stamp
        guard lease != old else { continue }
      }
      lease.stamp = nextStamp(max(term, old?.stamp.term ?? 0))
      if put(lease) { news.append(lease) }
    }
    return news
  }

  /// Takes news of the other node; what of it was news here. Each of `networks` has a server of its
  /// own.
  mutating func merge(
    _ received: [DHCPLease], in networks: [IPv4Prefix], at now: Int64
  ) -> [DHCPLease] {
    received.filter { lease in
      highestNumber = max(highestNumber, lease.stamp.number)
      guard lease.ends <= now + Limits.leaseSeconds else { return false }
      if let old = leases[lease.address], old.stamp >= lease.stamp { return false }
      // Of two addresses of one host on a LAN the newer one counts.
      if lease.ends > now, let network = networks.first(where: { $0.contains(lease.address) }) {
        for other in leases.values where other.isOfSameHost(as: lease) && other.ends > now {
          guard other.address != lease.address, network.contains(other.address) else { continue }
          if other.stamp > lease.stamp { return false }
          leases[other.address]?.ends = now
        }
      }
      return put(lease)
    }
  }

  /// Forgets what has been free for long; whether there was any.
  mutating func forget(at now: Int64) -> Bool {
    let before = leases.count
    leases = leases.filter { $0.value.ends > now - Limits.memorySeconds }
    return leases.count != before
  }

  private mutating func free(
    _ lease: DHCPLease, _ term: UInt64, _ now: Int64, _ news: inout [DHCPLease]
  ) {
    var freed = lease
    freed.ends = now
    freed.stamp = nextStamp(max(term, lease.stamp.term))
    if put(freed) { news.append(freed) }
  }

  private mutating func nextStamp(_ term: UInt64) -> DHCPLease.Stamp {
    highestNumber += 1
    return DHCPLease.Stamp(term: term, number: highestNumber)
  }

  private mutating func put(_ lease: DHCPLease) -> Bool {
    guard leases.count < Limits.leases || leases[lease.address] != nil else {
      refused += 1
      return false
    }
    leases[lease.address] = lease
    return true
  }
}
