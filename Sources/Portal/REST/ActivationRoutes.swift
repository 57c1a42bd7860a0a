import Activation
import Crypto
import HTTP
import JSON

/// What appliances ask before they have a certificate.
enum ActivationRoutes {
  static let all: [RESTRoute] = [
    RESTRoute(
      later: "POST", "activation/anchor",
      "Proves that the portal knows the secret of a code: id, nonce", access: .open, anchor),
    RESTRoute(
      "POST", "activation/validateActivationCode",
      "Whether an appliance could be activated; consumes nothing", access: .open
    ) { call throws(PortalError) in
      let fields = try call.fields()
      let request = try read(fields)
      let name = try call.service.validate(request, from: call.request.client)
      return .value(.of(["gateway": .string(name)]))
    },
    RESTRoute(
      "POST", "activation/enroll", "Activates an appliance: also csr", access: .open
    ) { call throws(PortalError) in
      let fields = try call.fields()
      let csr = fields.text("csr")
      let request = try read(fields)
      let answer = try call.service.enroll(request, csr: csr, from: call.request.client)
      return .value(
        .of([
          "gatewayId": .string(answer.gatewayID), "gateway": .string(answer.gateway),
          "certificate": .string(answer.certificate), "agentUrl": .string(answer.agentURL),
        ]))
    },
  ]

  private static func anchor(_ call: RESTCall, _ completion: @escaping RESTCompletion) {
    do throws(PortalError) {
      let fields = try call.fields()
      let id = fields.text("id").uppercased()
      let nonce = Base64URL.decode(fields.text("nonce"))
      if nonce?.count != 32 { fields.add("nonce", "must be the base64url of 32 octets") }
      if id.utf8.count != 4 { fields.add("id", "must be the first four characters of a code") }
      try fields.finish("id", "nonce")
      let service = call.service
      service.anchor(publicID: id, nonce: nonce ?? [], from: call.request.client) { result in
        completion(
          result.map { proof in
            .value(
              .of([
                "ca": .string(service.identity.authority.certificatePEM),
                "proof": .string(Base64URL.encode(proof)),
              ]))
          })
      }
    } catch { completion(.failure(error)) }
  }

  private static func read(_ fields: Fields) throws(PortalError) -> EnrollRequest {
    let wan = fields.object("wan")
    if wan == nil { fields.add("wan", "is missing") }
    wan?.expect(["mode", "address", "gateway", "vlan", "dns"])
    var request = EnrollRequest(
      code: fields.text("code"), serial: fields.text("serial"),
      profile: fields.text("profile"), softwareVersion: fields.text("version"),
      mode: wan?.text("mode") ?? "", address: wan?.optionalText("address"),
      router: wan?.optionalText("gateway"), vlan: wan?.integer("vlan"),
      dns: wan?.texts("dns") ?? [], proxy: fields.optionalText("proxy"), linkDigest: nil)
    if let text = fields.optionalText("linkDigest") {
      request.linkDigest = Base64URL.decode(text)
      if request.linkDigest?.count != 32 {
        fields.add("linkDigest", "must be the base64url of 32 octets")
      }
    }
    for (key, value) in [("serial", request.serial), ("profile", request.profile)]
    where value.isEmpty || value.utf8.count > 64 {
      fields.add(key, "must have 1…64 characters")
    }
    if request.softwareVersion.utf8.count > 64 { fields.add("version", "is too long") }
    try fields.finish(
      "code", "serial", "profile", "version", "wan", "proxy", "linkDigest", "csr")
    return request
  }
}
