import JSON
import Messages

/// What the box sends while it activates.
enum EnrollmentBody {
  /// For the proof: the public part of the code, and a nonce.
  static func anchor(_ code: ActivationCode, _ nonce: [UInt8]) -> [UInt8] {
    JSONValue.object([
      .init("id", .string(code.publicID)), .init("nonce", .string(Base64URL.encode(nonce))),
    ]).canonical
  }

  /// The code with what the portal compares; with a certificate request: to be enrolled.
  static func enrollment(
    _ code: ActivationCode, _ configuration: AgentConfiguration, _ enrollment: Enrollment,
    certificateRequest: String?
  ) -> [UInt8] {
    var members: [JSONValue.Member] = [
      .init("code", .string(code.text)), .init("serial", .string(configuration.serial)),
      .init("profile", .string(configuration.profile)),
      .init("version", .string(configuration.version)),
      .init("wan", AnswerText.parse(Array(enrollment.wan.utf8)) ?? .null),
      .init("proxy", enrollment.proxy.isEmpty ? .null : .string(enrollment.proxy)),
      .init(
        "linkDigest",
        enrollment.linkDigest.isEmpty ? .null : .string(Base64URL.encode(enrollment.linkDigest))),
    ]
    if let certificateRequest { members.append(.init("csr", .string(certificateRequest))) }
    return JSONValue.object(members).canonical
  }
}

/// Reads what others wrote.
enum AnswerText {
  /// The JSON value of some octets; nil when they are none.
  static func parse(_ octets: [UInt8]) -> JSONValue? {
    // Where the mistake is does not matter: it is not ours, and nobody here can mend it.
    try? JSONParser.parse(octets)
  }

  /// A text of the portal as people see it: one line, not too long, nothing that moves a cursor.
  static func line(_ text: String) -> String {
    let scalars = text.unicodeScalars.map { scalar in
      scalar.properties.generalCategory == .control ? " " : scalar
    }
    var result = ""
    result.unicodeScalars.append(contentsOf: scalars.prefix(AgentLimits.messageLength))
    return result
  }

  /// A phrase as a sentence: `it works` becomes `It works.`; names at the beginning stay.
  static func sentence(_ phrase: String) -> String {
    let words = phrase.prefix { $0 != " " }
    let isName = words.contains(where: { ".:[".contains($0) })
    let text = isName ? phrase : phrase.prefix(1).uppercased() + phrase.dropFirst()
    return text.hasSuffix(".") ? text : text + "."
  }
}
