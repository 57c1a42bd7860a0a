import Activation
import HTTP
import Messages

/// What a link would do, before anything is done.
enum SummaryPage {
  /// The summary with its one button; `typed` travels on in the form, never in an address.
  static func page(
    _ context: PageContext, _ signed: SignedActivationLink, typed: String
  ) -> HTTPResponse {
    let link = signed.link
    return PageFrame.page(
      "Check and activate", context,
      """
      <h1>Check and activate</h1>
      <p class="lead">This link makes the appliance the gateway <strong>\(link.gateway)</strong>. \
      Its WAN settings replace those of the appliance.</p>
      <dl class="facts">
      \(fact("Gateway", link.gateway))\(fact("Platform", link.platform))\
      \(Markup(wan(link.wan)))\(fact("DNS", servers(link)))\
      \(fact("Web proxy", link.proxy.map { "\($0.host):\($0.port)" } ?? "None"))\
      \(fact("Portal", portal(link.portal)))\(validity(link))</dl>
      <form method="post" action="/activate">
      <input type="hidden" name="token" value="\(context.token)">
      <input type="hidden" name="link" value="\(typed)">
      <div class="actions"><button autofocus>Activate</button><a class="button plain" \
      href="/link">Use another link</a></div>
      </form>

      """)
  }

  private static func fact(_ name: String, _ value: String) -> Markup {
    "<div><dt>\(name)</dt><dd>\(value)</dd></div>\n"
  }

  private static func wan(_ wan: ActivationLink.WAN) -> [Markup] {
    var facts = [
      fact("WAN", "\(wan.port.uppercased()), \(wan.mode == "dhcp" ? "DHCP" : "fixed address")")
    ]
    if let address = wan.address { facts.append(fact("Address", address)) }
    if let gateway = wan.gateway { facts.append(fact("Default gateway", gateway)) }
    if let vlan = wan.vlan { facts.append(fact("VLAN", String(vlan))) }
    if let mtu = wan.mtu { facts.append(fact("Largest packet", "\(mtu) octets")) }
    return facts
  }

  private static func portal(_ url: String) -> String {
    url.hasPrefix("https://") ? String(url.dropFirst(8)) : url
  }

  private static func servers(_ link: ActivationLink) -> String {
    link.dns.isEmpty ? "From DHCP" : link.dns.joined(separator: ", ")
  }

  /// The portal judges it: the clock of a new appliance may be wrong.
  private static func validity(_ link: ActivationLink) -> Markup {
    """
    <div><dt>Link</dt><dd>Issued <time>\(CalendarDay(seconds: link.issuedAt).description)</time>, \
    good until <time>\(CalendarDay(seconds: link.expiresAt).description)</time></dd></div>

    """
  }
}

/// A day in UTC, from seconds since 1970.
struct CalendarDay: CustomStringConvertible {
  private static let secondsPerDay: Int64 = 86_400
  private let text: String

  /// Howard Hinnant's `civil_from_days`: years begin in March, so that the leap day is the last.
  init(seconds: Int64) {
    let bounded = min(max(seconds, 0), 253_402_300_799)
    let days = bounded / CalendarDay.secondsPerDay + 719_468
    let era = days / 146_097
    let dayOfEra = days % 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    let month = shifted < 10 ? shifted + 3 : shifted - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    func two(_ number: Int64) -> String { (number < 10 ? "0" : "") + String(number) }
    text = "\(year)-\(two(month))-\(two(dayOfYear - (153 * shifted + 2) / 5 + 1))"
  }

  /// `2026-11-20`.
  var description: String { text }
}
