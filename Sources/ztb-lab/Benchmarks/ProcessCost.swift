import Glibc

/// What one process of each gateway has used so far.
struct ProcessCost {
  private var ticks: [Node: Int] = [:]
  private var residentKB: [Node: Int] = [:]

  /// Asks now; `process` is its number inside the machine.
  init(_ world: World, _ process: (any Gateway) throws -> Int?) throws {
    for node in Node.allCases {
      let gateway = world.gateway(node)
      guard let number = try process(gateway) else { continue }
      try gateway.host.inside {
        ticks[node] = ProcessTable.stat(Int32(number))?.ticks
        residentKB[node] = ProcessTable.status(Int32(number), "VmRSS")
      }
    }
  }

  /// User and system time since an earlier sample.
  func cpuSeconds(_ node: Node, since earlier: ProcessCost) -> Double {
    let used = (ticks[node] ?? 0) - (earlier.ticks[node] ?? 0)
    return Double(used) / Double(sysconf(Int32(_SC_CLK_TCK)))
  }

  /// Memory in use.
  func residentMB(_ node: Node) -> Double { Double(residentKB[node] ?? 0) / 1024 }
}
