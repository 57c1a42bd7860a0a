import CLinux
import Glibc
import Linux
public import Wire

/// Why the management port cannot be used; the gateway works without it.
public struct ManagementProblem: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong, in words.
  public let description: String
}

/// The network of the management port: a namespace of its own, so that its 192.168.0.0/24 clashes
/// with nothing on the other ports and no packet ever passes between them.
///
///     our namespace                      anonymous namespace
///     port, up, deaf  ── passthrough ──  port, 192.168.0.1/24, nftables
///
/// Nothing is pinned: the namespace lives as long as its descriptor, the listening socket or a
/// child in it. For the supervisor, as root, on its only thread.
public final class ManagementNamespace {
  /// The address of the page, the same on every box.
  public static let address = IPv4Prefix(IPv4Address(192, 168, 0, 1), length: 24)

  private enum Limits {
    /// How often and at what distance a port is tried that a killed predecessor may still hold:
    /// the kernel takes a namespace apart some time after its last process has ended.
    static let attempts = 50
    static let pauseMicroseconds: UInt32 = 20_000
    /// Connections that wait to be accepted.
    static let backlog: Int32 = 32
    /// Distance of the questions of a probe.
    static let questionEvery = Interval.milliseconds(400)
  }

  /// What the port is called in the namespace until it gets its own name.
  private static let firstName = "ztbmanagement"

  /// Name of the port, on both sides.
  public let port: String
  private let home: Descriptor
  private let namespace: Descriptor
  private var socket: Descriptor?

  /// Makes the namespace and everything in it; on failure nothing is left.
  public init(port: String) throws(ManagementProblem) {
    guard NetworkInterface.isPresent(port) else {
      throw ManagementProblem(
        description: "\(port) is not there; activation is possible at the console only")
    }
    self.port = port
    do {
      home = try Descriptor.open("/proc/thread-self/ns/net", O_RDONLY)
      namespace = try ManagementNamespace.make(home.rawValue)
      socket = nil
    } catch { throw ManagementProblem(description: "management namespace: \(error)") }
    do {
      try passThrough()
      try inside { () throws in try furnish() }
    } catch {
      close()
      throw ManagementProblem(description: "management port \(port): \(error)")
    }
  }

  deinit { close() }

  /// The namespace, for ``ProcessSpecification/networkNamespace``.
  public var descriptor: Int32 { namespace.rawValue }

  /// Listens on port 80 of ``address``; -1 after ``close()``. Nobody listens on 443: browsers
  /// that try it first are told so at once.
  public var listener: Int32 { socket?.rawValue ?? -1 }

  /// Takes the port out again, at once; children in the namespace are left without network.
  public func close() {
    socket = nil
    // Without the interface there is nothing to remove; without the namespace it is gone too.
    try? inside { () throws in
      let route = try RouteSocket()
      for link in try route.links() where link.name == port { try route.deleteLink(link) }
    }
  }

  /// Opens a probe for other DHCP servers on the port, to be asked at each change of its carrier.
  public func makeProbe() throws -> DHCPProbe { try inside { try DHCPProbe(port: port) } }

  /// Whether another DHCP server answers within `patience`; its address. Returns at the first
  /// answer. A port that is down has no neighbours.
  public func anotherServerAnswers(within patience: Interval = .seconds(2)) throws -> IPv4Address? {
    let probe = try makeProbe()
    let end = MonotonicClock.now() + patience
    var question = MonotonicClock.now()
    while true {
      let now = MonotonicClock.now()
      if now >= end { return nil }
      if now >= question {
        do { try probe.ask() } catch {
          if error.code == ENETDOWN { return nil } else { throw error }
        }
        question = now + Limits.questionEvery
      }
      let wait = min(end, question) - now
      var entry = pollfd(fd: probe.descriptor, events: Int16(POLLIN), revents: 0)
      _ = unsafe poll(&entry, 1, Int32(clamping: wait.nanoseconds / 1_000_000 + 1))
      if let server = try probe.answer() { return server }
    }
  }

  /// An empty namespace; this thread is back home before it returns.
  private static func make(_ home: Int32) throws(SystemError) -> Descriptor {
    try system("unshare", "network namespace") { unshare(CLONE_NEWNET) }
    defer { comeBack(home) }
    return try Descriptor.open("/proc/thread-self/ns/net", O_RDONLY)
  }

  private static func comeBack(_ home: Int32) {
    // Anything else would have us configure the wrong network from here on.
    precondition(setns(home, CLONE_NEWNET) == 0, "the way back to our own namespace is open")
  }

  /// Runs `body` in the namespace.
  private func inside<Result>(_ body: () throws -> Result) throws -> Result {
    try system("setns", "management namespace") { setns(namespace.rawValue, CLONE_NEWNET) }
    defer { ManagementNamespace.comeBack(home.rawValue) }
    return try body()
  }

  /// Joins the port with its name-sake in the namespace.
  private func passThrough() throws {
    // Before the interface is there, which else would get an IPv6 address of its own.
    try inside {
      for name in ["all", "default"] { try Sysctl.noIPv6(name).apply() }
    }
    try Sysctl.noIPv6(port).apply()
    let route = try RouteSocket()
    guard let link = try route.links().first(where: { $0.name == port }) else {
      throw NetworkError(absent: port)
    }
    // What it receives goes to the namespace; deaf, it does not answer for addresses of ours.
    if !link.isUp || !link.ignoresARP { try route.setLink(link, up: true, ignoreARP: true) }
    var attempts = 0
    while true {
      do {
        return try route.addPassthrough(
          of: link, named: ManagementNamespace.firstName, inNamespace: namespace.rawValue)
      } catch {
        attempts += 1
        if attempts == Limits.attempts { throw error }
        usleep(Limits.pauseMicroseconds)
      }
    }
  }

  /// Filter, address and socket, in the order in which nothing is ever open too far.
  private func furnish() throws {
    try Nftables().run(ManagementNamespace.filter)
    let namer = try openSocket(AF_INET, .datagram)
    try NetworkInterface.rename(
      ManagementNamespace.firstName, to: port, socket: namer.rawValue)
    let route = try RouteSocket()
    for link in try route.links() where link.name == port || link.name == "lo" {
      if link.name == port {
        let spec = AddressSpec(device: port, address: .v4(ManagementNamespace.address))
        // dnsmasq takes a label for the name of the interface.
        try route.add(spec, on: link.index, labelled: false)
      }
      try route.setLink(link, up: true)
    }
    socket = try ManagementNamespace.listen()
  }

  private static func listen() throws(SystemError) -> Descriptor {
    let socket = try openSocket(AF_INET, .stream)
    let number = socket.rawValue
    try setOption(number, SOL_SOCKET, SO_REUSEADDR, 1)
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_port = UInt16(80).bigEndian
    place.sin_addr.s_addr = address.address.value.bigEndian
    _ = try unsafe withUnsafePointer(to: &place) { pointer throws(SystemError) in
      try unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        rebound throws(SystemError) in
        try system("bind", "\(address.address):80") {
          unsafe bind(
            number, .init(__sockaddr__: rebound), socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
    }
    try system("listen") { Glibc.listen(number, Limits.backlog) }
    return socket
  }

  /// DHCP, DNS, the page and ping, nothing else, in both directions. 443 is let through because
  /// nobody listens there: the kernel refuses the connection and the browser goes on with 80.
  private static let filter = """
    add table inet ztb_management
    add chain inet ztb_management input { type filter hook input priority 0; policy drop; }
    add rule inet ztb_management input iifname "lo" accept
    add rule inet ztb_management input udp dport { 53, 67 } accept
    add rule inet ztb_management input tcp dport { 53, 80, 443 } accept
    add rule inet ztb_management input icmp type echo-request accept
    add chain inet ztb_management forward { type filter hook forward priority 0; policy drop; }
    add chain inet ztb_management output { type filter hook output priority 0; policy drop; }
    add rule inet ztb_management output oifname "lo" accept
    add rule inet ztb_management output udp sport { 53, 67 } accept
    add rule inet ztb_management output tcp sport { 53, 80, 443 } accept
    add rule inet ztb_management output icmp type echo-reply accept

    """
}
