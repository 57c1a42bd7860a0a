import Boot
import Glibc
import Linux
import Messages
import Update
import Wire

/// The restart into another version.
extension Supervisor {
  /// How the node is, for whoever has to compare later.
  var observation: TrialHealth.Observation {
    TrialHealth.Observation(
      rolesRun: allRun, faults: faults, reachesPortal: contact.isConnected, hearsPeer: hearsPeer)
  }

  private var hearsPeer: Bool {
    knowledge.vrrp?.peer?.seenAgo.map { $0 < .seconds(1) } ?? false
  }

  func activateUpdate(_ client: ControlClient) {
    guard let status = software.record?.status, status.state == .installed,
      let version = SoftwareVersion(status.version)
    else { return refuse(client, "update activate: nothing is installed; ztb update install") }
    depart(to: .installed(version), client)
  }

  func returnToPrevious(_ client: ControlClient) {
    let verb = "update return"
    guard hasSlots else {
      return refuse(client, "\(verb): this is not the appliance's own system")
    }
    guard software.record?.status.state != .installed, software.run == nil else {
      return refuse(client, "\(verb): the other slot holds what was installed; ztb update activate")
    }
    do throws(SystemError) {
      let previous = try partition().entries.all.first { entry in
        guard entry.version != runningVersion else { return false }
        if case .trial(_, let done) = entry.state { return done == 0 } else { return true }
      }
      guard let previous else {
        return refuse(client, "\(verb): there is no version before that works; install one")
      }
      depart(to: .previous(previous.version), client)
    } catch { refuse(client, "\(verb): \(error)") }
  }

  /// Restarts into a version, behind a planned switchover where this node is active and the other
  /// one is ready for it.
  private func depart(to departure: Departure, _ client: ControlClient) {
    guard software.departure == nil, farewell == nil else {
      return refuse(client, "update: the appliance is about to restart already")
    }
    updateRecord { $0.before = UpdateRecord.Health(observation) }
    // Otherwise the schedule would come again if this is refused.
    updateRecord { $0.activateAt = nil }
    software.departure = (departure, client)
    let standbyIsReady = hearsPeer && knowledge.sync?.ready == true
    if plan.isPair && knowledge.role == .active && standbyIsReady {
      switchOver(.departure)
    } else {
      handedOver(ControlAnswer(done: true, ""))
    }
  }

  /// The other node is active now, or has refused.
  func handedOver(_ handOver: ControlAnswer) {
    guard let (departure, client) = software.departure else { return }
    software.departure = nil
    guard handOver.done else {
      note("update.refused", "no restart into \(departure.version)", handOver.text)
      return refuse(client, "update: not restarted, the active role stays here: \(handOver.text)")
    }
    do throws(SystemError) {
      try partition().entries.prefer(
        departure.version, as: departure.state, over: runningVersion)
    } catch {
      note("update.refused", "no restart into \(departure.version)", "\(error)")
      return refuse(client, "update: not restarted: \(error)")
    }
    if case .previous = departure { forgetUpdate() }
    note("update.restart", "restart into \(departure.version)", "from \(RunningSoftware.version)")
    answer(client, ControlAnswer(done: true, "the appliance restarts into \(departure.version)"))
    restartMachine(because: "restart into \(departure.version)")
  }

  /// Has everything leave, and the machine start again.
  func restartMachine(because cause: String) {
    farewell = .reboot
    server?.finish()
    stop(because: cause)
  }
}
