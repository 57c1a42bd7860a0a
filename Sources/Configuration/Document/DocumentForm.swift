import JSON
import Policy

/// Which view of a document is written.
struct DocumentForm {
  /// Without what differs by node.
  var sharedOnly = false
  /// With a word in the place of each secret.
  var redacted = false

  /// A key whose value is this node's own.
  func own(_ key: String, _ value: JSONValue) -> [JSONValue.Member] {
    sharedOnly ? [] : [.init(key, value)]
  }

  /// A secret, or `null`.
  func secret(_ secret: Secret?) -> JSONValue {
    secret.map { .string(redacted ? Secret.redacted : $0.text) } ?? .null
  }
}

extension ConfigurationDocument {
  /// The one form that is stored, hashed and sent: keys sorted, no space, defaults written out.
  /// Parsing it gives the same document. It holds the secrets.
  public var canonical: [UInt8] { json(DocumentForm()).canonical }

  /// The canonical form of what both nodes of a pair must agree on. Left out: `gateway.name`,
  /// `wan.address` (also of the sub-interface), `lan[].address`, the `address6` of both,
  /// `ha.address`, `ha.peers`, `ha.node`, and of `ha.vrrp` what names this node or the other one:
  /// `priority`, `unicastPeers`, `allowedSources`. Its hash is what the heartbeat compares.
  public var sharedCanonical: [UInt8] { json(DocumentForm(sharedOnly: true)).canonical }

  /// The canonical form of `policy` alone.
  public var policyCanonical: [UInt8] { policy.json.canonical }

  /// The document for people, keys in the order of the schema; `redacted` hides key and passwords.
  public func pretty(redacted: Bool) -> String {
    json(DocumentForm(redacted: redacted)).pretty
  }

  private func json(_ form: DocumentForm) -> JSONValue {
    // A later key, as with those of the policy: written only where it says something.
    let forwards: [JSONValue.Member] =
      portForwards.isEmpty ? [] : [.init("forwards", .array(portForwards.map(\.json)))]
    let nat = JSONValue.object([.init("source", .array(sourceNAT.map(\.json)))] + forwards)
    return .object([
      .init("schema", .integer(ConfigurationDocument.schema)), .init("gateway", gateway.json(form)),
      .init("wan", wan.json(form)), .init("lan", .array(lan.map { $0.json(form) })),
      .init("ha", ha?.json(form) ?? .null), .init("routes", .array(routes.map(\.json))),
      .init("nat", nat), .init("helpers", .array(helpers.map { .string($0.rawValue) })),
      .init("policy", policy.json), .init("controller", controller?.json ?? .null),
    ])
  }
}
