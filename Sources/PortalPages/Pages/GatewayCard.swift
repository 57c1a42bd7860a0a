public import Activation

/// What the site page shows of one gateway.
public struct GatewayCard: Sendable {
  /// Identifier.
  public var id: String
  /// 1 or 2.
  public var number: Int
  /// Name.
  public var name: String
  /// Platform, such as `zt400`.
  public var platform: String
  /// State.
  public var state = GatewayState.disconnected
  /// Its state before it fell silent.
  public var lastState: GatewayState?
  /// Why it is in this state, when that needs saying: a reason, or `waiting for gateway 2`.
  public var reason: String?
  /// `primary` or `secondary`; nil: not decided.
  public var role: String?
  /// Whether it has been activated.
  public var isActivated = false
  /// How far its activation is; nil: not under way.
  public var progress: ActivationProgress?
  /// The activation code and link; nil: used, or the user may not see them.
  public var activation: ActivationPanel?
  /// Serial number; nil: not known yet.
  public var serial: String?
  /// Version of its software.
  public var version: String?
  /// Address on the WAN.
  public var wan: String?
  /// Own address on the LAN.
  public var lan: String?
  /// Version of the configuration it runs, and the portal's.
  public var configuration: String?
  /// Seconds since 1970 of the last contact.
  public var contact: Int64?
  /// Seconds since 1970 of the activation.
  public var activatedAt: Int64?
  /// Whether it is suspended, or can be.
  public var canResume = false
  /// Whether it can be taken out of service now.
  public var canSuspend = false

  /// Joins what every gateway has.
  public init(id: String, number: Int, name: String, platform: String) {
    self.id = id
    self.number = number
    self.name = name
    self.platform = platform
  }
}

/// How far an activation is.
public struct ActivationProgress: Sendable {
  /// Steps done.
  public var done: Int
  /// All steps.
  public var total: Int
  /// The step under way.
  public var step: String
  /// Why it stopped, and what helps; nil: it goes on.
  public var failure: (cause: String, remedy: String)?

  /// Joins the parts.
  public init(done: Int, total: Int = 9, step: String) {
    self.done = done
    self.total = total
    self.step = step
  }
}

/// The two ways to activate a gateway.
public struct ActivationPanel: Sendable {
  /// The code in groups of four.
  public var code: String
  /// The link.
  public var url: String
  /// Modules of the QR code of the link, by rows; true is dark.
  public var qr: [[Bool]]
  /// Seconds since 1970 when both expire.
  public var expiresAt: Int64
  /// The port for the laptop, as people say it.
  public var managementPort = "GE1"

  /// Joins the parts.
  public init(code: String, url: String, qr: [[Bool]], expiresAt: Int64) {
    self.code = code
    self.url = url
    self.qr = qr
    self.expiresAt = expiresAt
  }
}

extension GatewayCard {
  /// The card; `site` is the identifier of its site.
  func markup(_ frame: Frame, site: String) -> Markup {
    let tick: Markup? =
      isActivated
      ? """
      <span class="tick" title="Activated">\(Icon.check.markup)\
      <span class="unseen">Activated</span></span>
      """ : nil
    let last = lastState.map { " <span class=\"quiet\">last: \($0.rawValue)</span>" as Markup }
    return """
      <section class="card gateway" id="gateway-\(number)" data-live \
      aria-labelledby="gateway-\(number)-name">\
      <header><div><p class="over">Gateway \(number)\(role.map { " · " + $0 } ?? "")</p>\
      <h2 id="gateway-\(number)-name">\(name)\(tick)</h2></div>\
      <p class="status" id="gateway-\(number)-state" \
      data-announce="\(name) is \(state.rawValue)">\
      <span class="unseen">State: </span>\(state.badge)\(last)</p></header>\
      \(reasonLine)\(progress?.markup(gateway: name))\(activation.map { body($0, frame) })\
      \(facts(frame))\(buttons(frame, site))</section>
      """
  }

  private var reasonLine: Markup? {
    reason.map { "<p class=\"reason\">\(Icon.info.markup)\($0)</p>" }
  }

  private func body(_ panel: ActivationPanel, _ frame: Frame) -> Markup {
    panel.markup(gateway: name, number: number, now: frame.now)
  }

  private func facts(_ frame: Frame) -> Markup {
    var facts = Facts()
    facts.add("Platform", platform)
    if let serial { facts.add("Serial", code: serial) }
    if let version { facts.add("Version", version) }
    if let wan { facts.add("WAN", code: wan) }
    if let lan { facts.add("LAN", code: lan) }
    if let configuration { facts.add("Configuration", configuration) }
    if let contact {
      facts.add("Last contact", markup: Moment(seconds: contact).markup(now: frame.now))
    }
    if let activatedAt { facts.add("Activated", markup: Moment(seconds: activatedAt).markup) }
    return facts.markup
  }

  private func buttons(_ frame: Frame, _ site: String) -> Markup? {
    var buttons: [Markup] = []
    if frame.rights.contains(.changeSites), !isActivated {
      buttons.append(
        """
        <a class="button small" href="\(Paths.site(site, "links"))?gateway=\(id)">\
        \(Icon.send.markup)Send Activation Link<span class="unseen"> for \(name)</span></a>
        """)
      buttons.append(button("rotate", "Rotate code"))
    }
    if frame.rights.contains(.switchRoles), canSuspend {
      buttons.append(button("suspend", "Suspend", Icon.pause))
    }
    if frame.rights.contains(.switchRoles), canResume {
      buttons.append(button("resume", "Resume", Icon.play))
    }
    if frame.rights.contains(.changeSites), isActivated {
      buttons.append(button("restart", "Restart"))
      buttons.append(button("replace", "Replace"))
      buttons.append(button("factory-reset", "Factory reset"))
    }
    return buttons.isEmpty ? nil : "<div class=\"buttons foot-row\">\(buttons)</div>"
  }

  private func button(_ verb: String, _ text: String, _ icon: Icon? = nil) -> Markup {
    """
    <a class="button small" href="\(Paths.gateway(id, verb))" data-confirm>\(icon?.markup)\(text)\
    <span class="unseen"> \(name)</span></a>
    """
  }
}

extension ActivationProgress {
  func markup(gateway: String) -> Markup {
    let marks = (0..<total).map { index -> Markup in
      let kind =
        index < done ? "done" : (index > done ? "todo" : (failure == nil ? "now" : "failed"))
      return "<span class=\"\(kind)\"></span>"
    }
    let help = failure.map { failure -> Markup in
      """
      <p class="reason bad">\(Icon.alert.markup)<span>\(failure.cause) \(failure.remedy)</span></p>
      """
    }
    return """
      <div class="progress"><p><span class="strong">Activation \(done)/\(total)</span> \
      <span class="quiet">\(failure == nil ? "Next" : "Stopped at"): \(step)</span></p>\
      <div class="steps" role="progressbar" aria-label="Activation of \(gateway)" \
      aria-valuemin="0" aria-valuemax="\(total)" aria-valuenow="\(done)" \
      aria-valuetext="\(done) of \(total): \(step)">\(marks)</div>\(help)</div>
      """
  }
}

extension ActivationPanel {
  /// Code, link and QR code of gateway `number`.
  func markup(gateway: String, number: Int, now: Int64) -> Markup {
    let isExpired = expiresAt <= now
    let codeField = CopyField(id: "code-\(number)", isBig: true)
    let left = Moment(seconds: expiresAt).relative(to: now)
    let expiry: Markup =
      isExpired
      ? "<span class=\"bad-text\">Expired \(left)</span>; rotate the code to get a new one."
      : "Expires \(left), on \(Moment(seconds: expiresAt).markup). Works once."
    return """
      <div class="activation"><div class="ways">\
      <h3>Activation code</h3>\
      \(codeField.markup(code, what: "activation code of \(gateway)"))\
      <p class="hint">On the console: Configure Gateway, then Activate Gateway.</p>\
      <h3><label for="url-\(number)">Activation URL</label></h3>\
      <p class="secret"><textarea class="code url" id="url-\(number)" rows="4" readonly \
      spellcheck="false" data-select>\(url)</textarea>\
      \(CopyField(id: "url-\(number)").button("activation URL of \(gateway)"))</p>\
      <p class="hint">In a browser on a laptop at the management port (\(managementPort)).</p>\
      <p class="hint">\(expiry)</p></div>\
      \(QRPicture(modules: qr).markup(title: "QR code of the activation URL of \(gateway)"))</div>
      """
  }
}
