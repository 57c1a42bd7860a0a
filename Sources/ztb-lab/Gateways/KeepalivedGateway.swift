import Glibc
import Linux

/// keepalived with virtual MACs, alone or with conntrackd in FTFW mode.
final class KeepalivedGateway: Gateway {
  let node: Node
  let host: Host
  private let variant: KeepalivedVariant
  private var keepalived: ChildProcess?

  init(_ node: Node, _ host: Host, _ variant: KeepalivedVariant) {
    self.node = node
    self.host = host
    self.variant = variant
  }

  func start() throws {
    if keepalived == nil { try configure() }
    keepalived = try host.start(
      [
        "keepalived", "--dont-fork", "--log-console", "--vrrp", "--use-file=/run/keepalived.conf",
        "--pid=/run/keepalived.pid", "--vrrp_pid=/run/vrrp.pid",
      ], log: "keepalived-\(node.name)")
  }

  private func configure() throws {
    try PeerMachine.furnish(host, node)
    if variant.synchronisation != .none {
      try host.write("/run/conntrackd.conf", variant.conntrackdConfiguration(node))
      try host.write("/run/notify", variant.notifyScript, mode: 0o755)
      try host.start(
        ["conntrackd", "-C", "/run/conntrackd.conf"], log: "conntrackd-\(node.name)")
      try waitForControlSocket()
    }
    try host.write("/run/keepalived.conf", variant.keepalivedConfiguration(node))
  }

  func tend() throws {}

  func stop() throws {
    keepalived?.signal(SIGTERM)
    guard keepalived?.wait(milliseconds: 10_000) != nil else {
      throw LabError.timeout("keepalived to stop")
    }
  }

  /// Parent and child in one call: either alone would make the other say good-bye or start again.
  func crash() throws {
    try host.run(["sh", "-c", "kill -9 $(cat /run/vrrp.pid /run/keepalived.pid)"])
    guard keepalived?.wait(milliseconds: 5000) != nil else {
      throw LabError.timeout("keepalived to die")
    }
  }

  func isReadyToTakeOver() throws -> Bool {
    try variant.synchronisation == .none || synchronisingProcess() != nil
  }

  func synchronisingProcess() throws -> Int? {
    let (status, output) = try host.attempt(["pgrep", "-o", "-x", "conntrackd"])
    return status == .exited(0) ? Int(output) : nil
  }

  func vrrpProcess() throws -> Int? {
    Int(try host.read("/run/vrrp.pid").filter(\.isNumber))
  }

  /// What conntrackd says about itself, such as the sizes of its caches.
  func conntrackd(_ arguments: [String]) throws -> String {
    try host.run(["conntrackd", "-C", "/run/conntrackd.conf"] + arguments)
  }

  /// In conntrackd's external cache, or in the kernel without one.
  func heldSessions() throws -> Int {
    guard variant.synchronisation == .externalCache else { return try trackedSessions() }
    let lines = try conntrackd(["-s"]).split(separator: "\n")
    guard let start = lines.firstIndex(where: { $0.hasPrefix("cache external") }),
      let line = lines[start...].first(where: { $0.contains("current active connections") })
    else { return 0 }
    return Int(line.filter(\.isNumber)) ?? 0
  }

  private func waitForControlSocket() throws {
    for _ in 0..<200 {
      if try host.attempt(["test", "-S", "/run/conntrackd.ctl"]).0 == .exited(0) { return }
      _ = poll(nil, 0, 10)
    }
    throw LabError.timeout("conntrackd to open its control socket")
  }
}
