import Linux
import Wire

extension Scenario {
  /// Hosts of one network that are kept apart.
  static let hostIsolation = [
    Scenario(
      name: "isolation",
      summary:
        "airgap: hosts of one network reach each other as the policy says, and by no address but "
        + "their own; sessions between them go on after a power cut"
    ) { stage in
      try Isolation(stage, "isolation", #"{"mode": "airgap"}"#).airgap()
    },
    Scenario(
      name: "isolation-switch",
      summary:
        "airgap-lite behind a switch that separates its ports: a host with a mask and an address of "
        + "its own is answered in its neighbours' place, and held to the policy; also after a power cut"
    ) { stage in
      try Isolation(
        stage, "isolation-switch", #"{"mode": "airgap-lite", "separated": true}"#
      ).airgapLite()
    },
  ]
}

/// A pair, a computer that may use a camera and a controller, and nothing else on its LAN.
private final class Isolation: HostScene {
  private static let computer = (mac: "02:00:00:00:0a:21", address: IPv4Address(10, 1, 0, 21))
  private static let camera = (mac: "02:00:00:00:0a:22", address: IPv4Address(10, 1, 0, 22))
  /// Has its address by hand, and no DHCP.
  private static let controller = (mac: "02:00:00:00:0a:23", address: IPv4Address(10, 1, 0, 23))
  /// Nobody's.
  private static let stranger = IPv4Address(10, 1, 0, 24)
  /// Of no network here.
  private static let outsider = IPv4Address(172, 31, 0, 5)
  /// Port on the WAN that leads back to the camera's.
  private static let forwardedPort = 8_443

  init(_ stage: Stage, _ name: String, _ isolation: String) throws {
    try Programs.require(["dnsmasq", "udhcpc", "busybox", "curl"])
    let world = try stage.makeShapedWorld(name) { document in
      let hosts = [Isolation.computer, Isolation.camera, Isolation.controller]
      let reservations = hosts.map { #"{"mac": "\#($0.mac)", "address": "\#($0.address)"}"# }
      document.lanDHCP = """
        {"mode": "server", "from": "10.1.0.150", "to": "10.1.0.169", "leaseSeconds": 600,
         "reservations": [\(reservations.joined(separator: ", "))]}
        """
      document.lanIsolation = isolation
      document.groups = """
        "computers": {"id": 1, "zone": "lan", "nets": ["\(Isolation.computer.address)"]},
        "things": {"id": 2, "zone": "lan",
                   "nets": ["\(Isolation.camera.address)", "\(Isolation.controller.address)"]}
        """
      document.services = #""work": [{"proto": "tcp", "ports": ["\#(Service.sessions)"]}]"#
      document.forwards = """
        {"id": "back", "address": "\(Plan.wanVirtual)", "proto": "tcp", "port": "\(Isolation.forwardedPort)",
         "to": "\(Isolation.camera.address)", "toPort": \(Service.sessions), "hairpin": true}
        """
      document.rules = """
        {"id": "work", "tier": "allow", "from": ["computers"], "to": ["things"], "service": "work"},
        """
    }
    super.init(stage, world)
    try world.bootPair()
  }

  func airgap() throws {
    let active = try world.waitForPair(active: nil)
    let computer = try LANHost("computer", world, mac: Self.computer.mac)
    let camera = try LANHost("camera", world, mac: Self.camera.mac)
    for host in [computer, camera] {
      let lease = try host.start()
      try stage.expect(lease.mask == "32", "\(host.host.name) was given the mask \(lease.mask)")
    }
    for host in [computer.host, camera.host] { try serve(host) }
    let work = try begin(from: computer.host, to: Self.camera.address)
    try expectAlive(work, "computer to camera")
    try expectClosed(from: camera.host, to: Self.computer.address)
    try expectClosed(from: computer.host, to: Self.camera.address, port: 22)
    try expectNoNeighbours(computer.host)
    try expectExplained(active)
    try expectForwarded(computer.host)
    try expectBound(active, computer.host, not: Self.controller.address)
    let status = try world.product(active).ztb("status")
    // Three by reservations.
    try stage.expect(
      status.contains("ge2 airgap, cooperative, 3 hosts bound"), "the status says: \(status)")

    let newcomer = try LANHost("newcomer", world)
    let lease = try newcomer.start()
    try expectReaches(newcomer.host, IPv4Address(lease.address) ?? Self.stranger)
    try waitForBindings(4)

    try work.ask(.mark)
    try takeOver(active)
    try expectAlive(work, "computer to camera after the power cut")
    try expectReaches(newcomer.host, IPv4Address(lease.address) ?? Self.stranger)
    try expectBound(active.peer, computer.host, not: Self.controller.address)
  }

  func airgapLite() throws {
    let active = try world.waitForPair(active: nil)
    let computer = try LANHost("computer", world, mac: Self.computer.mac)
    let lease = try computer.start()
    try stage.expect(lease.mask == "24", "the mask is \(lease.mask)")
    let controller = try world.addLANGuest("controller")
    try controller.ip([
      "link set eth0 address \(Self.controller.mac)",
      "addr add \(Self.controller.address)/24 dev eth0",
    ])
    for host in [computer.host, controller] {
      try world.fabric.host.ip([
        "link set \(Port.lan.network)-\(host.name) type bridge_slave isolated on"
      ])
    }
    // A host that tells its address, or asks whether it is free, is not told that somebody has it.
    for options in [["-U"], ["-D"]] {
      let (_, output) = try controller.attempt(
        ["busybox", "arping", "-I", "eth0", "-c", "2"] + options + ["\(Self.controller.address)"])
      try stage.expect(output.contains("Received 0 "), "arping \(options): \(output)")
    }
    for host in [computer.host, controller] { try serve(host) }
    let work = try begin(from: computer.host, to: Self.controller.address)
    try expectAlive(work, "computer to controller")
    try expectClosed(from: controller, to: Self.computer.address)
    let neighbours = try computer.host.run(["ip", "neigh", "show", "\(Self.controller.address)"])
    let virtual = MACAddress.virtualRouterIPv4(UInt8(Plan.group))
    try stage.expect(
      neighbours.contains("\(virtual)"), "the controller is known as \(neighbours)")
    try expectBound(active, computer.host, not: Self.camera.address)
    let status = try world.product(active).ztb("status")
    try stage.expect(
      status.contains("ge2 airgap-lite, enforced by the switch, 3 hosts bound"),
      "the status says: \(status)")

    try work.ask(.mark)
    try takeOver(active)
    try expectAlive(work, "computer to controller after the power cut")
    try expectClosed(from: controller, to: Self.computer.address)
  }

  // MARK: Steps

  /// All that a host speaks to directly are gateways.
  private func expectNoNeighbours(_ host: Host) throws {
    let gateways = [Plan.lanVirtual, Node.a.lanAddress, Node.b.lanAddress].map(\.description)
    let neighbours = try host.run(["ip", "-4", "neigh"]).split(separator: "\n").map { line in
      String(line.prefix { $0 != " " })
    }
    try stage.expect(
      !neighbours.isEmpty && neighbours.allSatisfy(gateways.contains),
      "neighbours of \(host.name): \(neighbours)")
  }

  private func expectExplained(_ node: Node) throws {
    let text = try world.product(node).ztb(
      "policy", "explain", "--from", "\(Self.computer.address)", "--to", "\(Self.camera.address)",
      "--service", "tcp/\(Service.sessions)", "--json")
    try stage.expect(
      try JSON(parsing: text)["rule"].text == "work", "it is explained as \(text)")
  }

  /// By nobody's address and by another host's the computer reaches nobody; by its own it does.
  private func expectBound(_ node: Node, _ host: Host, not other: IPv4Address) throws {
    try expectReaches(host, Self.computer.address)
    let before = try unbound(node)
    for address in [Self.stranger, Self.outsider, other] {
      try host.ip(["addr add \(address)/32 dev eth0"])
      let (status, output) = try host.attempt([
        "ping", "-c", "3", "-i", "0.2", "-W", "1", "-I", "\(address)", "\(Plan.server)",
      ])
      try host.ip(["addr del \(address)/32 dev eth0"])
      try stage.expect(status != .exited(0), "\(host.name) is answered as \(address): \(output)")
    }
    let count = try unbound(node) - before
    stage.tell("by addresses that are not its own: \(count) packets dropped of 9")
    try stage.expect(count == 9, "\(node.name) dropped \(count) packets, not 9")
  }

  /// The port forward leads back for who uses his own address, and for nobody else.
  private func expectForwarded(_ host: Host) throws {
    try stage.expect(
      try connects(host, Self.computer.address), "the port forward does not lead back")
    try host.ip(["addr add \(Self.stranger)/32 dev eth0"])
    let isOpen = try connects(host, Self.stranger)
    try host.ip(["addr del \(Self.stranger)/32 dev eth0"])
    try stage.expect(!isOpen, "the port forward is open to \(Self.stranger)")
    stage.tell("the port forward leads back for \(Self.computer.address) alone")
  }

  private func connects(_ host: Host, _ source: IPv4Address) throws -> Bool {
    let (_, output) = try host.attempt([
      "curl", "-s", "-m", "2", "-o", "/dev/null", "-w", "%{time_connect}", "--interface",
      "\(source)", "http://\(Plan.wanVirtual):\(Self.forwardedPort)/",
    ])
    return Double(output).map { $0 > 0 } ?? false
  }

  private func unbound(_ node: Node) throws -> Int {
    try JSON(parsing: try world.product(node).ztb("policy", "show", "--json"))["unboundDenied"].int
      ?? -1
  }

  private func waitForBindings(_ count: Int) throws {
    try world.wait("both nodes to bind \(count) hosts", seconds: 10) {
      try Node.allCases.allSatisfy { node in
        try world.product(node).status()["isolation"].array.first?["hosts"].int == count
      }
    }
  }
}
