import Glibc
import Linux

/// FRR's vrrpd beside zebra.
///
/// It makes no interface: the operator, here the lab, makes macvlans with the virtual MAC and the
/// virtual addresses (mode bridge: a private one would keep the peer's adverts, whose source is the
/// same MAC, from the port that vrrpd listens on), and zebra holds them down (`protodown`) while the node is no master. It has
/// no groups and does not notice a dead port, so the roles of the ports part when a cable does.
final class FRRGateway: Gateway {
  let node: Node
  let host: Host
  private let dialect: Dialect
  private var daemon: ChildProcess?

  private static let programs = "/usr/lib/frr"
  private static let directory = "/run/frr"
  /// What the configuration is judged by.
  private static let ports: [Port] = [.lan, .wan]

  /// Whether the package is installed.
  static var isInstalled: Bool { Programs.exists("\(programs)/vrrpd") }

  init(_ node: Node, _ host: Host, _ dialect: Dialect) {
    self.node = node
    self.host = host
    self.dialect = dialect
  }

  func start() throws {
    if daemon == nil { try configure() }
    daemon = try run("vrrpd")
  }

  private func configure() throws {
    try PeerMachine.furnish(host, node)
    var lines: [String] = []
    for port in FRRGateway.ports {
      let device = PeerMachine.device(port)
      lines.append(
        "link add \(device) link \(port.name) address \(dialect.virtualMAC) type macvlan"
          + " mode bridge")
      lines.append("link set \(device) addrgenmode none")
      lines += dialect.virtualAddresses(port).map { address in
        "addr add \(address)/\(dialect.hostLength) dev \(device)"
          + (dialect.family == .ipv6 ? " nodad" : "")
      }
      // The source of its adverts of IPv6 is the link-local address of the macvlan that the kernel
      // names first, which is the one made last; the virtual one would look forged.
      if dialect.family == .ipv6 {
        lines.append("addr add fe80::fe:\(node.octet)/64 dev \(device) nodad")
      }
      lines.append("link set \(device) up")
    }
    try host.ip(lines)
    try host.run(["mkdir", "-p", FRRGateway.directory])
    try host.write("\(FRRGateway.directory)/zebra.conf", "")
    try host.write("\(FRRGateway.directory)/vrrpd.conf", configuration)
    // The daemons give up being root for this user.
    try host.run(["chown", "-R", "frr:frr", FRRGateway.directory])
    try run("zebra")
    for _ in 0..<200 {
      if try host.attempt(["test", "-S", "\(FRRGateway.directory)/zserv.api"]).0 == .exited(0) {
        return
      }
      _ = poll(nil, 0, 10)
    }
    throw LabError.timeout("zebra to open its socket")
  }

  @discardableResult
  private func run(_ name: String) throws -> ChildProcess {
    let directory = FRRGateway.directory
    return try host.start(
      [
        name, "--log", "stdout", "--vty_socket", directory, "-z", "\(directory)/zserv.api", "-f",
        "\(directory)/\(name).conf", "-i", "\(directory)/\(name).pid",
      ], program: "\(FRRGateway.programs)/\(name)", log: "\(name)-\(node.name)")
  }

  /// `vrrpd.conf` of this node.
  private var configuration: String {
    FRRGateway.ports.map { port in
      let keyword = dialect.family == .ipv6 ? "ipv6" : "ip"
      let lines =
        [
          "version \(dialect.version)", "priority \(node.priority)",
          "advertisement-interval \(dialect.intervalMs)",
        ] + dialect.virtualAddresses(port).map { "\(keyword) \($0)" }
      return "interface \(port.name)\n"
        + lines.map { " vrrp \(Plan.group) \($0)\n" }.joined() + "exit\n"
    }.joined()
  }

  func tend() throws {}

  func stop() throws {
    daemon?.signal(SIGTERM)
    guard daemon?.wait(milliseconds: 10_000) != nil else {
      throw LabError.timeout("vrrpd to stop")
    }
  }

  func crash() throws {
    daemon?.signal(SIGKILL)
    guard daemon?.wait(milliseconds: 5000) != nil else { throw LabError.timeout("vrrpd to die") }
  }

  func isReadyToTakeOver() throws -> Bool { daemon?.reap() == nil }
  func synchronisingProcess() throws -> Int? { nil }
  func vrrpProcess() throws -> Int? {
    Int(try host.read("\(FRRGateway.directory)/vrrpd.pid").filter(\.isNumber))
  }

  /// The addresses are always there; what counts is whether the interface is held down.
  func holdsVirtualAddress(_ fabric: Switch) throws -> Bool {
    do {
      let flags = try host.run(["ip", "-br", "link", "show", PeerMachine.device(.lan)])
      return flags.contains("LOWER_UP")
    } catch let error as SystemError where error.code == ESRCH {
      return false
    }
  }
}
