import Linux
import Messages
import Supervision
import Wire

/// What keeps an unconfirmed change without a word of whoever applied it.
extension Supervisor {
  /// Why there is no sense in waiting for these.
  func reasonNot(toWaitFor canaries: Set<Canary>, _ candidate: Plan) -> String? {
    for canary in canaries.sorted(by: { $0.rawValue < $1.rawValue }) {
      let reason: String? =
        switch canary {
        case .management: management == nil ? "there is no management port" : nil
        case .controller: identity == nil ? "no portal manages this gateway" : nil
        case .peer: candidate.isPair ? nil : "the gateway is not one of a pair"
        }
      if let reason { return "canary \(canary.rawValue): \(reason); leave it out" }
    }
    return nil
  }

  /// After each wake-up: whether any of them is there.
  func lookForCanaries() {
    guard let since = change?.since, let wanted = change?.terms.canaries else { return }
    if wanted.contains(.peer), let status = knowledge.vrrp, let ago = status.peer?.seenAgo,
      let told = knowledge.vrrpToldAt, told - ago > since
    {
      reach(.peer)
    }
    let page = household?.entries.first { $0.service.name == Household.Name.web.rawValue }
    if wanted.contains(.management), page?.state == .running { reach(.management) }
  }

  /// One of them is there; the last one keeps the change.
  func reach(_ canary: Canary) {
    guard let waiting = change, case .unconfirmed = waiting.phase,
      waiting.terms.canaries.contains(canary),
      change?.reached.insert(canary).inserted == true, change?.missing.isEmpty == true
    else { return }
    keepChange()
  }
}
