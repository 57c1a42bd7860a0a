import Activation
import Configuration
import Crypto
import JSON
import Linux
import Messages
import SQLite
import Store
import Wire

/// From the carton to a gateway of the portal.
extension Supervisor {
  /// Begins an activation with a code or a link.
  func activate(_ request: ControlRequest, for client: ControlClient) {
    if let reason = reasonNotToActivate { return refuse(client, reason) }
    if let link = request.link { return activate(link: link, for: client) }
    guard let typed = request.code else { return refuse(client, "activate: no code and no link") }
    guard hasNetwork else {
      let hint = plan.given.wan.subinterface == nil ? "" : "; a sub-interface is not enough"
      return refuse(client, "Configure the network first: 2, then 1" + hint)
    }
    do throws(ActivationCodeError) {
      begin(try TypedCode(parsing: typed), for: client)
    } catch { refuse(client, "\(error)") }
  }

  /// The same code or link once more.
  func retryActivation(for client: ControlClient) {
    guard plan.isFactory, var again = attempt, !again.isRunning, !again.isComplete else {
      return refuse(client, "activate retry: no activation has failed; give a code or a link")
    }
    if again.isFinal {
      return refuse(
        client, "activate retry: \(again.failure.joined(separator: " ")) \(again.remedy)")
    }
    again.resume()
    start(again)
    answer(client, ControlAnswer(done: true, "activation goes on"))
  }

  private var reasonNotToActivate: String? {
    if options.isUnmanaged {
      return "This appliance runs a configuration file of its own (--config); "
        + "start it without one to activate it."
    }
    if !plan.isFactory || identity != nil && attempt?.isRunning != false {
      return "This appliance is already activated."
    }
    if attempt?.isRunning == true { return "An activation is under way; wait for its end." }
    if change != nil { return "A change of the configuration is under way; try again in a moment." }
    return nil
  }

  /// The portal of the try before: with it DHCP may have gone that told of it. Like every other it
  /// has to prove first that it knows the code.
  private var lastPortal: String? {
    attempt.flatMap { $0.portal.hasPrefix("https://") ? String($0.portal.dropFirst(8)) : nil }
  }

  private func begin(_ typed: TypedCode, for client: ControlClient) {
    let portal = typed.portal ?? options.portal ?? lease?.portal ?? lastPortal
    // A lease that is still on its way may tell of one.
    guard portal != nil || plan.given.wan.mode == .dhcp && lease == nil else {
      return refuse(client, Sentence.noPortal)
    }
    forgetIdentity()
    start(
      ActivationAttempt(
        method: .code, code: typed.code.text, portal: portal.map { "https://\($0)" } ?? ""))
    answer(client, ControlAnswer(done: true, "activation begins"))
  }

  private func activate(link text: String, for client: ControlClient) {
    let signed: SignedActivationLink
    do throws(ActivationLinkError) {
      signed = try SignedActivationLink(parsing: text)
    } catch {
      return refuse(client, error == .damaged ? Sentence.damaged : Sentence.unknownVersion)
    }
    let link = signed.link
    guard Ed25519Key.verify(signed.signature, of: signed.signedText, by: link.key),
      let code = try? ActivationCode(parsing: link.code)  // a signed link with a wrong code: damage
    else { return refuse(client, Sentence.damaged) }
    let profile = plan.given.gateway.profile
    guard link.platform == profile.name else {
      return refuse(client, "This link is for a \(link.platform); this is a \(profile.name).")
    }
    guard link.wan.port == profile.wanPort else {
      return refuse(
        client,
        "This link is for the port \(link.wan.port); the WAN of this \(profile.name) is \(profile.wanPort)."
      )
    }
    do throws(ConfigurationProblems) {
      let members = Supervisor.members(of: link)
      _ = try plan.given.replacing(wan: members)
      forgetIdentity()
      keep(setting: SettingName.networkConfigured, "yes")
      start(
        ActivationAttempt(
          method: .link, code: code.text, portal: link.portal, caFingerprint: link.ca,
          linkDigest: sha256(signed.payload),
          wanSettings: String(decoding: JSONValue.object(members).canonical, as: UTF8.self)))
      answer(client, ControlAnswer(done: true, "activation begins"))
    } catch { refuse(client, "The link's network settings cannot be used: \(error)") }
  }

  private enum Sentence {
    static let noPortal = "No portal is known here; type the code as CODE@host:port."
    static let damaged = "This link is damaged; copy it again."
    static let unknownVersion = "This link is of a newer version; update this appliance first."
  }

  private static func members(of link: ActivationLink) -> [JSONValue.Member] {
    let proxy = link.proxy.map {
      JSONValue.object([
        .init("host", .string($0.host)), .init("port", .integer($0.port)),
      ])
    }
    return [
      .init("mode", .string(link.wan.mode)), .init("address", .text(link.wan.address)),
      .init("gateway", .text(link.wan.gateway)),
      .init("vlan", link.wan.vlan.map { .integer($0) } ?? .null),
      .init("dns", .array(link.dns.map { .string($0) })), .init("proxy", proxy ?? .null),
    ]
  }

  /// Another code makes another gateway of this box: what the portal knew of it is over.
  private func forgetIdentity() {
    guard identity != nil else { return }
    identity = nil
    contact = PortalContact()
    for name in [
      SettingName.identity, SettingName.gatewayName, SettingName.documentVersion,
      SettingName.eventsDelivered,
    ] { keep(setting: name, nil) }
  }

  /// Puts the network of the link in force; also after a power cut that came before it was kept.
  private func applyLinkSettings(_ attempt: ActivationAttempt) -> Bool {
    guard !attempt.wanSettings.isEmpty, plan.isFactory, change == nil, !isReplacing, allRun,
      let value = try? JSONParser.parse(Array(attempt.wanSettings.utf8)),  // our own text
      let members = value.members,
      let document = try? plan.given.replacing(wan: members),  // checked when it was given
      document != plan.given
    else { return false }
    apply(document, "activation link", ChangeTerms(), for: .activation)
    return true
  }

  // MARK: Progress

  /// Whether the main interface of the WAN was ever set up.
  var hasNetwork: Bool { !plan.isFactory || setting(SettingName.networkConfigured) != nil }

  /// Whether the portal has accepted this appliance.
  var isEnrolled: Bool { identity != nil || attempt?[.codeAccepted] == .done }

  /// Whether an activation is on its way.
  var isEnrolling: Bool { attempt?.isRunning == true }

  /// Puts an attempt on the disk and on its way.
  func start(_ new: ActivationAttempt) {
    attempt = new
    if new[.wanUp] == .running {
      attempt?.deadline = MonotonicClock.now() + SupervisorLimits.wanPatience
    }
    keepAttempt()
    contact.refusedVersion = nil
    note("activation.begun", "activation by \(new.method.rawValue)", "")
    configureAgent(again: true)
  }

  /// Changes the attempt, and keeps and tells what has changed.
  func updateAttempt(_ body: (inout ActivationAttempt) -> Void) {
    // What is activated stays so, whatever later documents of the portal do.
    guard var changed = attempt, !changed.isComplete else { return }
    let before = changed
    body(&changed)
    attempt = changed
    guard
      changed.steps != before.steps || changed.failure != before.failure
        || changed.privateKey != before.privateKey
    else { return }
    keepAttempt()
    for (old, new) in zip(before.steps, changed.steps) where old.state != new.state {
      let cause = new.cause.isEmpty ? "" : " (\(new.cause))"
      log.write(.notice, "activation", "step=\(new.number) \(new.name): \(new.state)\(cause)")
    }
    if changed.failure != before.failure, !changed.failure.isEmpty {
      note("activation.failed", "activation stopped", changed.failure.joined(separator: "; "))
    }
  }

  private func keepAttempt() {
    guard let attempt else { return keep(setting: SettingName.attempt, nil) }
    keep(setting: SettingName.attempt, encoded(attempt))
  }

  /// After each wake-up: takes the steps that the supervisor sees by itself.
  func followActivation() {
    guard let current = attempt, current.isAlive else { return }
    let waitsForWAN = current[.wanUp] == .running || current[.wanUp] == .failed
    if waitsForWAN, applyLinkSettings(current) { return }
    if waitsForWAN, change == nil, let address = wanAddressInUse {
      updateAttempt {
        $0.advance(.wanUp, .done, "\(address)")
        $0.deadline = nil
        guard $0.portal.isEmpty else { return }
        if let told = lease?.portal {
          $0.portal = "https://\(told)"
        } else {
          $0.fail(
            at: .dns, ["No portal is known here: the DHCP server names none."],
            remedy: "Type the code as CODE@host:port.", isFinal: true)
        }
      }
      configureAgent(again: true)
    }
    followServices()
  }

  /// The last two steps. A document that is kept ends the activation also where the node has a fault
  /// of its own, such as a LAN cable that is not plugged in yet.
  private func followServices() {
    guard !plan.isFactory, change == nil, let kept = identity?.documentVersion, kept > 0 else {
      return
    }
    let (word, _) = currentState
    let isReady = ["standalone", "active", "standby"].contains(word)
    guard isReady || ["fault", "suspended"].contains(word) else { return }
    updateAttempt {
      $0.markEnrolled()
      $0.mark(.configurationApplied, .done)
      $0.mark(.servicesRunning, isReady ? .done : .skipped, isReady ? word : "\(word): \(faults)")
    }
    note("activation.completed", "Gateway \(gatewayName) is activated", word)
    keep(setting: SettingName.attempt, nil)
  }

  /// The time for the WAN is over.
  func expireAttempt(at now: Instant) {
    guard let deadline = attempt?.deadline, deadline <= now else { return }
    let port = plan.given.wan.interface
    let reason =
      plan.given.wan.mode == .dhcp
      ? "no DHCP server answered on \(port)" : "\(port) has no link"
    updateAttempt {
      $0.fail(
        at: .wanUp, [reason],
        remedy: "Check the cable and the VLAN, or set an address: 2, then 1.",
        retriesByItself: true)
    }
  }

  /// The address of the WAN, once it can be used.
  var wanAddressInUse: IPv4Prefix? {
    guard let address = plan.document.wan.address, networkFaults.isEmpty,
      hasCarrier(plan.given.wan.interface), !isReplacing
    else { return nil }
    return address
  }

  /// The picture for console, page, `ztb` and portal.
  var activationStatus: ActivationStatus {
    guard let attempt else {
      return ActivationStatus(
        state: plan.isFactory ? .unactivated : .activated, gateway: gatewayName)
    }
    let state: ActivationStatus.State =
      attempt.isComplete ? .activated : attempt.isFinal ? .unactivated : .inProgress
    var status = ActivationStatus(state: state, gateway: gatewayName)
    status.method = attempt.method.rawValue
    status.steps = attempt.steps
    status.failure = attempt.failure
    status.remedy = attempt.remedy
    status.canRetry = !attempt.failure.isEmpty && !attempt.isFinal
    return status
  }

  /// The name that the document or the portal gave.
  var gatewayName: String {
    plan.isFactory ? setting(SettingName.gatewayName) ?? "" : plan.given.gateway.name
  }
}
