import Activation
import Crypto
import SQLite
import Wire

/// Sends activation links to people.
protocol Mailer: AnyObject {
  /// Begins to send a text; `completion` gets what went wrong, nil when it was taken.
  func send(
    to address: String, subject: String, text: String, _ completion: @escaping (String?) -> Void)
}

/// What became of "Send Activation Link".
struct SentLink {
  var offer: ActivationOffer
  /// Whether a mail is on its way; otherwise the link is there to be copied.
  var isMailed: Bool
}

// MARK: Activation codes and links

extension PortalService {
  /// Numbers of codes and links.
  enum ActivationLimits {
    /// How long a code and its link can be used, in seconds: 14 days.
    static let validSeconds: Int64 = 14 * 86_400
    /// How long the same key gets the same certificate again, in seconds: a day.
    static let retrySeconds: Int64 = 86_400
    /// Tries to find four characters that no code has.
    static let publicIDTries = 64
  }

  /// The code and link of a gateway as they are; showing them changes nothing that is in use.
  func activation(of id: String, by user: User) throws(PortalError) -> ActivationOffer {
    try user.require(.activate)
    let gateway = try gateways.find(id)
    return try database.write { () throws(PortalError) in
      try refreshLink(gateway)
      return try offer(gateway)
    }
  }

  /// Shows the link once more, and mails it if an address is given. A code that has expired is
  /// replaced by a new one.
  func sendActivationLink(
    _ id: String, to address: String?, by user: User
  ) throws(PortalError) -> SentLink {
    try user.require(.activate)
    let gateway = try gateways.find(id)
    if let address, !Self.isMailAddress(address) {
      throw .invalid("to", "'\(address)' is not a mail address")
    }
    guard address == nil || mailer != nil else {
      throw .conflict("Mail is not configured (--smtp); copy the link instead.")
    }
    let offer = try database.write { () throws(PortalError) in
      try requireUnactivated(gateway)
      if try codes.latest(of: id)?.status(at: now()) != .open {
        try issueCode(gateway, by: user)
      }
      try refreshLink(gateway)
      try audit(user, "activation.send", gateway.name, address.map { "to \($0)" } ?? "shown")
      return try self.offer(gateway)
    }
    if let address, let mailer { mail(offer, gateway, to: address, mailer) }
    return SentLink(offer: offer, isMailed: address != nil)
  }

  /// Replaces the code and link of a gateway that is not activated.
  func rotateActivationCode(_ id: String, by user: User) throws(PortalError) -> ActivationOffer {
    try user.require(.activate)
    let gateway = try gateways.find(id)
    return try database.write { () throws(PortalError) in
      try requireUnactivated(gateway)
      try issueCode(gateway, by: user)
      try refreshLink(gateway)
      try audit(user, "activation.rotate", gateway.name)
      return try offer(gateway)
    }
  }

  /// Makes room for another box in a gateway's place: its certificate ends, a new code is issued.
  func replaceGateway(_ id: String, by user: User) throws(PortalError) -> ActivationOffer {
    try user.require(.activate)
    let gateway = try gateways.find(id)
    return try database.write { () throws(PortalError) in
      try audit(user, "gateway.replace", gateway.name, "serial \(gateway.serial)")
      try reset(gateway, cause: "replaced; new code", by: user)
      return try offer(gateway)
    }
  }

  /// Has a gateway forget everything. One in contact is told, and ends when it has done so; one
  /// that is silent ends at once.
  func factoryReset(_ id: String, by user: User) throws(PortalError) {
    try user.require(.activate)
    let gateway = try gateways.find(id)
    try database.write { () throws(PortalError) in
      guard gateway.isActivated else { throw .conflict("\(gateway.name) is not activated.") }
      try audit(user, "gateway.factory-reset", gateway.name)
      if fleet[id]?.life.state == .disconnected {
        try reset(gateway, cause: "factory reset; new code", by: user)
      } else {
        try queue(.factoryReset, for: gateway, by: user)
      }
    }
  }

  /// Ends what a gateway was and issues a new code, inside a transaction.
  func reset(_ stored: Gateway, cause: String, by user: User) throws(PortalError) {
    var gateway = current(stored)
    let steps = gateway.life.handle(.reset(cause: cause), at: now())
    gateway.certificateDigest = nil
    gateway.detail = ""
    gateway.serial = ""
    gateway.softwareVersion = ""
    gateway.appliedVersion = 0
    gateway.appliedOutcome = ""
    gateway.appliedReason = ""
    try gateways.update(gateway)
    try record(steps, gateway)
    for command in try records.openCommands(of: gateway.id) {
      try records.finish(command.id, done: false, text: cause, at: now())
    }
    try issueCode(gateway, by: user)
    try refreshLink(gateway)
    var site = try sites.find(gateway.siteID)
    // With nobody activated, the first one decides anew.
    if try gateways.ofSite(site.id).allSatisfy({ !$0.isActivated }) {
      site.primary = nil
      try sites.update(site)
    }
    database.whenKept { [weak self] in
      self?.fleet[gateway.id]?.hasCommands = false
      self?.fleet[gateway.id]?.status = nil
      self?.remember(gateway)
      self?.onAgentWork?(gateway.id)
    }
  }

  /// Issues a code, inside a transaction; every earlier one of the gateway is replaced.
  func issueCode(_ gateway: Gateway, by user: User) throws(PortalError) {
    let time = now()
    try codes.replaceAll(of: gateway.id, at: time)
    for _ in 0..<ActivationLimits.publicIDTries {
      let code = ActivationCode(random: try random(ActivationCode.randomCount))
      guard try codes.find(publicID: code.publicID) == nil else { continue }
      _ = try codes.insert(
        code, gateway: gateway.id, issued: time, expires: time + ActivationLimits.validSeconds)
      try event(
        site: gateway.siteID, gateway: gateway.id, "code", "Activation code issued",
        cause: "by \(user.name)")
      changed(.gateway(gateway.id, site: gateway.siteID))
      return
    }
    Log.error("code no public identifier is free")
    throw .broken
  }

  /// Issues a link for the open code of a gateway unless there is one with the same settings,
  /// inside a transaction.
  func refreshLink(_ gateway: Gateway) throws(PortalError) {
    guard let code = try codes.latest(of: gateway.id), code.status(at: now()) == .open else {
      return
    }
    let site = try sites.find(gateway.siteID)
    let template = try templates.find(site.templateID)
    var link = self.link(gateway, site, template, code)
    link.issuedAt = 0
    let settings = link.signedText
    if try codes.openLink(of: code.id)?.settings == settings { return }
    link.issuedAt = now()
    let signature = try Identity.crypto { () throws(CryptoError) in
      try identity.linkKey.sign(Array(link.signedText.utf8))
    }
    let url = link.url(signature: signature)
    guard url.utf8.count <= ActivationLink.Limits.characters else {
      throw .conflict("The link would be longer than \(ActivationLink.Limits.characters).")
    }
    try codes.insertLink(
      .init(
        codeID: code.id, settings: settings, url: url, expiresAt: code.expiresAt,
        isReplaced: false), digest: sha256(link.payload), at: now())
  }

  private func link(
    _ gateway: Gateway, _ site: Site, _ template: Template, _ code: IssuedCode
  ) -> ActivationLink {
    let dns = [template.primaryDNS] + (template.secondaryDNS.map { [$0] } ?? [])
    return ActivationLink(
      gateway: gateway.name, platform: gateway.platform, code: code.code.text,
      wan: .init(
        port: wanPort(gateway), mode: gateway.wanMode.rawValue,
        address: gateway.wanAddress?.description, gateway: gateway.wanGateway?.description,
        vlan: gateway.wanVLAN.map { Int($0) }, mtu: nil), dns: dns.map(\.description),
      proxy: site.proxy.map { .init(host: $0.host, port: Int($0.port)) }, portal: places.url,
      ca: identity.authority.certificate.publicKeyDigest, key: identity.linkKey.publicKey,
      issuedAt: code.issuedAt, expiresAt: code.expiresAt)
  }

  private func offer(_ gateway: Gateway) throws(PortalError) -> ActivationOffer {
    guard let code = try codes.latest(of: gateway.id) else {
      throw .notFound("activation code of \(gateway.name)")
    }
    return ActivationOffer(code: code, url: try codes.openLink(of: code.id)?.url ?? "")
  }

  private func requireUnactivated(_ gateway: Gateway) throws(PortalError) {
    if gateway.isActivated {
      throw .conflict(
        "\(gateway.name) is activated; reset it or replace it to get a new code.")
    }
  }

  private func mail(
    _ offer: ActivationOffer, _ gateway: Gateway, to address: String, _ mailer: any Mailer
  ) {
    let text = """
      Connect a laptop to the management port of \(gateway.name) (\(gateway.platform)) and open
      this link:

      \(offer.url)

      Or type this activation code at its console: \(offer.code.code.grouped)

      """
    mailer.send(to: address, subject: "Activate \(gateway.name)", text: text) {
      [weak self] failure in
      guard let self else { return }
      let result = failure.map { "Mail to \(address) failed: \($0)" } ?? "Mail to \(address) sent"
      do throws(PortalError) {
        try database.write { () throws(PortalError) in
          try event(site: gateway.siteID, gateway: gateway.id, "mail", result)
        }
      } catch { Log.error("mail \(error.message)") }
    }
  }

  /// One plain address; nothing that could become another header.
  static func isMailAddress(_ text: String) -> Bool {
    let parts = text.split(separator: "@", omittingEmptySubsequences: false)
    return text.utf8.count <= 254 && parts.count == 2 && parts.allSatisfy { !$0.isEmpty }
      && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && !"<>()\\,;:\"".utf8.contains($0) }
  }
}
