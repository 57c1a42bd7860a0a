import Activation
import Configuration
import Linux
import Messages
import SQLite
import Store
import Wire

/// Requests on the control socket.
extension Supervisor {
  /// Takes one line of a client.
  func handle(line: [UInt8], from client: ControlClient) {
    do {
      let request = try ControlRequest(line: line)
      guard client.may(request.verb) else {
        return refuse(client, "\(request.verb.rawValue): not for this client")
      }
      handle(request, from: client)
    } catch {
      // Whoever writes by hand learns what is wrong, and the form.
      refuse(
        client,
        "control socket: the line is no request (\(error)); expected {\"verb\": \"status\"}")
    }
  }

  func handle(_ request: ControlRequest, from client: ControlClient) {
    switch request.verb {
    case .status:
      var result = ControlAnswer(done: true, "")
      result.status = statusDocument
      answer(client, result)
    case .version: answer(client, ControlAnswer(done: true, RunningSoftware.version))
    case .events: answerEvents(request, client)
    case .leases:
      var result = ControlAnswer(done: true, "")
      result.leases = leaseRecords
      answer(client, result)
    case .switchover: switchOver(client)
    case .drill: startDrill(request, for: client)
    case .configShow: show(client)
    case .configApply, .policyApply: apply(request, for: client)
    case .policyTrace: follow(request, for: client)
    case .configConfirm: confirm(for: client)
    case .configRollback: rollBack(for: client)
    case .overview, .networkConfigure, .subinterfaceConfigure, .proxyConfigure, .activate,
      .activateRetry, .troubleshoot, .diagnose, .login, .setPassword, .supportBundle, .restart,
      .reboot, .powerOff, .factoryReset, .lease, .suspend, .resume, .emergencyShell,
      .updateInstall, .updateActivate, .updateDelay, .updateCancel, .updateReturn:
      handlePanel(request, from: client)
    }
  }

  /// Sends an answer.
  func answer(_ client: ControlClient, _ answer: ControlAnswer) {
    do {
      deliver(answer, try answer.line, to: client)
    } catch { log.write(.error, "supervise", "answer cannot be written: \(error)") }
  }

  private func deliver(_ answer: ControlAnswer, _ line: [UInt8], to client: ControlClient) {
    switch client {
    case .socket(let number), .leaseHook(let number): server?.answer(number, line)
    case .panel(let name, let request):
      household?.send(.controlAnswer(request: request, line: line), to: name)
    case .portalDocument(let version): portalDocumentSettled(version, answer)
    case .peer(let number): tell(.answer(done: answer.done, answer.text), number)
    case .portalCommand(let id):
      let result = AgentCommand.commandDone(id: id, done: answer.done, text: answer.text)
      household?.send(.agent(result), to: .agent)
    case .activation:
      guard !answer.done else { return }
      updateAttempt {
        $0.fail(
          at: .wanUp, answer.text.split(separator: "\n").map(String.init),
          remedy: "Correct the network (2, then 1), then try again.")
      }
    case .departure: handedOver(answer)
    case .itself: log.write(answer.done ? .info : .error, "supervise", answer.text)
    }
  }

  /// Sends a refusal.
  func refuse(_ client: ControlClient, _ text: String) {
    answer(client, ControlAnswer(done: false, text))
  }

  // MARK: Verbs

  private func answerEvents(_ request: ControlRequest, _ client: ControlClient) {
    do throws(StoreError) {
      let limit = min(max(request.limit ?? 100, 1), 1_000)
      let events = try store.events(after: request.after ?? 0, limit: limit)
      var result = ControlAnswer(done: true, "")
      result.events = events.map { EventRecord($0) }
      answer(client, result)
    } catch { refuse(client, "events: \(error)") }
  }

  private func show(_ client: ControlClient) {
    var result = ControlAnswer(done: true, "")
    result.document = plan.given.pretty(redacted: false)
    answer(client, result)
  }

  private func follow(_ request: ControlRequest, for client: ControlClient) {
    do throws(TraceProblem) {
      guard let trace = try request.trace?.trace else {
        return refuse(client, "policy trace: it is not said what to follow")
      }
      guard processes[.policy] != nil else {
        return refuse(client, "policy trace: policy does not run; see ztb status")
      }
      send(.policy(.trace(trace)), to: .policy)
      answer(client, ControlAnswer(done: true, "followed for \(trace.duration) s"))
    } catch { refuse(client, "policy trace: \(error)") }
  }

  func switchOver(_ client: ControlClient) {
    guard plan.isPair else {
      return refuse(client, "ha switchover: the gateway is not one of a pair")
    }
    guard processes[.vrrp] != nil else {
      return refuse(client, "ha switchover: vrrp does not run; see ztb status")
    }
    if drill != nil {
      return refuse(client, "ha switchover: a drill is under way; wait for its end")
    }
    let request = takeRequestNumber()
    waiting[request] = WaitingClient(
      client: client, deadline: MonotonicClock.now() + SupervisorLimits.switchoverPatience)
    note("ha.switchover", "switchover asked for", "ztb ha switchover")
    send(.vrrp(.switchover(request: request)), to: .vrrp)
  }

  /// A number for the next command that `vrrp` answers.
  func takeRequestNumber() -> UInt32 {
    defer { nextRequest &+= 1 }
    return nextRequest
  }

  // MARK: Clients that wait for vrrp

  /// Passes the answer of `vrrp` on.
  func answerWaiting(_ request: UInt32, done: Bool, _ text: String) {
    guard let client = waiting.removeValue(forKey: request)?.client else { return }
    answer(client, ControlAnswer(done: done, done ? text : "ha switchover: \(text)"))
  }

  /// Nobody will answer any more.
  func failWaiting(_ reason: String) {
    for (request, _) in waiting { answerWaiting(request, done: false, reason) }
  }

  /// Answers those who waited too long.
  func expireWaiting(at now: Instant) {
    for (request, client) in waiting where client.deadline <= now {
      answerWaiting(request, done: false, "vrrp did not answer in time; see ztb ha status")
    }
  }
}
