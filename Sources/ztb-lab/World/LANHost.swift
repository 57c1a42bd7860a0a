import CLinux
import Linux

/// One host of the LAN with a DHCP client of busybox.
final class LANHost {
  let host: Host
  private let world: World
  private var client: ChildProcess?

  /// What its client was told last.
  struct Lease: Equatable {
    var event: String
    var address: String
    var router: String
    var server: String
    var dns: String
    /// Bits of the network's length.
    var mask: String
  }

  init(_ name: String, _ world: World, mac: String? = nil) throws {
    self.world = world
    host = try world.addLANGuest(name)
    if let mac { try host.ip(["link set eth0 address \(mac)"]) }
    try host.write(
      "/run/hook",
      """
      #!/bin/sh
      case "$1" in
      bound|renew)
        ip addr replace $ip/$mask dev eth0
        set -- "$1" ${staticroutes:-0.0.0.0/0 $router}
        event=$1; shift
        while [ $# -ge 2 ]; do
          via="via $2"; [ "$2" = 0.0.0.0 ] && via=
          ip route replace "$1" $via dev eth0
          shift 2
        done
        set -- "$event";;
      deconfig) ip addr flush dev eth0;;
      esac
      echo "$1 $ip $router $serverid $dns $mask" >> /run/leases
      """, mode: 0o700)
    try host.write("/run/leases", "")
  }

  /// Starts the client and waits until it has an address.
  ///
  /// - Parameter identifier: two hexadecimal digits by which servers know it instead of by its Ethernet
  ///   address.
  func start(identifier: String? = nil) throws -> Lease {
    let seen = try leases.count
    client = try host.start(
      [
        "udhcpc", "-f", "-i", "eth0", "-s", "/run/hook", "-t", "10", "-T", "4", "-A", "1", "-O",
        "staticroutes",
      ] + (identifier.map { ["-C", "-x", "0x3d:ff\($0)"] } ?? []),
      log: host.name)
    return try next(after: seen) { $0.event == "bound" }
  }

  /// Has the client ask again for its address, by unicast to the server that it knows.
  func renew() throws -> Lease {
    let seen = try leases.count
    client?.signal(SIGUSR1)
    return try next(after: seen) { $0.event == "renew" || $0.event == "bound" }
  }

  /// Ends the client without a word to the server, as when a host loses its power.
  func cut() {
    client?.signal(SIGKILL)
    _ = client?.wait(milliseconds: 1_000)
    client = nil
  }

  private var leases: [Lease] {
    get throws {
      try host.read("/run/leases").split(separator: "\n").map { line in
        let words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        func word(_ index: Int) -> String { index < words.count ? words[index] : "" }
        return Lease(
          event: word(0), address: word(1), router: word(2), server: word(3), dns: word(4),
          mask: word(5))
      }
    }
  }

  private func next(after count: Int, _ isWanted: (Lease) -> Bool) throws -> Lease {
    var found: Lease?
    try world.wait("a lease for \(host.name)", seconds: 30) {
      found = try leases.dropFirst(count).first(where: isWanted)
      return found != nil
    }
    guard let found else { throw LabError.timeout("a lease for \(host.name)") }
    return found
  }
}
