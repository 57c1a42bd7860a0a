import JSON
import Wire

/// Alone or one of a pair.
public enum Deployment: String, Hashable, Sendable, CaseIterable {
  /// One node; no `ha` section.
  case standalone
  /// Two nodes, one active.
  case standardModeHA = "standard_mode_ha"
  /// Not activated yet: a way out for the appliance itself, and nothing is forwarded.
  case factory
}

/// `gateway`: what the appliance is.
public struct GatewaySettings: Hashable, Sendable {
  /// A host name label, 1…63 octets.
  public let name: String
  /// The model.
  public let profile: Profile
  /// Alone or one of a pair.
  public let deployment: Deployment

  static let keys = ["name", "profile", "deployment"]

  /// Without a section every value is a stand-in.
  init(reading section: Section?) {
    name =
      section?.string("name", "a host name label of 1…63 letters, digits or '-'") {
        Text.isLabel($0)
      } ?? ""
    let models = Profile.all.map { "\"\($0.name)\"" }.joined(separator: ", ")
    let first = Profile.all[0]
    profile =
      section?.read("profile", "one of \(models)", standIn: first) {
        if case .string(let text) = $0 { Profile(named: text) } else { nil }
      } ?? first
    deployment = section?.word("deployment") ?? .standalone
  }

  func json(_ form: DocumentForm) -> JSONValue {
    .object(
      form.own("name", .string(name)) + [
        .init("profile", .string(profile.name)),
        .init("deployment", .string(deployment.rawValue)),
      ])
  }
}

/// `controller`: the portal that manages the gateway.
public struct ControllerSettings: Hashable, Sendable {
  /// `https://HOST[:PORT]`.
  public let url: String
  /// `sha256/` and the base64 of the SHA-256 of its public key.
  public let pin: String

  init(reading section: Section) {
    url = section.string("url", "a URL such as https://portal.example:8443") {
      $0.hasPrefix("https://") && $0.utf8.count > 8 && Text.isPrintable($0) && !$0.contains(" ")
    }
    pin = section.string("pin", "'sha256/' followed by the base64 of 32 octets") {
      $0.hasPrefix("sha256/") && Base64.decode(String($0.dropFirst(7)))?.count == 32
    }
  }

  var json: JSONValue {
    .object([.init("url", .string(url)), .init("pin", .string(pin))])
  }
}
