import Activation
import Crypto
import Linux
import Wire

extension Scenario {
  /// The page of the management port, for itself.
  static let page = [
    Scenario(
      name: "activation-page",
      summary: "pictures of the activation page, and what everybody may expect of it"
    ) { stage in
      try Programs.require(Browser.programs)
      let place = try ActivationWorld(stage)
      try place.boot(.a)
      try place.laptop.connect(to: .a)
      let browser = try place.laptop.browser()
      let inspector = Inspector(browser, stage)
      let base = "http://\(Plan.management)"
      try browser.open("http://neverssl.example/")
      try browser.expect("Activate this gateway", seconds: 10)
      try stage.expect(
        try browser.address().hasPrefix(base), "a foreign name ends at \(browser.address())")
      try inspector.look("page-1-link")
      try browser.open("\(base)/settings")
      try inspector.look("page-2-network")
      try browser.open(try ActivationLink.madeUp())
      try browser.expect("lab-gw-01", seconds: 10)
      let address = try browser.address()
      try stage.expect(!address.contains("ZTB1"), "the address line shows the token: \(address)")
      try inspector.look("page-3-summary")
      try browser.press("Activate")
      try browser.expect("Activation has stopped", seconds: 90)
      let reasons = try place.box(.a).waitUntilFailed()
      stage.tell("a link of a portal that is not there: \(reasons.joined(separator: " "))")
      try inspector.look("page-4-stopped")
      try inspector.finish()
    }
  ]
}

/// Looks at pages at both widths and remembers what is wrong with them.
final class Inspector {
  static let widths = [1280, 400]
  private let browser: Browser
  private let stage: Stage
  private var findings: [String] = []
  private var pages = 0

  init(_ browser: Browser, _ stage: Stage) {
    self.browser = browser
    self.stage = stage
  }

  /// Takes pictures of the page that is open, and inspects it.
  func look(_ name: String) throws {
    pages += 1
    for width in Inspector.widths {
      try browser.setWidth(width)
      try browser.photograph("\(name)-\(width)")
      for finding in try Inspection.findings(browser) {
        findings.append("\(name) at \(width): \(finding)")
      }
      try browser.evaluate("document.activeElement?.blur()")
    }
    try browser.setWidth(Inspector.widths[0])
  }

  /// Fails when something was found.
  func finish() throws {
    stage.tell("\(pages) pages at \(Inspector.widths.count) widths: \(findings.count) findings")
    for finding in findings.prefix(40) { stage.tell(finding) }
    try stage.expect(
      findings.isEmpty, "\(findings.count) findings on pages, the first: \(findings[0])")
  }
}

extension ActivationLink {
  /// A whole and well-signed link that no portal has issued.
  static func madeUp(platform: String = "zt400") throws -> String {
    let key = try Ed25519Key.make()
    let link = ActivationLink(
      gateway: "lab-gw-01", platform: platform,
      code: ActivationCode(random: try randomOctets(ActivationCode.randomCount)).text,
      wan: .init(
        port: Port.wan.name, mode: "dhcp", address: nil, gateway: nil, vlan: nil, mtu: nil),
      dns: Plan.publicResolvers.map { "\($0)" }, proxy: nil,
      portal: "https://\(Plan.portal):\(Plan.portalPort)", ca: sha256(key.publicKey),
      key: key.publicKey, issuedAt: WallClock.secondsSince1970(),
      expiresAt: WallClock.secondsSince1970() + 86_400)
    return link.url(signature: try key.sign(Array(link.signedText.utf8)))
  }
}
