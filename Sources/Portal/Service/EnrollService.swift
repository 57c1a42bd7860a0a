import Activation
import Configuration
import Crypto
import JSON
import Wire

/// What an appliance says when it wants to be activated.
struct EnrollRequest: Hashable {
  /// The code as it was sent.
  var code: String
  var serial: String
  var profile: String
  var softwareVersion: String
  var mode: String
  var address: String?
  var router: String?
  var vlan: Int64?
  var dns: [String]
  /// `host:port`; nil: none.
  var proxy: String?
  /// SHA-256 of the payload of a link; nil with a code alone.
  var linkDigest: [UInt8]?
}

/// What an appliance gets.
struct EnrollAnswer: Hashable {
  var gatewayID: String
  var gateway: String
  /// PEM.
  var certificate: String
  var agentURL: String
}

// MARK: Activation of gateways

extension PortalService {
  /// Proves to an appliance that this portal knows the secret of a code: HMAC over the nonce and
  /// the authority's certificate, keyed by scrypt of the secret.
  func anchor(
    publicID: String, nonce: [UInt8], from address: String,
    _ completion: @escaping (Result<[UInt8], PortalError>) -> Void
  ) {
    do throws(PortalError) {
      try limiters.codes.check(address, at: now())
      guard let code = try codes.find(publicID: publicID) else {
        limiters.codes.fail(address, at: now())
        throw PortalError(
          status: 404, word: "unknown", message: "This code is not known to this portal.")
      }
      if let key = code.anchorKey {
        completion(.success(try proof(key, nonce)))
        return
      }
      hasher.derive(
        secret: Array(code.code.secret.utf8), salt: Array("ztb anchor 1\(publicID)".utf8),
        cost: 16_384
      ) { [weak self] key in
        guard let self, let key else { return completion(.failure(.tooMany(seconds: 5))) }
        do throws(PortalError) {
          try database.write { () throws(PortalError) in
            try codes.setAnchorKey(code.id, key)
          }
          completion(.success(try proof(key, nonce)))
        } catch { completion(.failure(error)) }
      }
    } catch { completion(.failure(error)) }
  }

  private func proof(_ key: [UInt8], _ nonce: [UInt8]) throws(PortalError) -> [UInt8] {
    try Identity.crypto { () throws(CryptoError) in
      try hmacSHA256(key: key, message: nonce + identity.authority.certificate.der)
    }
  }

  /// Looks whether an appliance could be activated; consumes nothing. Returns the gateway's name.
  func validate(
    _ request: EnrollRequest, from address: String
  ) throws(PortalError) -> String {
    try admitted(request, key: nil, from: address).gateway.name
  }

  /// Activates an appliance: binds the code to its key and signs that. The first gateway of a pair
  /// becomes the primary. Everything is on the disk when this returns.
  func enroll(
    _ request: EnrollRequest, csr: String, from address: String
  ) throws(PortalError) -> EnrollAnswer {
    let signing: CertificateRequest
    do { signing = try CertificateRequest(pem: csr) } catch {
      throw .invalid("csr", "is no certificate request of a P-256 key, signed by it")
    }
    let key = signing.publicKeyDigest
    return try database.write { () throws(PortalError) in
      let (code, stored) = try admitted(request, key: key, from: address)
      if let certificate = code.certificate, stored.isActivated {
        // The same key within its day: a power cut, or an answer that was lost.
        return answer(stored, certificate)
      }
      let certificate = try Identity.crypto { () throws(CryptoError) in
        try identity.authority.clientCertificate(
          for: signing, commonName: stored.id, now: now())
      }
      try bind(code, current(stored), key: key, certificate, request)
      return answer(stored, certificate)
    }
  }

  private func bind(
    _ code: IssuedCode, _ stored: Gateway, key: [UInt8], _ certificate: String,
    _ request: EnrollRequest
  ) throws(PortalError) {
    let time = now()
    try codes.bind(code.id, key: key, certificate: certificate, at: time)
    var site = try sites.find(stored.siteID)
    if site.primary == nil {
      site.primary = stored.id
      try sites.update(site)
      try event(
        site: site.id, gateway: stored.id, "ha", "\(stored.name) is the primary",
        cause: "activated first")
    }
    var gateway = stored
    let steps = gateway.life.handle(.codeAccepted, at: time)
    gateway.certificateDigest = try Identity.crypto { () throws(CryptoError) in
      sha256(try Certificate(pem: certificate).der)
    }
    gateway.serial = request.serial
    gateway.softwareVersion = request.softwareVersion
    gateway.enrolledAt = time
    gateway.enrollments += 1
    try gateways.update(gateway)
    try record(steps, gateway)
    try audit(
      .portal, "gateway.enroll", gateway.name,
      "serial \(request.serial), code \(code.code.publicID)")
    database.whenKept { [weak self] in self?.remember(gateway) }
    try regenerate(site)
  }

  private func answer(_ gateway: Gateway, _ certificate: String) -> EnrollAnswer {
    EnrollAnswer(
      gatewayID: gateway.id, gateway: gateway.name, certificate: certificate,
      agentURL: places.agentURL)
  }
}

// MARK: Admission

extension PortalService {
  /// The code and gateway of a request, if it may be activated; throws the sentence for people.
  private func admitted(
    _ request: EnrollRequest, key: [UInt8]?, from address: String
  ) throws(PortalError) -> (code: IssuedCode, gateway: Gateway) {
    try limiters.codes.check(address, at: now())
    let what = request.linkDigest == nil ? "code" : "link"
    // A mistyped code is as unknown as a guessed one.
    guard let typed = try? ActivationCode(parsing: request.code),
      let code = try codes.find(publicID: typed.publicID),
      isEqualInConstantTime(Array(typed.text.utf8), Array(code.code.text.utf8))
    else {
      limiters.codes.fail(address, at: now())
      throw .refused("unknown", "This \(what) is not known to this portal.")
    }
    let link = try request.linkDigest.map { digest throws(PortalError) in
      try codes.link(digest: digest)
    }
    if let link, link?.codeID != code.id {
      limiters.codes.fail(address, at: now())
      throw .refused("unknown", "This link is damaged; copy it again.")
    }
    let gateway = try gateways.find(code.gatewayID)
    try checkStatus(code, isReplaced: link??.isReplaced == true, key: key, what)
    if request.profile != gateway.platform {
      throw .refused(
        "wrong-platform",
        "This \(what) is for a \(gateway.platform); this is a \(request.profile).")
    }
    try checkDifferences(request, gateway)
    return (code, gateway)
  }

  private func checkStatus(
    _ code: IssuedCode, isReplaced: Bool, key: [UInt8]?, _ what: String
  ) throws(PortalError) {
    if isReplaced || code.replacedAt != nil {
      throw .refused("replaced", "This \(what) was replaced by a newer one.")
    }
    if let usedAt = code.usedAt {
      // Without a key, the question is whether it makes sense to go on: the same box may.
      let isSame = key.map { $0 == code.keyDigest } ?? true
      guard isSame, now() < usedAt + ActivationLimits.retrySeconds else {
        throw .refused("used", "This \(what) was already used.")
      }
      return
    }
    if now() >= code.expiresAt {
      throw .refused("expired", "This \(what) has expired.")
    }
  }

  /// Named one by one, so that whoever stands before the box knows what to change.
  private func checkDifferences(
    _ request: EnrollRequest, _ gateway: Gateway
  ) throws(PortalError) {
    let site = try sites.find(gateway.siteID)
    let template = try templates.find(site.templateID)
    var differences: [String] = []
    func compare(_ name: String, _ box: String?, _ site: String?) {
      guard box != site else { return }
      differences.append("\(name): box \(box ?? "none"), site \(site ?? "none")")
    }
    compare("wan.mode", request.mode, gateway.wanMode.rawValue)
    if differences.isEmpty, gateway.wanMode == .static {
      compare("wan.address", request.address, gateway.wanAddress?.description)
      compare("wan.gateway", request.router, gateway.wanGateway?.description)
    }
    compare(
      "wan.vlan", request.vlan.map { "\($0)" }, gateway.wanVLAN.map { "\($0)" })
    let servers = [template.primaryDNS] + (template.secondaryDNS.map { [$0] } ?? [])
    compare(
      "wan.dns", request.dns.isEmpty ? nil : request.dns.joined(separator: " "),
      servers.map(\.description).joined(separator: " "))
    compare(
      "proxy", request.proxy?.lowercased(),
      site.proxy.map { "\($0.host):\($0.port)".lowercased() })
    guard differences.isEmpty else {
      throw PortalError(
        status: 409, word: "differences",
        message: "The settings of the appliance differ from those of the site.",
        differences: differences)
    }
  }

  /// The port of the way out, as the model has it.
  func wanPort(_ gateway: Gateway) -> String {
    Profile(named: gateway.platform)?.wanPort ?? ""
  }
}
