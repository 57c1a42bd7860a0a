import Configuration
import Policy
import Wire

extension PolicyEnforcer {
  /// What is to be in force.
  struct Wanted {
    /// The document as it was given.
    let document: ConfigurationDocument
    /// Its policy with the hosts of the moment.
    private(set) var policy: PolicyDocument
    let context: PolicyContext
    /// Which schedules are open in ``ruleset``.
    let openSchedules: UInt16
    private(set) var ruleset: Ruleset
    /// The hosts of LANs.
    private(set) var hosts: [LANHost]
    /// Which of them may use which address.
    private(set) var bindings: Set<HostBinding>
    var hash: [UInt8] { context.hash }

    init(
      _ document: ConfigurationDocument, _ context: PolicyContext, _ hosts: [LANHost],
      at time: Int64
    ) {
      self.document = document
      self.context = context
      self.hosts = hosts
      policy = document.policy.with(hosts)
      bindings = context.bindings(of: hosts)
      openSchedules = policy.openSchedules(at: time)
      ruleset = PolicyCompiler.compile(policy, context, at: time)
    }

    /// The same policy, with other hosts.
    func with(_ hosts: [LANHost]) -> Wanted {
      var next = self
      next.hosts = hosts
      next.bindings = context.bindings(of: hosts)
      next.policy = document.policy.with(hosts)
      if next.policy != policy {
        next.ruleset = PolicyCompiler.placing(next.policy, in: ruleset)
      }
      return next
    }
  }
}
