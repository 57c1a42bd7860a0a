import Glibc
import Linux

/// What runs on the two nodes of a world.
enum GatewayKind {
  /// The product; path of `ztbd` and the advertisement interval.
  case ztb(program: String, advertIntervalMs: Int = 20)
  /// The product with its LAN in a VLAN and a sub-interface on the WAN.
  case vlan(program: String, advertIntervalMs: Int = 20)
  /// The product as it comes out of the carton, to be activated.
  case carton(Carton)
  /// The image in virtual machines.
  case appliance(Appliance)
  /// keepalived, with or without conntrackd.
  case keepalived(KeepalivedVariant)

  /// Short name for tables and `--kind`.
  var name: String {
    switch self {
    case .ztb(_, let interval): interval == 20 ? "ztb" : "ztb-\(interval)ms"
    case .vlan: "ztb-vlan"
    case .carton: "carton"
    case .appliance: "appliance"
    case .keepalived(let variant): variant.name
    }
  }

  /// The node that always takes the role back; nil where the active stays.
  var preferred: Node? {
    switch self {
    case .ztb, .vlan, .carton, .appliance: nil
    case .keepalived: .a
    }
  }

  /// The software for one node, not yet started.
  ///
  /// `disk` is a directory below the workspace that outlives a power cut.
  func make(
    _ node: Node, _ host: Host, _ workspace: Workspace, disk: String
  ) throws -> any Gateway {
    switch self {
    case .ztb(let program, let interval):
      try ZtbGateway(
        node, host, workspace, disk: disk, program: program,
        start: .configured(ZtbDocument(node: node, advertIntervalMs: interval)))
    case .vlan(let program, let interval):
      try ZtbGateway(
        node, host, workspace, disk: disk, program: program,
        start: .configured(
          ZtbDocument(node: node, advertIntervalMs: interval, lanVLAN: Plan.vlan)))
    case .carton(let carton):
      try ZtbGateway(
        node, host, workspace, disk: disk, program: carton.program, start: .carton(carton))
    case .appliance(let appliance):
      try Machine(node, host, workspace, disk: disk, appliance)
    case .keepalived(let variant):
      try KeepalivedGateway(node, host, workspace, variant)
    }
  }

  /// Programs that this kind needs installed.
  var programs: [String] {
    switch self {
    case .ztb, .vlan: []
    case .carton: ["udhcpc", "dnsmasq"]
    case .appliance: Appliance.programs
    case .keepalived(let variant):
      variant.synchronisation == .none ? ["keepalived"] : ["keepalived", "conntrackd"]
    }
  }
}

/// Two appliances as they are delivered: nothing is known of them but model and serial number.
struct Carton {
  /// Path of `ztbd`; `ztbd-net` is beside it.
  let program: String
  /// The model.
  var profile = "zt400"
  /// The gateways' ends of their serial lines.
  let consoles: [Node: String]

  /// The number on the box.
  func serial(_ node: Node) -> String { "ZT4-2600-000\(node.octet)" }
}

/// The software of one running node.
protocol Gateway: AnyObject {
  var node: Node { get }
  var host: Host { get }
  /// Configures the machine and starts every program; returns before the node has a role.
  func start() throws
  /// Called every few milliseconds while time passes: revives what the machine's init would.
  func tend() throws
  /// Asks the software to stop in order, as for maintenance.
  func stop() throws
  /// Whether the node would lose no session if it had to take over now.
  func isReadyToTakeOver() throws -> Bool
  /// Whether the node is the one that answers for the LAN's virtual address.
  func holdsVirtualAddress(_ fabric: Switch) throws -> Bool
  /// Sessions that the node could go on with if it became active.
  func heldSessions() throws -> Int
  /// The process that synchronises sessions, by its number inside the machine; nil without one.
  func synchronisingProcess() throws -> Int?
}

extension Gateway {
  func holdsVirtualAddress(_ fabric: Switch) throws -> Bool {
    do {
      return try host.run(["ip", "-br", "addr", "show", "up"])
        .split(separator: "\n").contains { $0.contains(" \(Plan.lanVirtual)/") }
    } catch let error as SystemError where error.code == ESRCH {
      // Killed, but its end is not yet to be seen: a dead machine cannot be entered.
      return false
    }
  }

  /// Entries in the kernel's connection tracking table.
  func trackedSessions() throws -> Int {
    let text = try host.read("/proc/sys/net/netfilter/nf_conntrack_count")
    return Int(text.filter(\.isNumber)) ?? 0
  }

  func heldSessions() throws -> Int { try trackedSessions() }
}
