import Activation
import Messages

/// The supervisor's side of a transcript: settings that requests change, and words to set what a
/// story needs.
struct FakeGateway {
  var appliance = ApplianceStatus(
    serial: "ZT4-0001", profile: "zt400", version: "0.1.0", managementPort: "ge1",
    hasPassword: false, unconfirmedSecondsLeft: nil)
  var activation = ActivationStatus(state: .unactivated)
  var wan: WANStatus = {
    var wan = WANStatus(
      port: "ge3", carrier: true,
      settings: WANParameters(mode: "dhcp", address: nil, gateway: nil, vlan: nil, dns: []),
      subinterface: nil, proxy: nil, address: nil, gateway: nil, dns: [], leaseSecondsLeft: nil)
    wan.isConfigured = false
    return wan
  }()
  var status = StatusDocument(
    gateway: "", activation: "unactivated", state: "disconnected",
    since: "2026-11-20T10:00:00.123Z")
  var controller: ControllerStatus?
  var password = ""
  /// Requests are not answered.
  var isSilent = false
  /// Verbs that are refused, with the words.
  var refusals: [ControlRequest.Verb: String] = [:]
  /// The change that was not yet confirmed: what it was before.
  private var unconfirmed: WANStatus?

  /// What is asked, in a line of the transcript.
  static func words(_ request: ControlRequest) -> String {
    var words = [request.verb.rawValue]
    if let wan = request.wan {
      words.append(wan.mode)
      words += [wan.address, wan.gateway].compactMap { $0 }
      if let vlan = wan.vlan { words.append("vlan \(vlan)") }
      words += ["dns"] + wan.dns
    }
    if let second = request.subinterface { words.append("vlan \(second.vlan) \(second.address)") }
    if let proxy = request.proxy {
      words.append("\(proxy.host):\(proxy.port)")
      words += [proxy.user, proxy.password].compactMap { $0 } + proxy.exceptions
    }
    words += [
      request.code, request.diagnosis?.rawValue, request.target, request.oldPassword,
      request.password, request.token, request.source, request.at,
    ].compactMap { $0 }
    return words.joined(separator: " ")
  }

  /// Answers as the supervisor would; nil: not at all.
  mutating func answer(_ request: ControlRequest) -> ControlAnswer? {
    if isSilent { return nil }
    if let words = refusals[request.verb] { return ControlAnswer(done: false, words) }
    var answer = ControlAnswer(done: true, "")
    switch request.verb {
    case .overview:
      answer.appliance = appliance
      answer.activation = activation
      answer.wan = wan
      answer.status = status
      answer.controller = controller
    case .networkConfigure, .subinterfaceConfigure, .proxyConfigure: change(request)
    case .configConfirm: settle(wan)
    case .configRollback: settle(unconfirmed ?? wan)
    case .activate, .activateRetry: advance(to: 1)
    case .login where request.password != password, .setPassword where wrongOld(request):
      return ControlAnswer(done: false, "The old password is wrong.")
    case .setPassword:
      password = request.password ?? ""
      appliance.hasPassword = true
    case .diagnose: answer.lines = ["\(request.diagnosis?.rawValue ?? "") worked"]
    case .supportBundle: answer.text = "/var/lib/ztb/support/ztb-support-1.tar"
    case .emergencyShell: answer.text = "The shell opens; exit brings the menu back."
    case .updateInstall:
      status.software?.update = UpdateStatus(version: "1.2.0", state: .writing, percent: 63)
      answer.text = "begun"
    case .updateDelay:
      status.software?.update = UpdateStatus(
        version: "1.2.0", state: .installed, percent: 100, at: "2026-11-21T02:30:00.000Z")
      answer.text = "the restart into the new version is at 2026-11-21T02:30:00.000Z"
    case .updateActivate: answer.text = "the appliance restarts into 1.2.0"
    case .updateReturn: answer.text = "the appliance restarts into 1.0.0"
    case .reboot, .powerOff: answer.text = "everything leaves in order"
    case .factoryReset:
      self = FakeGateway()
      answer.text = "everything but the serial number is forgotten"
    default: break
    }
    return answer
  }

  private mutating func change(_ request: ControlRequest) {
    let before = wan
    if let settings = request.wan {
      wan.settings = settings
      wan.isConfigured = true
      wan.address = settings.address ?? "203.0.113.17/24"
      wan.gateway = settings.gateway ?? "203.0.113.1"
      wan.dns = settings.dns
    }
    if request.verb == .subinterfaceConfigure { wan.subinterface = request.subinterface }
    if request.verb == .proxyConfigure {
      wan.proxy = request.proxy
      wan.proxy?.password = nil
    }
    guard activation.state == .activated else { return }
    unconfirmed = before
    appliance.unconfirmedSecondsLeft = 90
  }

  /// Nobody confirmed in time.
  mutating func revert() { settle(unconfirmed ?? wan) }

  private mutating func settle(_ kept: WANStatus) {
    wan = kept
    unconfirmed = nil
    appliance.unconfirmedSecondsLeft = nil
  }

  private func wrongOld(_ request: ControlRequest) -> Bool {
    appliance.hasPassword && request.oldPassword != password
  }

  // MARK: What a story sets

  /// Every step before `number` is done, this one runs.
  mutating func advance(to number: Int) {
    activation.state = .inProgress
    activation.failure = []
    activation.remedy = ""
    activation.canRetry = false
    activation.steps = ActivationStep.allCases.map { step in
      let state: ActivationStepStatus.State =
        step.rawValue < number
        ? step == .proxy && wan.proxy == nil ? .skipped : .done
        : step.rawValue == number ? .running : .waiting
      let cause = step == .wanUp && state == .done ? wan.address ?? "" : ""
      return ActivationStepStatus(
        number: step.rawValue, name: step.name, state: state, cause: cause)
    }
  }

  /// The step that runs fails.
  mutating func fail(_ lines: [String], remedy: String) {
    for index in activation.steps.indices where activation.steps[index].state == .running {
      activation.steps[index].state = .failed
    }
    activation.failure = lines
    activation.remedy = remedy
    activation.canRetry = true
  }

  /// Tries again by itself; what failed before still stands behind the step that runs.
  mutating func retry(from number: Int) {
    for index in activation.steps.indices where activation.steps[index].number == number {
      activation.steps[index].state = .running
    }
  }

  /// The activation has come to its end.
  mutating func complete(_ name: String) {
    advance(to: 10)
    activation.state = .activated
    activation.gateway = name
    status.gateway = name
    status.state = "active"
    status.ha = HAStatus(
      role: "active", reason: "first activated, waiting for gateway 2", term: 1, peer: nil,
      link: HALinkState(
        carrier: true, encrypted: false, direct: false, heartbeatsSent: 9, heartbeatsReceived: 0),
      vrrp: [])
    controller = ControllerStatus(
      url: "https://portal.example:8444", connected: true, lastSeen: "2026-11-20T10:00:00.123Z",
      reason: "")
  }
}
