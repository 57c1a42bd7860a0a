import Configuration
import Messages
import Netlink
import Policy
import Wire

/// What helpers announced belongs to the connection that announced it.
extension PolicyEnforcer {
  /// Gives what was announced the stamp of what is allowed now, where the connection that announced it
  /// may be opened now; what was announced by any other stays as it is, and is judged by itself.
  ///
  /// The kernel takes the stamp over when such a connection begins, and nothing tells it of later ones:
  /// most are opened by the far end, which no rule is about. To be asked whenever the stamp or who is in
  /// a group has changed.
  func stampAnnounced() {
    guard let wanted, !wanted.context.helpers.isEmpty else { return }
    let complaint = "connections that helpers announced: "
    do {
      let stamp = wanted.ruleset.stamp
      var verdicts: [FlowTuple: Bool] = [:]
      let allowed = try KernelConnections.announced().filter { flow in
        guard flow.mark != stamp, let master = flow.master else { return false }
        if let known = verdicts[master] { return known }
        let verdict = wanted.allows(master, at: wallClock())
        verdicts[master] = verdict
        return verdict
      }
      try KernelConnections.mark(Set(allowed.map(\.tuple)), stamp)
      if status.error.hasPrefix(complaint) { status.error = "" }
    } catch { status.error = "\(complaint)\(error)" }
  }
}

extension PolicyEnforcer.Wanted {
  /// Whether a connection may be opened, by its first packet.
  fileprivate func allows(_ tuple: FlowTuple, at time: Int64) -> Bool {
    document.with(hosts).explain(
      from: tuple.source.address(tuple.family), to: tuple.destination.address(tuple.family),
      protocolNumber: tuple.transport.rawValue, port: tuple.destinationPort, at: time
    ).outcome.isForwarded
  }
}
