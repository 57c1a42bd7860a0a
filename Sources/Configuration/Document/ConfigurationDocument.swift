import JSON
public import Policy

/// The configuration of one gateway, schema 1: checked whole, every default filled in.
///
/// A value can only be made from a text, so code that holds one need not check again. What differs
/// between the nodes of a pair and what both share is in one document; see ``sharedCanonical``.
public struct ConfigurationDocument: Hashable, Sendable {
  /// Name, model and deployment.
  public let gateway: GatewaySettings
  /// The way out.
  public let wan: WANSettings
  /// The inside, at least one interface (none before activation); names are unique.
  public let lan: [LANSettings]
  /// The pair; nil exactly when the deployment is standalone.
  public let ha: HASettings?
  /// Networks behind routers; each router is on a LAN or WAN network.
  public let routes: [StaticRoute]
  /// Source address translation; the first entry that matches wins.
  public let sourceNAT: [SourceNAT]
  /// Connections to an address of the gateway that go on to a host inside.
  public let portForwards: [PortForward]
  /// Protocols whose further connections are followed.
  public let helpers: [ConnectionHelper]
  /// Who may reach whom.
  public internal(set) var policy: PolicyDocument
  /// The portal; nil when unmanaged.
  public let controller: ControllerSettings?

  /// The schema that this code reads and writes.
  public static let schema = 1
  /// The longest text that is read, in octets.
  public static let textBytes = JSONParser.Limits.textBytes

  /// Reads and checks a document. Nothing is left out silently: unknown and repeated keys are
  /// problems, and all problems are found in one go.
  public init(parsing text: [UInt8]) throws(ConfigurationProblems) {
    let value = try JSONValue(document: text)
    let problems = ProblemList()
    let document = ConfigurationDocument(reading: value, problems)
    document?.check(problems)
    guard let document, problems.problems.isEmpty else {
      throw ConfigurationProblems(problems: problems.problems)
    }
    self = document
  }

  /// Reads the sections; nil only when the document is no object at all.
  private init?(reading value: JSONValue, _ problems: ProblemList) {
    let keys = [
      "schema", "gateway", "wan", "lan", "ha", "routes", "nat", "helpers", "policy", "controller",
    ]
    guard let section = Section(value, path: "", keys: keys, problems) else { return nil }
    _ = section.integer("schema", in: 1...ConfigurationDocument.schema)
    gateway = GatewaySettings(reading: section.section("gateway", keys: GatewaySettings.keys))
    wan = WANSettings(reading: section.section("wan", keys: WANSettings.keys))
    lan = section.list("lan", nonEmpty: gateway.deployment != .factory) { value, path in
      LANSettings(reading: Section(value, path: path, keys: LANSettings.keys, problems))
    }
    ha = section.optionalSection("ha", keys: HASettings.keys).map { [gateway] in
      HASettings(reading: $0, gateway.profile)
    }
    routes = section.list("routes", default: []) { value, path in
      Section(value, path: path, keys: ["to", "via"], problems).map { StaticRoute(reading: $0) }
    }
    let nat = section.optionalSection("nat", keys: ["source", "forwards"])
    sourceNAT =
      nat?.list("source", default: []) { value, path in
        Section(value, path: path, keys: SourceNAT.keys, problems).map { SourceNAT(reading: $0) }
      } ?? []
    portForwards =
      nat?.list("forwards", default: []) { value, path in
        Section(value, path: path, keys: PortForward.keys, problems).map {
          PortForward(reading: $0)
        }
      } ?? []
    let names = ConnectionHelper.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: " or ")
    helpers = section.list("helpers", of: names, default: []) {
      if case .string(let text) = $0 { ConnectionHelper(rawValue: text) } else { nil }
    }
    policy = PolicyDocument(reading: section.section("policy", keys: PolicyDocument.keys))
    controller = section.optionalSection("controller", keys: ["url", "pin"]).map {
      ControllerSettings(reading: $0)
    }
  }
}

extension JSONValue {
  /// Reads a text; what is no JSON is a problem with its place.
  init(document text: [UInt8]) throws(ConfigurationProblems) {
    do {
      self = try JSONParser.parse(text)
    } catch {
      let place = "line \(error.line) column \(error.column)"
      throw ConfigurationProblems(problems: [.init(path: place, message: error.message)])
    }
  }
}
