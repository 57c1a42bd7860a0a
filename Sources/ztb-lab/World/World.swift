import CLinux
import Glibc
import Linux
import Wire

/// Something beside the gateways that wants attention while time passes.
protocol Companion: AnyObject {
  /// Called every few milliseconds.
  func tend() throws
}

/// `client – LAN switch – gwA/gwB – WAN switch – server`, an HA switch, and a laptop on the
/// management port of one gateway.
final class World {
  let workspace: Workspace
  let home: Home
  let fabric: Switch
  let client: Host
  let server: Host
  let laptop: Host
  /// Directory of this world below the workspace, where the gateways' disks are.
  private let disk: String
  private(set) var gateways: [Node: Gateway] = [:]
  private var guests: [Host] = []
  /// Looked after by ``pause(milliseconds:)``.
  var companions: [Companion] = []
  let kind: GatewayKind
  /// What is done to a gateway's machine before its software starts.
  var furnishing: ((Node, Host) throws -> Void)?

  /// Builds everything but the gateways, which ``boot(_:)`` starts.
  init(_ workspace: Workspace, gateways kind: GatewayKind) throws {
    self.workspace = workspace
    self.kind = kind
    home = try Home()
    try workspace.directory("log")
    disk = try workspace.nextWorld()
    let switches = try Host("switch", home: home, workspace: workspace)
    fabric = try Switch(switches)
    client = try Host("client", home: home, workspace: workspace)
    server = try Host("server", home: home, workspace: workspace)
    laptop = try Host("laptop", home: home, workspace: workspace)
    try attach(client, .lan, Plan.client, ["route add default via \(Plan.lanVirtual)"])
    try attach(server, .wan, Plan.server)
    try attach(laptop, .management, Plan.laptop)
    try client.sysctl(["net/ipv4/ping_group_range": "0 2147483647"])
  }

  /// Starts a gateway from nothing: a new machine, four cables, the gateway's programs.
  func boot(_ node: Node) throws {
    precondition(gateways[node]?.host.isAlive != true, "a running node is not booted")
    gateways[node] = nil
    let host = try Host(node.name, home: home, workspace: workspace)
    // The old cables vanish with the old machine, but only some time after it.
    _ = try fabric.host.attempt(
      ["ip", "-force", "-batch", "-"],
      input: Port.allCases.map { "link del \($0.switchPort(node))\n" }.joined())
    try runBatch(
      Port.allCases.map { port in
        "link add \(port.switchPort(node)) netns \(fabric.host.pid) type veth"
          + " peer name \(port.name) netns \(host.pid) address \(port.mac(node))"
      })
    try host.sysctl(Plan.strictTracking)
    try host.ip(["link set lo up"])
    let gateway = try kind.make(node, host, workspace, disk: "\(disk)/\(node.name)")
    gateways[node] = gateway
    try furnishing?(node, host)
    try gateway.start()
    try fabric.host.ip(
      Port.allCases.flatMap { port in
        [
          "link set \(port.switchPort(node)) master \(port.bridge(node))",
          "link set \(port.switchPort(node)) up",
        ]
      })
  }

  /// The gateway of a booted node.
  func gateway(_ node: Node) -> Gateway {
    guard let gateway = gateways[node] else { preconditionFailure("\(node.name) was never booted") }
    return gateway
  }

  /// The product on a booted node; throws ``LabError/missing(_:)`` where something else runs.
  func product(_ node: Node) throws -> ZtbGateway {
    guard let gateway = gateway(node) as? ZtbGateway else {
      throw LabError.missing("this is about the product, and \(kind.name) is something else")
    }
    return gateway
  }

  /// Asks a node to hand its role over.
  func switchOver(_ node: Node) throws { try product(node).ztb("ha", "switchover") }

  /// Takes the power of a node away: all cables dead in one transaction, every process killed.
  func cutPower(_ node: Node) throws {
    try fabric.cutPower(node)
    gateway(node).host.kill()
  }

  /// Gives a node its power back and boots it.
  func restorePower(_ node: Node) throws {
    gateway(node).host.waitForEnd()
    try boot(node)
    try fabric.restorePower(node)
  }

  /// Lets time pass, and revives what a machine's own init would revive.
  func pause(milliseconds: Int) throws {
    let end = MonotonicClock.now() + .milliseconds(milliseconds)
    while true {
      for gateway in gateways.values { try gateway.tend() }
      for companion in companions { try companion.tend() }
      let left = (end - MonotonicClock.now()).nanoseconds / 1_000_000
      if left <= 0 { return }
      _ = poll(nil, 0, Int32(min(left, 50)))
    }
  }

  /// Waits until `condition` holds; throws when it does not within `seconds`.
  func wait(_ what: String, seconds: Int, until condition: () throws -> Bool) throws {
    let end = MonotonicClock.now() + .seconds(seconds)
    while try !condition() {
      guard MonotonicClock.now() < end else { throw LabError.timeout(what) }
      try pause(milliseconds: 20)
    }
  }

  /// Which nodes hold the virtual address of the LAN on an interface that is up.
  func actives() throws -> [Node] {
    try Node.allCases.filter { node in
      guard let gateway = gateways[node], gateway.host.isAlive else { return false }
      return try gateway.holdsVirtualAddress(fabric)
    }
  }

  /// Stops everything at once.
  func tearDown() {
    let hosts = gateways.values.map(\.host) + guests + [client, server, laptop, fabric.host]
    for host in hosts { host.kill() }
    for host in hosts { host.waitForEnd() }
  }

  /// A directory of this world that outlives the machine whose disk it is.
  func makeDisk(_ name: String) throws -> String { try workspace.directory("\(disk)/\(name)") }

  /// A further machine on a switch, removed with the world.
  func addGuest(
    _ name: String, _ address: IPv4Address, _ port: Port = .wan, _ more: [String] = []
  ) throws -> Host {
    let host = try Host(name, home: home, workspace: workspace)
    guests.append(host)
    try attach(host, port, address, more)
    return host
  }

  /// A further machine on the LAN switch, without an address, removed with the world.
  func addLANGuest(_ name: String) throws -> Host {
    let host = try Host(name, home: home, workspace: workspace)
    guests.append(host)
    try attach(host, .lan, nil)
    return host
  }

  /// Cables a machine to a switch (of node A, where each has its own); its end is `interface`.
  func attach(
    _ host: Host, _ port: Port, _ address: IPv4Address?, _ more: [String] = [],
    interface: String = "eth0"
  ) throws {
    let name = "\(port.network)-\(host.name)"
    try runBatch([
      "link add \(name) netns \(fabric.host.pid) type veth peer name \(interface)"
        + " netns \(host.pid)"
    ])
    try host.sysctl(Plan.strictTracking)
    try host.ip(
      ["link set lo up"] + (address.map { ["addr add \($0)/24 dev \(interface)"] } ?? [])
        + ["link set \(interface) up"] + more)
    try fabric.host.ip(["link set \(name) master \(port.bridge(.a))", "link set \(name) up"])
  }

  /// Runs `ip` in the lab's own namespaces: both ends of a cable go straight into others.
  private func runBatch(_ lines: [String]) throws {
    let feed = try workspace.scratch(lines.joined(separator: "\n") + "\n")
    let output = try workspace.scratch()
    var specification = ProcessSpecification(
      program: try Programs.path("ip"), arguments: ["ip", "-batch", "-"])
    specification.descriptors = [feed.rawValue, output.rawValue, output.rawValue]
    guard try specification.spawn().wait() == .exited(0) else {
      throw LabError.command("ip", "failed", try workspace.text(of: output))
    }
  }
}
