import Glibc
import Linux

/// What runs on the two nodes of a world.
enum GatewayKind {
  /// The product; path of `ztbd` and the advertisement interval.
  case ztb(program: String, advertIntervalMs: Int = 20)
  /// The product with other documents than the usual ones, by a short name.
  case shaped(String, program: String, document: @Sendable (Node) -> ZtbDocument)
  /// The product as it comes out of the carton, to be activated.
  case carton(Carton)
  /// The image in virtual machines.
  case appliance(Appliance)
  /// keepalived, with or without conntrackd.
  case keepalived(KeepalivedVariant)
  /// FRR's vrrpd.
  case frr(Dialect)
  /// One of each.
  case mixed(MixedPair)

  /// Short name for tables and `--kind`.
  var name: String {
    switch self {
    case .ztb(_, let interval): interval == 20 ? "ztb" : "ztb-\(interval)ms"
    case .shaped(let name, _, _): "ztb-\(name)"
    case .carton: "carton"
    case .appliance: "appliance"
    case .keepalived(let variant): variant.name
    case .frr(let dialect): "frr-\(dialect.intervalMs)ms"
    case .mixed(let pair): "mixed-\(pair.foreign)"
    }
  }

  /// The node that always takes the role back; nil where the active stays.
  var preferred: Node? {
    switch self {
    case .ztb, .shaped, .carton, .appliance: nil
    case .keepalived, .frr, .mixed: .a
    }
  }

  /// Whether sessions reach the standby.
  var synchronises: Bool {
    switch self {
    case .ztb, .shaped, .carton, .appliance: true
    case .keepalived(let variant): variant.synchronisation != .none
    case .frr, .mixed: false
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
    case .shaped(_, let program, let document):
      try ZtbGateway(
        node, host, workspace, disk: disk, program: program, start: .configured(document(node)))
    case .carton(let carton):
      try ZtbGateway(
        node, host, workspace, disk: disk, program: carton.program, start: .carton(carton))
    case .appliance(let appliance):
      try Machine(node, host, workspace, disk: disk, appliance)
    case .keepalived(let variant):
      KeepalivedGateway(node, host, variant)
    case .frr(let dialect):
      FRRGateway(node, host, dialect)
    case .mixed(let pair) where pair.ours == node:
      try ZtbGateway(
        node, host, workspace, disk: disk, program: pair.program,
        start: .configured(pair.document))
    case .mixed(let pair):
      try pair.foreignKind.make(node, host, workspace, disk: disk)
    }
  }

  /// Programs that this kind needs installed.
  var programs: [String] {
    switch self {
    case .ztb, .shaped: []
    case .carton: ["udhcpc", "dnsmasq"]
    case .appliance: Appliance.programs
    case .keepalived(let variant):
      variant.synchronisation == .none ? ["keepalived"] : ["keepalived", "conntrackd"]
    case .frr: ["/usr/lib/frr/vrrpd"]
    case .mixed(let pair): pair.foreignKind.programs
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
  /// Kills what speaks VRRP, without a last word; whoever revives it does so later.
  func crash() throws
  /// Whether the node could take over now, or as the active knows that the other one could.
  func isReadyToTakeOver() throws -> Bool
  /// Whether the node is the one that answers for the LAN's virtual address.
  func holdsVirtualAddress(_ fabric: Switch) throws -> Bool
  /// Sessions that the node could go on with if it became active.
  func heldSessions() throws -> Int
  /// The process that synchronises sessions, by its number inside the machine; nil without one.
  func synchronisingProcess() throws -> Int?
  /// The process that speaks VRRP, by its number inside the machine; nil where it is out of reach.
  func vrrpProcess() throws -> Int?
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

  func vrrpProcess() throws -> Int? { nil }

  func crash() throws { throw LabError.missing("VRRP of \(node.name) is not reached from outside") }
}
