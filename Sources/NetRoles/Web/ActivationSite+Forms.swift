import HTTP
import Messages

extension ActivationSite {
  /// A form was sent: pause, token and state are looked at before what is in it.
  func submitted(_ request: HTTPRequest, _ respond: @escaping Respond) {
    overview { [self] overview in
      guard let overview else { return respond(MessagePage.busy) }
      let context = context(request, overview)
      let form = request.form
      guard
        tokens.accepts(
          form[FormToken.field], client: request.client, at: clock())
      else {
        let reason = "This form is too old, or was not made by this page. Please try once more."
        return respond(MessagePage.refusal(context, status: 403, reason))
      }
      switch request.path {
      case "/check": check(form, context, overview, respond)
      case "/activate": activate(form, context, overview, respond)
      case "/retry": retry(context, respond)
      case "/settings/network": configureNetwork(form, context, overview, respond)
      case "/settings/proxy": configureProxy(form, context, overview, respond)
      default: respond(MessagePage.notFound(context))
      }
    }
  }

  // MARK: Links

  /// Shows what a link would do.
  private func check(
    _ form: [HTTPField], _ context: PageContext, _ overview: Overview, _ respond: Respond
  ) {
    guard let typed = admitted(form, context, overview, respond) else { return }
    do throws(LinkRefusal) {
      let signed = try LinkCheck.read(typed, profile: overview.appliance.profile)
      respond(SummaryPage.page(context, signed, typed: signed.text))
    } catch { refuse(error, context, overview, respond) }
  }

  /// Hands a link to the supervisor, which checks it again.
  private func activate(
    _ form: [HTTPField], _ context: PageContext, _ overview: Overview,
    _ respond: @escaping Respond
  ) {
    guard let typed = admitted(form, context, overview, respond) else { return }
    var request = ControlRequest(.activate)
    do throws(LinkRefusal) {
      request.link = try LinkCheck.read(typed, profile: overview.appliance.profile).text
    } catch { return refuse(error, context, overview, respond) }
    ask(request) { [self] answer in
      guard let answer else { return respond(MessagePage.busy) }
      if answer.done {
        throttle.trySucceeded()
        return respond(.redirect(to: "/progress", status: 303))
      }
      refuse(LinkRefusal(sentence: answer.text), context, overview, respond)
    }
  }

  /// The link of a form, unless no link is taken now; then the answer is given here.
  private func admitted(
    _ form: [HTTPField], _ context: PageContext, _ overview: Overview, _ respond: Respond
  ) -> String? {
    let seconds = throttle.secondsLeft(at: clock())
    guard seconds == 0 else {
      let reason = "Too many links were refused. Try again in \(seconds) seconds."
      respond(
        MessagePage.refusal(context, status: 429, reason).with("Retry-After", String(seconds)))
      return nil
    }
    if overview.activation.state == .activated {
      respond(MessagePage.refusal(context, status: 409, LinkRefusal.activated.sentence))
      return nil
    }
    if overview.isRunning {
      respond(.redirect(to: "/progress", status: 303))
      return nil
    }
    return form["link"] ?? ""
  }

  private func refuse(
    _ refusal: LinkRefusal, _ context: PageContext, _ overview: Overview, _ respond: Respond
  ) {
    throttle.tryRefused(at: clock())
    let status = refusal == .damaged || refusal == .newer ? 400 : 409
    respond(LinkPage.page(context, overview, refusal: refusal.sentence, status: status))
  }

  private func retry(_ context: PageContext, _ respond: @escaping Respond) {
    ask(ControlRequest(.activateRetry)) { answer in
      guard let answer else { return respond(MessagePage.busy) }
      respond(
        answer.done
          ? .redirect(to: "/progress", status: 303)
          : MessagePage.refusal(context, status: 409, answer.text, back: "/progress"))
    }
  }

  // MARK: Settings

  private func configureNetwork(
    _ fields: [HTTPField], _ context: PageContext, _ overview: Overview,
    _ respond: @escaping Respond
  ) {
    guard isOpen(context, overview, respond) else { return }
    let form = NetworkForm(fields)
    guard let settings = form.settings else {
      return respond(SettingsPage.page(context, overview, network: form, status: 422))
    }
    var request = ControlRequest(.networkConfigure)
    request.wan = settings
    ask(request) { answer in
      guard let answer else { return respond(MessagePage.busy) }
      if answer.done { return respond(.redirect(to: "/settings?saved=network", status: 303)) }
      var refused = form
      refused.refusal = answer.text
      respond(SettingsPage.page(context, overview, network: refused, status: 409))
    }
  }

  private func configureProxy(
    _ fields: [HTTPField], _ context: PageContext, _ overview: Overview,
    _ respond: @escaping Respond
  ) {
    guard isOpen(context, overview, respond) else { return }
    let form = ProxyForm(fields, keeping: overview.wan?.proxy?.exceptions ?? [])
    guard form.isGood else {
      return respond(SettingsPage.page(context, overview, proxy: form, status: 422))
    }
    var request = ControlRequest(.proxyConfigure)
    request.proxy = form.settings
    ask(request) { answer in
      guard let answer else { return respond(MessagePage.busy) }
      if answer.done { return respond(.redirect(to: "/settings?saved=proxy", status: 303)) }
      var refused = form
      refused.refusal = answer.text
      respond(SettingsPage.page(context, overview, proxy: refused, status: 409))
    }
  }

  /// Whoever holds the cable may set the network of a new appliance, not that of a gateway.
  private func isOpen(
    _ context: PageContext, _ overview: Overview, _ respond: Respond
  ) -> Bool {
    guard overview.activation.state == .activated else { return true }
    let reason = "This gateway is managed in the portal; its network is changed there."
    respond(MessagePage.refusal(context, status: 409, reason, back: "/settings"))
    return false
  }
}
