import Linux
import Messages
import Wire

/// Addresses, routes and devices: set up, tried again, and put back.
extension Supervisor {
  /// Brings addresses, routes and devices into the state of the plan.
  func renewNetwork(_ plan: Plan) {
    let before = networkFaults
    networkFaults = network.apply(plan.document)
    for fault in networkFaults where !before.contains(fault) {
      note("network.fault", fault, "configuration cannot be applied")
    }
    networkRetryAt =
      networkFaults.isEmpty ? nil : MonotonicClock.now() + SupervisorLimits.networkRetry
    tellHealth()
  }

  /// Tries again what the kernel refused.
  func retryNetwork(at now: Instant) {
    guard let at = networkRetryAt, at <= now else { return }
    networkRetryAt = nil
    // While roles leave the plan is already the next one's, which starts with this anyway.
    if !isReplacing && !isStopping { renewNetwork(plan) }
  }

  /// Begins to hear of changes.
  func watchNetwork() throws(SystemError) {
    networkWatch = try NetworkWatch(reactor) { [unowned self] in networkChanged() }
  }

  /// Somebody changed the network, perhaps we. Soon enough for sessions, late enough for a change of
  /// role to be over; and seldom, as others may change it for ever.
  private func networkChanged() {
    guard networkRepairAt == nil else { return }
    networkRepairAt = max(
      MonotonicClock.now() + SupervisorLimits.networkRepairDelay,
      networkRepairedAt + SupervisorLimits.networkRepairGap)
  }

  /// Puts back what others took away.
  func repairNetwork(at now: Instant) {
    guard let at = networkRepairAt, at <= now else { return }
    networkRepairAt = nil
    networkRepairedAt = now
    let repair = network.repair()
    complain(repair.failures)
    if !repair.failures.isEmpty || repair.hasNewPort {
      networkRetryAt = now
    } else {
      for part in repair.missing {
        note("network.repaired", "\(part) was gone and is put back", "removed by somebody else")
      }
    }
  }

  func complain(_ failures: [String]) {
    for failure in failures { log.write(.error, "supervise", failure) }
  }
}
