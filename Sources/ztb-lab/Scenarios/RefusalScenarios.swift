import Activation
import Crypto
import HTTP
import JSON
import Linux
import Wire

extension Scenario {
  /// What a box does not take.
  static let refusals = [
    Scenario(
      name: "activate-refusals",
      summary: "tampered, expired, used, replaced, foreign links; foreign pages, hosts and seconds"
    ) { stage in
      let place = try ActivationWorld(stage)
      let admin = try place.admin()
      for node in Node.allCases { try place.boot(node) }
      try place.laptop.connect(to: .a)
      let page = ActivationPage(place.laptop)
      try refuseForeigners(stage, page)
      let site = try admin.addSite(SiteShape("refusals", isPair: false))
      let link = site.gateways[0].link
      try stage.expectRefusal(page, tampered(link), "This link is damaged; copy it again.")
      try stage.expectRefusal(
        page, String(link.dropLast(30)), "This link is damaged; copy it again.")
      let other = try admin.addSite(SiteShape("larger", isPair: false, platform: "zt600"))
      try stage.expectRefusal(
        page, other.gateways[0].link, "This link is for a zt600; this is a zt400.")
      let brief = try admin.addSite(SiteShape("brief", isPair: false))
      try place.portal().expireCode(of: brief.gateways[0])
      try stage.expectFailure(place, page, brief.gateways[0].link, "This link has expired.")
      let replaced = try admin.addSite(SiteShape("replaced", isPair: false))
      let fresh = try admin.rotate(replaced, 0)
      try stage.expectFailure(
        place, page, replaced.gateways[0].link, "This link was replaced by a newer one.")
      try stage.expect(fresh.link != replaced.gateways[0].link, "rotation gives the same link")
      let (status, text) = try page.post(link)
      try stage.expect((200..<400).contains(status), "the good link is refused: \(text)")
      try place.box(.a).waitUntilActivated()
      try stage.expectRefusal(page, fresh.link, "This appliance is already activated.")
      try place.laptop.connect(to: .b)
      try stage.expectFailure(place, page, link, "This link was already used.", node: .b)
    }
  ]

  /// Requests that do not come from the page that is open on the laptop.
  private static func refuseForeigners(_ stage: Stage, _ page: ActivationPage) throws {
    let crossSite = try page.post("x", headers: [HTTPField("Origin", "http://evil.example")])
    stage.tell("a post from another site: \(crossSite.0)")
    try stage.expect(crossSite.0 == 403, "a cross-site post is answered by \(crossSite.0)")
    let noToken = try page.post("x", token: "forged")
    stage.tell("a post without the form's token: \(noToken.0)")
    try stage.expect(noToken.0 == 403, "a post without token is answered by \(noToken.0)")
    let foreign = try page.wire.exchange(
      "GET", "/activate", headers: [HTTPField("Host", "evil.example")])
    let target = foreign.header("Location") ?? ""
    stage.tell("a foreign host: \(foreign.status) to \(target)")
    try stage.expect(
      foreign.status == 302 && target.hasPrefix("http://\(Plan.management)/"),
      "a foreign host is answered by \(foreign.status) \(target)")
    let rebound = try page.wire.exchange(
      "POST", "/activate", headers: [HTTPField("Host", "evil.example")], body: Array("link=x".utf8))
    try stage.expect(
      [302, 303, 400, 403].contains(rebound.status), "a rebound post: \(rebound.status)")
  }

  /// A link with one character of its payload changed.
  private static func tampered(_ link: String) -> String {
    var characters = Array(link)
    let middle = characters.count / 2
    characters[middle] = characters[middle] == "A" ? "B" : "A"
    return String(characters)
  }
}

/// The page of the management port as a program without scripts uses it.
final class ActivationPage {
  let wire: PlainHTTP
  /// Hidden fields of the last form that was shown; a page of an activated gateway shows none.
  private var hidden: [(String, String)] = []

  init(_ laptop: Laptop) { wire = laptop.wire }

  /// Posts a link with the token of the form; status and text of the answer.
  func post(
    _ link: String, token: String? = nil, headers: [HTTPField]? = nil
  ) throws -> (Int, String) {
    let shown = ActivationPage.hiddenFields(try wire.exchange("GET", "/activate").text)
    if !shown.isEmpty { hidden = shown }
    let fields = hidden.map { name, value in
      "\(URLCoding.encode(name))=\(URLCoding.encode(token ?? value))&"
    }.joined()
    let origin = HTTPField("Origin", "http://\(Plan.management)")
    let answer = try wire.exchange(
      "POST", "/activate",
      headers: (headers ?? [origin]) + [
        HTTPField("Content-Type", "application/x-www-form-urlencoded"),
        HTTPField("Host", "\(Plan.management)"),
      ], body: Array("\(fields)link=\(URLCoding.encode(link))".utf8))
    return (answer.status, answer.text)
  }

  /// Names and values of the hidden fields of a form.
  static func hiddenFields(_ html: String) -> [(String, String)] {
    html.split(separator: "<input").dropFirst().compactMap { part in
      let tag = part.prefix { $0 != ">" }
      guard tag.contains("hidden"), let name = attribute("name", tag),
        let value = attribute("value", tag)
      else { return nil }
      return (name, value)
    }
  }

  private static func attribute(_ name: String, _ tag: Substring) -> String? {
    guard let range = tag.firstRange(of: name + "=\"") else { return nil }
    return String(tag[range.upperBound...].prefix { $0 != "\"" })
  }
}

extension Stage {
  /// A link that the box itself refuses, at once, with a sentence.
  func expectRefusal(_ page: ActivationPage, _ link: String, _ sentence: String) throws {
    let (status, text) = try page.post(link)
    tell("\(sentence) (\(status))")
    try expect(
      text.contains(sentence), "“\(sentence)” is not shown (\(status)): \(text.suffix(1_500))")
  }

  /// A link that the portal refuses: the activation ends with a sentence.
  func expectFailure(
    _ place: ActivationWorld, _ page: ActivationPage, _ link: String, _ sentence: String,
    node: Node = .a
  ) throws {
    let (status, text) = try page.post(link)
    try expect((200..<400).contains(status), "not even tried (\(status)): \(text.suffix(1_500))")
    let reasons = try place.box(node).waitUntilFailed()
    tell("\(reasons.joined(separator: " "))")
    try expect(reasons.contains(sentence), "“\(sentence)” is not the reason: \(reasons)")
  }
}
