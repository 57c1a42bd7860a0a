import Linux
import Wire

extension Scenario {
  /// What neighbours and switches see of the virtual routers.
  static let dataPlane = [
    Scenario(
      name: "data-plane",
      summary: "D01, D03–D07, D10: announcements, silence of the standby, virtual MAC, switches"
    ) { stage in
      let scene = try DataPlane(stage)
      let list = Checklist(stage)
      try list.check("D03 a standby answers nobody", scene.standbyIsSilent)
      try list.check("D05 no frame of a standby has the virtual MAC", scene.standbyKeepsMAC)
      try list.check("D04 the active shows the virtual MAC alone", scene.activeHidesMAC)
      try list.check("D10 a node's own address is its own", scene.ownAddressAnswers)
      try list.check("D01 announcements and D06 switches at a planned move") {
        try scene.announcements()
      }
      try list.check("D07 a crash takes the address away", scene.crashTakesAddress)
      try list.finish()
    },
    Scenario(
      name: "data-sysctls",
      summary: "D09: rp_filter 0, 1, 2 and arp_ignore set by others before the start"
    ) { stage in
      for value in 0...2 {
        let world = try stage.makeEmptyWorld()
        world.furnishing = { _, host in
          try host.sysctl([
            "net/ipv4/conf/all/rp_filter": "\(value)",
            "net/ipv4/conf/default/rp_filter": "\(value)",
            "net/ipv4/conf/all/arp_ignore": "\(value)",
            "net/ipv4/conf/default/arp_ignore": "\(value)",
          ])
        }
        try world.bootPair()
        let scene = try DataPlane(stage, world)
        stage.tell("D09 rp_filter \(value), arp_ignore \(value): \(try scene.movesAndForwards())")
        world.tearDown()
      }
    },
    Scenario(
      name: "data-parents",
      summary: "D11: the LAN port is a bridge, a bond; what the kernel lacks is skipped"
    ) { stage in
      let list = Checklist(stage)
      for parent in LANParent.allCases {
        try list.check("D11 LAN port on a \(parent.rawValue)") {
          guard case .ztb = stage.kind else {
            throw LabError.missing("a peer is not configured with such ports")
          }
          try parent.requireKernel(stage)
          let world = try stage.makeEmptyWorld()
          defer { world.tearDown() }
          world.furnishing = { node, host in try parent.furnish(node, host) }
          try world.bootPair()
          return try DataPlane(stage, world).movesAndForwards()
        }
      }
      try list.finish()
    },
    Scenario(
      name: "data-stubborn-clients",
      summary: "D12: a client with a fixed ARP entry, and one that hears no announcement"
    ) { stage in
      let scene = try DataPlane(stage)
      let list = Checklist(stage)
      let client = scene.world.client
      let fleet = try stage.makeFleet(scene.world, .probeOnly)
      try list.check("D12 fixed ARP entry") {
        try client.ip([
          "neigh replace \(Plan.lanVirtual) lladdr \(Dialect.version3.virtualMAC) dev eth0"
            + " nud permanent"
        ])
        return try scene.moveUnderProbe(fleet)
      }
      try list.check("D12 announcements are not heard") {
        try client.ip(["neigh del \(Plan.lanVirtual) dev eth0"])
        try client.nft(
          "table arp deaf { chain input { type filter hook input priority 0; policy accept;\n"
            + "arp operation request arp saddr ip \(Plan.lanVirtual) drop\n}\n}\n")
        return try scene.moveUnderProbe(fleet)
      }
      try list.finish()
    },
  ]
}

/// What the LAN port of a gateway may really be.
private enum LANParent: String, CaseIterable {
  case bridge, bond

  /// The words that make one.
  private var kind: String {
    self == .bridge ? "bridge forward_delay 0" : "bond mode active-backup miimon 10"
  }

  /// Throws ``LabError/missing(_:)`` where this kernel has no such interfaces.
  func requireKernel(_ stage: Stage) throws {
    let world = try stage.makeEmptyWorld()
    defer { world.tearDown() }
    let words = "ip link add test type \(rawValue)".split(separator: " ").map(String.init)
    guard try world.laptop.attempt(words).0 == .exited(0) else {
      throw LabError.missing("this kernel has no \(rawValue)s")
    }
  }

  /// Puts the port's cable below an interface that has the port's name.
  func furnish(_ node: Node, _ host: Host) throws {
    try host.ip([
      "link set ge2 name below", "link add ge2 address \(Port.lan.mac(node)) type \(kind)",
      "link set below master ge2", "link set below up",
    ])
    // With `br_netfilter`, which no appliance has and a machine with containers has, the packets of a
    // bridge would meet the policy twice.
    let filter = "net/bridge/bridge-nf-call-iptables"
    if Programs.isReadable("/proc/sys/" + filter) { try host.sysctl([filter: "0"]) }
  }
}
