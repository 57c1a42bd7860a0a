import Linux
import Wire

/// One port of the box as the documents describe it to a stranger.
private struct DocumentedPort {
  let port: Port
  /// TCP ports that accept.
  let tcp: [Int]
  /// UDP ports that may answer.
  let udp: [Int]

  /// The table of Sources/APPLIANCE.md.
  static let all = [
    DocumentedPort(port: .management, tcp: [53, 80], udp: [53, 67]),
    DocumentedPort(port: .lan, tcp: [], udp: []),
    DocumentedPort(port: .wan, tcp: [], udp: []),
    // UDP 7112 and TCP 7113 answer the other node only.
    DocumentedPort(port: .ha, tcp: [], udp: []),
  ]
}

extension ApplianceStory {
  static let scanSteps = [
    Step(
      name: "port-scan", summary: "nmap from LAN, WAN, GE1 and the HA link: the documented ports"
    ) { scene in
      try Programs.require(["nmap"])
      let active = try scene.waitForPair()
      try scene.place.laptop.connect(to: active, seconds: 40)
      let stranger = try scene.world.addGuest("stranger", IPv4Address(203, 0, 113, 77))
      try scene.world.attach(
        stranger, .ha, IPv4Address(169, 254, 77, 77), interface: "eth1")
      var wrong: [String] = []
      for documented in DocumentedPort.all {
        let (host, target) = try scene.scanner(documented.port, active, stranger)
        let found = try PortScan(host, target, scene.world)
        scene.stage.tell("\(documented.port.name) (\(target)): \(found)")
        if found.tcp != documented.tcp || !Set(found.udp).isSubset(of: documented.udp) {
          wrong.append("\(documented.port.name): \(found)")
        }
      }
      try scene.stage.expect(wrong.isEmpty, "undocumented: \(wrong.joined(separator: "; "))")
    }
  ]
}

/// What a stranger finds out about a box.
private struct PortScan: CustomStringConvertible {
  /// TCP ports that accept a connection.
  let tcp: [Int]
  /// UDP ports that answered.
  let udp: [Int]

  /// UDP ports that somebody might have left open.
  private static let udpPorts =
    "53,67,68,69,123,161,500,514,546,547,1194,1900,3784,4500,4784,5353,7112,7113,51820"

  init(_ host: Host, _ target: IPv4Address, _ world: World) throws {
    tcp = try PortScan.run(
      host, ["-sS", "-p-", "--min-rate", "1000", "--max-rate", "1000", "--max-retries", "2"],
      target, world)
    udp = try PortScan.run(
      host, ["-sU", "-p", PortScan.udpPorts, "--max-retries", "1"], target, world)
  }

  var description: String { "TCP \(tcp), UDP \(udp)" }

  /// Ports that nmap calls open: without an answer it says `open|filtered`.
  private static func run(
    _ host: Host, _ words: [String], _ target: IPv4Address, _ world: World
  ) throws -> [Int] {
    let log = "nmap-\(host.name)-\(words[0])-\(target)"
    let scan = try host.start(
      ["nmap", "-n", "-Pn", "-oG", "-"] + words + ["\(target)"], log: log)
    var status: ExitStatus?
    try world.wait("the scan of \(target) to end", seconds: 240) {
      status = scan.wait(milliseconds: 0)
      return status != nil
    }
    let text = world.workspace.logText(log)
    guard status == .exited(0), text.contains("Nmap done") else {
      throw LabError.failed("nmap: \(text.suffix(300))")
    }
    return text.split(whereSeparator: { " ,\n\t".contains($0) })
      .filter { $0.contains("/open/") }
      .compactMap { $0.split(separator: "/").first.flatMap { Int($0) } }.sorted()
  }
}

extension ApplianceScene {
  /// Who looks at a port of the active node, and at which address.
  fileprivate func scanner(
    _ port: Port, _ active: Node, _ stranger: Host
  ) throws -> (Host, IPv4Address) {
    switch port {
    case .management: (place.laptop.host, Plan.management)
    case .lan: (world.client, Plan.lanVirtual)
    case .wan: (stranger, Plan.wanVirtual)
    case .ha: (stranger, active.haAddress)
    }
  }
}
