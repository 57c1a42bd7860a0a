import Boot
import Configuration
import JSON
import Linux
import Messages
import SQLite
import Store
import Supervision
import Wire

/// What console, activation page and `ztb` ask for: the network, the proxy, the activation, and the
/// appliance itself.
extension Supervisor {
  /// Takes a request that is not about status, pair or documents.
  func handlePanel(_ request: ControlRequest, from client: ControlClient) {
    if case .panel(.web, _) = client, request.verb != .overview, !plan.isFactory {
      return refuse(client, "This appliance is already activated.")
    }
    switch request.verb {
    case .overview: answer(client, overview)
    case .networkConfigure: configureNetwork(request, client)
    case .subinterfaceConfigure: configureSubinterface(request, client)
    case .proxyConfigure: configureProxy(request, client)
    case .activate: activate(request, for: client)
    case .activateRetry: retryActivation(for: client)
    case .troubleshoot:
      var result = ControlAnswer(done: true, "")
      result.channels = channels
      answer(client, result)
    case .diagnose: diagnose(request, for: client)
    case .login: logIn(request, client)
    case .setPassword: changePassword(request, client)
    case .supportBundle: writeSupportBundle(for: client)
    case .restart: restart(client)
    case .reboot: end(.reboot, client)
    case .powerOff: end(.powerOff, client)
    case .factoryReset: resetToFactory(client)
    case .lease: leaseReported(request, client)
    case .emergencyShell: openEmergencyShell(request, for: client)
    case .updateInstall: installUpdate(request, client)
    case .updateActivate: activateUpdate(client)
    case .updateDelay: delayUpdate(request, client)
    case .updateCancel: cancelUpdate(client)
    case .updateReturn: returnToPrevious(client)
    case .suspend: suspend(true, client)
    case .resume: suspend(false, client)
    case .status, .leases, .switchover, .drill, .events, .configApply, .policyApply, .policyTrace,
      .configConfirm, .configRollback, .configShow, .version:
      preconditionFailure("handled before")
    }
  }

  private var overview: ControlAnswer {
    var result = ControlAnswer(done: true, "")
    result.status = statusDocument
    result.appliance = applianceStatus
    result.activation = activationStatus
    result.wan = wanStatus
    result.controller = controllerStatus
    return result
  }

  // MARK: Network

  private func configureNetwork(_ request: ControlRequest, _ client: ControlClient) {
    guard let wan = request.wan else { return refuse(client, "network configure: no settings") }
    let isStatic = wan.mode == "static"
    change(
      "network configure", client,
      [
        .init("mode", .string(wan.mode)),
        .init("address", isStatic ? .text(wan.address) : .null),
        .init("gateway", isStatic ? .text(wan.gateway) : .null),
        .init("vlan", wan.vlan.map { .integer($0) } ?? .null),
        .init("dns", .array(wan.dns.map { .string($0) })),
      ])
  }

  private func configureSubinterface(_ request: ControlRequest, _ client: ControlClient) {
    let verb = "network subinterface"
    if let present = plan.given.wan.subinterface, request.subinterface != nil {
      return refuse(
        client,
        "\(verb): \(plan.given.wan.port) has the sub-interface VLAN \(present.vlan) already, and "
          + "one is supported; remove it first")
    }
    let value = request.subinterface.map {
      JSONValue.object([
        .init("vlan", .integer($0.vlan)), .init("address", .string($0.address)),
      ])
    }
    change(verb, client, [.init("subinterface", value ?? .null)])
  }

  private func configureProxy(_ request: ControlRequest, _ client: ControlClient) {
    let value = request.proxy.map { proxy in
      JSONValue.object([
        .init("host", .string(proxy.host)), .init("port", .integer(proxy.port)),
        .init("user", .text(proxy.user)), .init("password", .text(proxy.password)),
        .init("exceptions", .array(proxy.exceptions.map { .string($0) })),
      ])
    }
    change("proxy configure", client, [.init("proxy", value ?? .null)])
  }

  /// Puts a changed WAN section in force. Before activation it is kept at once: a serial line
  /// cannot cut itself off. Afterwards it is taken back unless somebody confirms it.
  private func change(_ verb: String, _ client: ControlClient, _ members: [JSONValue.Member]) {
    guard attempt?.isRunning != true else {
      return refuse(client, "\(verb): an activation is under way; wait for its end")
    }
    do throws(ConfigurationProblems) {
      let document = try plan.given.replacing(wan: members)
      if verb == "network configure" { keep(setting: SettingName.networkConfigured, "yes") }
      guard document != plan.given else {
        putHouseInOrder()
        return answer(client, ControlAnswer(done: true, "nothing to change"))
      }
      let seconds = plan.isFactory ? nil : SupervisorLimits.networkConfirmSeconds
      apply(document, verb, ChangeTerms(confirmWithinSeconds: seconds), for: client)
    } catch { refuse(client, "\(error)") }
  }

  /// The WAN as it was set, and what came of it.
  var wanStatus: WANStatus {
    let given = plan.given.wan
    let now = MonotonicClock.now()
    var status = WANStatus(
      port: given.interface, carrier: hasCarrier(given.interface), settings: WANParameters(given),
      subinterface: given.subinterface.map {
        SubinterfaceParameters(vlan: Int($0.vlan), address: $0.address.description)
      },
      proxy: given.proxy.map {
        ProxyParameters(
          host: $0.host, port: Int($0.port), user: $0.user, exceptions: $0.exceptions)
      },
      address: plan.document.wan.address?.description,
      gateway: plan.document.wan.gateway?.description, dns: nameServers.map(\.description),
      leaseSecondsLeft: leaseEndsAt.map { Int(($0 - now).milliseconds / 1_000) })
    status.isConfigured = hasNetwork
    return status
  }

  /// What the appliance is.
  var applianceStatus: ApplianceStatus {
    var left: Int?
    if case .unconfirmed(let deadline) = change?.phase, change?.terms.portalVersion == nil {
      left = max(0, Int((deadline - MonotonicClock.now()).milliseconds / 1_000))
    }
    let profile = plan.given.gateway.profile
    var status = ApplianceStatus(
      serial: serial, profile: profile.name, version: RunningSoftware.version,
      managementPort: profile.managementPort, hasPassword: setting(SettingName.password) != nil,
      unconfirmedSecondsLeft: left)
    if options.machine != nil { status.hasEmergencyShell = true }
    return status
  }

  /// Whether a port is there and has carrier; false when the driver does not say.
  func hasCarrier(_ name: String) -> Bool {
    // Without an answer there is nothing to rely on, whatever the reason.
    guard NetworkInterface.isPresent(name), let probe = try? openSocket(2, .datagram),
      let carrier = try? NetworkInterface.hasCarrier(name, socket: probe.rawValue)
    else { return false }
    return carrier
  }

  // MARK: Password

  private func logIn(_ request: ControlRequest, _ client: ControlClient) {
    guard let password = request.password, isPassword(password) else {
      note("login.refused", "a wrong password was given", "")
      return refuse(client, "The password is wrong.")
    }
    answer(client, ControlAnswer(done: true, "logged in"))
  }

  private func changePassword(_ request: ControlRequest, _ client: ControlClient) {
    guard let new = request.password, new.count >= 14 else {
      return refuse(client, "A password has at least 14 characters; a sentence does well.")
    }
    if setting(SettingName.password) != nil, !isPassword(request.oldPassword ?? "") {
      note("login.refused", "a wrong password was given", "change of password")
      return refuse(client, "The old password is wrong.")
    }
    do {
      try setPassword(new)
      note("password", "the administrator's password was changed", "")
      answer(client, ControlAnswer(done: true, "password changed"))
    } catch { refuse(client, "password: \(error)") }
  }

  // MARK: The appliance

  private func restart(_ client: ControlClient) {
    guard !isStopping else { return refuse(client, "restart: the supervisor is stopping") }
    answer(client, ControlAnswer(done: true, "every role leaves and starts again"))
    note("supervise.restart", "restart asked for", "")
    isReplacing = true
    step(.stopped)
  }

  private func end(_ farewell: Farewell, _ client: ControlClient) {
    self.farewell = farewell
    answer(client, ControlAnswer(done: true, "everything leaves in order"))
    server?.finish()
    stop(because: farewell == .reboot ? "reboot asked for" : "power off asked for")
  }

  private func resetToFactory(_ client: ControlClient) {
    if options.isUnmanaged {
      return refuse(client, "factory-reset: the configuration is a file (--config); remove that")
    }
    let serial = serial
    let profile = plan.given.gateway.profile
    if let change, let waiting = change.client { refuse(waiting, "\(change.verb): factory reset") }
    giveUpBoth("factory reset")
    do throws(StoreError) {
      try store.erase(keeping: SettingName.serial)
    } catch { return refuse(client, "factory-reset: nothing was forgotten: \(error)") }
    log.erase()
    SupportBundle.eraseAll(in: options.dataPlace)
    eraseDownloads()
    leases?.erase()
    answer(client, ControlAnswer(done: true, "everything but the serial number is forgotten"))
    keep(setting: SettingName.serial, serial)
    change = nil
    attempt = nil
    identity = nil
    lease = nil
    software.run = nil
    software.record = nil
    isSuspended = false
    contact = PortalContact()
    note("factory-reset", "everything was forgotten", "")
    put(Plan(.factory(profile)))
  }

  /// A node that is alone has no pair to be taken out of.
  func forgetSuspension() {
    guard isSuspended, !plan.isPair else { return }
    isSuspended = false
    keep(setting: SettingName.suspended, nil)
  }

  private func suspend(_ wanted: Bool, _ client: ControlClient) {
    let verb = wanted ? "ha suspend" : "ha resume"
    guard plan.isPair || !wanted else {
      return refuse(client, "\(verb): the gateway is not one of a pair")
    }
    guard isSuspended != wanted else {
      let state = wanted ? "is suspended already; ztb ha resume" : "is not suspended"
      return refuse(client, "\(verb): the node \(state)")
    }
    isSuspended = wanted
    keep(setting: SettingName.suspended, wanted ? "yes" : nil)
    note("ha.suspended", wanted ? "taken out of the pair" : "in the pair again", verb)
    tellHealth()
    answer(client, ControlAnswer(done: true, wanted ? "suspended" : "resumed"))
  }
}
