import Messages
import Wire

/// What the supervisor knows of this node's fitness and surroundings, beside what roles report.
struct NodeWatch {
  /// Whether this node is fit to be active.
  var health = NodeHealth()
  /// When that is looked at next; nil: not yet.
  var lookDue: Instant?
  /// When the disk is, which is less often.
  var diskLookDue = Instant.zero
  /// Why nothing could be written to it; nil: something could.
  var diskProblem: String?
  /// Who LLDP hears on the HA link; empty: nobody.
  var neighbour = ""
  /// The Ethernet address of that neighbour; nil: it names itself otherwise.
  var neighbourMAC: MACAddress?
  /// Whether the two HA ports are on one cable.
  var isLinkDirect = false
  /// What `checks` found last.
  var paths: [PathCheckResult] = []

  /// What was found last on a path; nil: nothing yet.
  func path(_ name: String) -> PathCheckResult? { paths.first { $0.name == name } }
}
