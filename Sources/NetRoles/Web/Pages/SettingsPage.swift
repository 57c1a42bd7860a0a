import HTTP
import Messages

/// Network and proxy, the same fields as at the console.
enum SettingsPage {
  /// What was saved last, by the word in the address.
  enum Saved: String {
    case network
    case proxy
  }

  /// Both forms. `network` and `proxy` hold what was typed, when it was not taken.
  static func page(
    _ context: PageContext, _ overview: Overview, network: NetworkForm? = nil,
    proxy: ProxyForm? = nil, saved: Saved? = nil, status: Int = 200
  ) -> HTTPResponse {
    guard let wan = overview.wan else { return MessagePage.busy }
    let isManaged = overview.activation.state == .activated
    return PageFrame.page(
      "Network", context, place: .settings, status: status,
      """
      <h1>Network</h1>
      \(notice(saved))\(use(wan))\
      \(isManaged ? managed : forms(context, wan, network, proxy))
      """)
  }

  private static let managed: Markup = """
    <p class="lead">This gateway is managed in the portal; its network is changed there, or at the \
    console.</p>

    """

  private static func notice(_ saved: Saved?) -> Markup {
    guard let saved else { return .none }
    let words = saved == .network ? "The network settings are saved." : "The proxy is saved."
    return "<div class=\"note good\" role=\"status\"><p>\(words)</p></div>\n"
  }

  /// What is in use now, whatever was set.
  private static func use(_ wan: WANStatus) -> Markup {
    let lease = wan.leaseSecondsLeft.map { " (lease for another \($0 / 60 + 1) min)" } ?? ""
    let address = wan.address.map { $0 + lease } ?? "None yet"
    let servers = wan.dns.isEmpty ? "None yet" : wan.dns.joined(separator: ", ")
    return """
      <dl class="facts">
      <div><dt>WAN port</dt><dd>\(wan.port.uppercased()), \
      \(wan.carrier ? "cable connected" : "no cable")</dd></div>
      <div><dt>Address</dt><dd>\(address)</dd></div>
      <div><dt>Default gateway</dt><dd>\(wan.gateway ?? "None yet")</dd></div>
      <div><dt>DNS</dt><dd>\(servers)</dd></div>
      </dl>

      """
  }

  private static func forms(
    _ context: PageContext, _ wan: WANStatus, _ network: NetworkForm?, _ proxy: ProxyForm?
  ) -> Markup {
    """
    \(networkSection(context, wan, network ?? NetworkForm(wan.settings)))\
    \(proxySection(context, proxy ?? ProxyForm(wan.proxy)))
    """
  }

  private static func networkSection(
    _ context: PageContext, _ wan: WANStatus, _ form: NetworkForm
  ) -> Markup {
    let errors = form.errors
    let isFixed = form.mode == "static"
    return """
      <section aria-labelledby="wan-title">
      <h2 id="wan-title">WAN</h2>
      \(LinkPage.alert(form.refusal))<form method="post" action="/settings/network">
      <input type="hidden" name="token" value="\(context.token)">
      <fieldset>
      <legend>Address of \(wan.port.uppercased())</legend>
      <label class="choice"><input type="radio" name="mode" value="dhcp"\
      \("checked", if: !isFixed)> From DHCP</label>
      <label class="choice"><input type="radio" name="mode" value="static"\
      \("checked", if: isFixed)> Fixed</label>
      </fieldset>
      <div class="pair" data-fixed>
      \(Field("address", "IP address/prefix", form.address, errors).markup)\
      \(Field("gateway", "Default gateway", form.gateway, errors).markup)</div>
      <div class="pair">
      \(Field("dns1", "Primary DNS server", form.firstServer, errors).markup)\
      \(Field("dns2", "Secondary DNS server", form.secondServer, errors).markup)</div>
      <div class="pair">
      \(Field("vlan", "VLAN tag", form.vlan, errors, hint: "Empty: none").markup)</div>
      <div class="actions"><button>Save network</button></div>
      </form>
      </section>

      """
  }

  private static func proxySection(_ context: PageContext, _ form: ProxyForm) -> Markup {
    let errors = form.errors
    let password = Field(
      "password", "Password", "", errors, type: "password",
      hint: "Never shown; type it each time you save")
    return """
      <section aria-labelledby="proxy-title">
      <h2 id="proxy-title">Web proxy</h2>
      \(LinkPage.alert(form.refusal))<form method="post" action="/settings/proxy">
      <input type="hidden" name="token" value="\(context.token)">
      \(Field("place", "Proxy host:port", form.place, errors, hint: "Empty: no proxy").markup)\
      <div class="pair">
      \(Field("user", "User", form.user, errors, hint: "Empty: none").markup)\(password.markup)\
      </div>
      <div class="actions"><button>Save proxy</button></div>
      </form>
      </section>

      """
  }
}

/// One labelled input with its hint and its error.
struct Field {
  let markup: Markup

  init(
    _ name: String, _ label: String, _ value: String, _ errors: [String: String],
    type: String = "text", hint: String? = nil
  ) {
    let error = errors[name]
    let described = [hint.map { _ in "\(name)-hint" }, error.map { _ in "\(name)-error" }]
      .compactMap { $0 }.joined(separator: " ")
    let description: Markup =
      described.isEmpty ? "" : " aria-describedby=\"\(described)\""
    let invalid: Markup = error == nil ? "" : " aria-invalid=\"true\""
    let below = Markup(
      [
        hint.map { "<p class=\"hint\" id=\"\(name)-hint\">\($0)</p>\n" },
        error.map { "<p class=\"error\" id=\"\(name)-error\">\($0)</p>\n" },
      ].compactMap { $0 })
    markup = """
      <div class="field">
      <label for="\(name)">\(label)</label>
      <input id="\(name)" name="\(name)" type="\(type)" value="\(value)" autocomplete="off" \
      autocapitalize="off" spellcheck="false"\(description)\(invalid)>
      \(below)</div>

      """
  }
}
