import Configuration
import Glibc
import Linux
import Messages
import Wire

/// Path checks: what `checks` finds goes to `vrrp`, which counts it, and to whoever looks.
extension Supervisor {
  /// User number of `checks`; its group may open ping sockets.
  static let checksUser: UInt32 = 7_111

  /// How `checks` is started; nil: there is nothing to check, or the program is not installed.
  var pathWatch: Household.Recipe? {
    guard plan.pathChecks != nil else { return nil }
    allowEcho()
    guard var recipe = netRole(.checks, user: Supervisor.checksUser) else {
      note("ha.check", "path checks cannot run", "ztbd-net is not installed")
      return nil
    }
    recipe.process.resolverFile = resolverFile
    return recipe
  }

  /// Tells `checks` what to ask.
  func configurePaths() {
    let names = (plan.pathChecks?.checks ?? []).map(\.name)
    watch.paths = watch.paths.filter { names.contains($0.name) }
    tellPaths()
    guard let configuration = plan.pathChecks else { return }
    household?.send(.configure(.checks(configuration)), to: .checks)
  }

  /// Lets `checks` and the diagnosis, which have no privileges, send echo requests.
  func allowEcho() {
    // Where the kernel does not let us, they say so themselves.
    try? Files.set(
      "/proc/sys/net/ipv4/ping_group_range", "\(Diagnosis.user) \(Supervisor.checksUser)")
  }

  /// Takes what `checks` found.
  func receivedPaths(_ results: [PathCheckResult]) {
    let before = watch.paths
    watch.paths = results
    for result in results {
      let old = before.first { $0.name == result.name }
      guard (old?.isUp ?? true) != result.isUp else { continue }
      note("ha.check", "\(result.name): \(result.isUp ? "down -> up" : "up -> down")", result.text)
    }
    if before.map(\.isUp) != results.map(\.isUp) || before.map(\.name) != results.map(\.name) {
      tellPaths()
    }
  }

  /// Tells `vrrp` how every path is, and what burdens this node. A path that was never asked counts
  /// as up; what a dead `checks` found last stays, as its death says nothing of the paths.
  func tellPaths() {
    guard let checks = plan.document.ha?.vrrp.checks else { return }
    let states = checks.map { check in
      CheckState(name: check.name, isUp: watch.path(check.name)?.isUp ?? true, weight: check.weight)
    }
    let burdens = watch.health.burdens.map { burden in
      CheckState(name: burden.name, isUp: false, weight: NodeHealth.Burden.weight)
    }
    send(.vrrp(.checks(states + burdens)), to: .vrrp)
  }

  /// For the status document.
  var pathStates: [PathState] {
    (plan.document.ha?.vrrp.checks ?? []).map { check in
      let result = watch.path(check.name)
      return PathState(
        name: check.name, kind: check.kind.rawValue, target: check.target,
        isUp: result?.isUp ?? true, weight: Int(check.weight), text: result?.text ?? "not asked yet"
      )
    }
  }
}
