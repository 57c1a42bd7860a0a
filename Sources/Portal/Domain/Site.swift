import Activation
import Wire

/// A place with one gateway, or a pair of them.
struct Site: Hashable {
  var id: Int64
  var name: String
  /// The template that it was made from.
  var templateID: Int64
  /// The address of the pair inside; nil for one gateway.
  var lanVirtualIP: IPv4Prefix?
  /// The address of the pair outside; nil for one gateway.
  var wanVirtualIP: IPv4Prefix?
  var proxy: SiteProxy?
  var timeZone: String
  /// The pair's own key, 32 octets; nil for one gateway.
  var haKey: [UInt8]?
  /// The virtual router; nil for one gateway.
  var vrrp: VRRPPanel?
  /// The gateway that was activated first.
  var primary: String?
  var created: Int64
}

/// The way out of a site for what talks to the portal.
struct SiteProxy: Hashable {
  var host: String
  var port: UInt16
  var user: String?
  var password: String?
  var exceptions: [String]
}

/// One appliance of a site.
struct Gateway: Hashable {
  /// Where the WAN address comes from.
  enum Mode: String, Hashable, CaseIterable {
    case dhcp
    case `static`
  }

  /// The name that its certificate carries.
  var id: String
  var siteID: Int64
  /// 1 or 2.
  var slot: Int
  var name: String
  /// Its model.
  var platform: String
  var wanMode: Mode
  /// With mode static.
  var wanAddress: IPv4Prefix?
  /// With mode static.
  var wanGateway: IPv4Address?
  var wanVLAN: UInt16?
  var lanAddress: IPv4Prefix

  /// How far it is.
  var life: LifeCycle
  /// More about the state, such as `waiting for gateway 2`; may be empty.
  var detail = ""
  /// Of the appliance that is activated; empty before.
  var serial = ""
  /// Of its software; empty before.
  var softwareVersion = ""
  /// SHA-256 of its certificate; nil before the activation.
  var certificateDigest: [UInt8]?
  var enrolledAt: Int64?
  /// How often it was activated: its events are counted anew each time.
  var enrollments: Int64 = 0
  /// Version of its document; 0: none yet.
  var documentVersion: Int64 = 0
  /// What the gateway said about a document last; 0: nothing yet.
  var appliedVersion: Int64 = 0
  /// `verified`, `applied` or `failed`; empty: nothing yet.
  var appliedOutcome = ""
  var appliedReason = ""

  /// Whether it has a certificate.
  var isActivated: Bool { certificateDigest != nil }
}

/// A code as it was issued.
struct IssuedCode: Hashable {
  /// Where it is in its life.
  enum Status: String, Hashable {
    /// It can be used.
    case open
    /// A key is bound to it.
    case used
    /// Its time is over.
    case expired
    /// A newer one took its place.
    case replaced
  }

  var id: Int64
  var gatewayID: String
  var code: ActivationCode
  var issuedAt: Int64
  var expiresAt: Int64
  var usedAt: Int64?
  /// SHA-256 of the key that it is bound to.
  var keyDigest: [UInt8]?
  /// The certificate that was issued for it, PEM.
  var certificate: String?
  var replacedAt: Int64?
  /// scrypt of the secret; nil until it was asked for.
  var anchorKey: [UInt8]?

  func status(at now: Int64) -> Status {
    if replacedAt != nil { return .replaced }
    if usedAt != nil { return .used }
    return now >= expiresAt ? .expired : .open
  }
}

/// What a user needs to activate a gateway.
struct ActivationOffer: Hashable {
  var code: IssuedCode
  /// The whole link.
  var url: String
}

/// Something that happened to a gateway or a site.
struct SiteEvent: Hashable {
  var number: Int64
  /// Seconds since 1970.
  var time: Int64
  var siteID: Int64
  /// Empty for the site as a whole.
  var gatewayName: String
  /// A stable word, such as `state` or `ha.role`.
  var kind: String
  var text: String
  var cause: String
}

/// Something that a user did.
struct AuditRecord: Hashable {
  var number: Int64
  /// Seconds since 1970.
  var time: Int64
  var user: String
  var address: String
  /// A stable word, such as `site.create`.
  var action: String
  /// What it was done to.
  var target: String
  var detail: String
}

/// What an agent is told to do.
struct QueuedCommand: Hashable {
  /// The verbs that agents know.
  enum Verb: String, Hashable {
    case switchover
    /// Move the role to the other gateway and back, measured.
    case drill
    case suspend
    case resume
    case restart
    case factoryReset = "factory-reset"
    /// Fetch and install a version, which is the argument.
    case update
    /// Restart into what was installed.
    case updateActivate = "update-activate"
  }

  var id: Int64
  var gatewayID: String
  var verb: Verb
  /// What stands behind the verb; empty: nothing.
  var argument = ""
  /// Who wanted it.
  var user: String
  var created: Int64
  var deliveredAt: Int64?

  /// As agents get it: the verb, and the argument behind a space.
  var text: String { argument.isEmpty ? verb.rawValue : "\(verb.rawValue) \(argument)" }
}

/// What has changed, for pages that are open.
enum PortalChange: Hashable {
  /// Templates, or how many sites use them.
  case templates
  /// A site or its settings, or it is gone.
  case site(Int64)
  /// A gateway of a site: its state, code or configuration.
  case gateway(String, site: Int64)
  /// Something happened at a site.
  case event(site: Int64)
  /// Users.
  case users
  /// The versions that the portal keeps.
  case software
}
