import JSON

/// Why a text is no activation link.
public enum ActivationLinkError: Error, Hashable, Sendable {
  /// It is cut off, edited, or no link at all.
  case damaged
  /// It is of a later version of the product.
  case unknownVersion
}

/// What an activation link carries: the WAN settings of one gateway and its activation code.
///
///     http://192.168.0.1/activate#ZTB1.<payload>.<signature>
///
/// The payload is unpadded base64url of JSON with sorted keys; the signature is Ed25519 over
/// `ZTB1.<payload>`. The key travels inside: the signature catches damage and edits, authority
/// comes from the portal, which compares the payload's SHA-256 with what it issued.
public struct ActivationLink: Hashable, Sendable {
  /// Numbers that bound a link.
  public enum Limits {
    /// Longest link, in characters.
    public static let characters = 1_000
  }

  /// The way out, as the site has it.
  public struct WAN: Hashable, Sendable {
    /// The port, such as the third of the model.
    public var port: String
    /// `dhcp` or `static`.
    public var mode: String
    /// `203.0.113.2/24`; nil with DHCP.
    public var address: String?
    /// Default router; nil with DHCP.
    public var gateway: String?
    /// 802.1Q identifier; nil: untagged.
    public var vlan: Int?
    /// Largest packet in octets; nil: 1500.
    public var mtu: Int?

    /// Joins the parts.
    public init(
      port: String, mode: String, address: String?, gateway: String?, vlan: Int?, mtu: Int?
    ) {
      self.port = port
      self.mode = mode
      self.address = address
      self.gateway = gateway
      self.vlan = vlan
      self.mtu = mtu
    }
  }

  /// Name of the gateway.
  public var gateway: String
  /// Its model, such as `zt400`.
  public var platform: String
  /// The activation code, sixteen characters.
  public var code: String
  /// The way out.
  public var wan: WAN
  /// Name servers in order of preference.
  public var dns: [String]
  /// The web proxy as `host` and `port`; nil: none.
  public var proxy: Proxy?
  /// `https://HOST:PORT` of the portal.
  public var portal: String
  /// SHA-256 of the public key of the portal's CA, 32 octets.
  public var ca: [UInt8]
  /// The Ed25519 key that signed it, 32 octets.
  public var key: [UInt8]
  /// Seconds since 1970 when it was issued.
  public var issuedAt: Int64
  /// Seconds since 1970 when it expires; judged by the portal.
  public var expiresAt: Int64

  /// A web proxy; user and password never travel in a link.
  public struct Proxy: Hashable, Sendable {
    /// Name or address.
    public var host: String
    /// TCP port.
    public var port: Int

    /// Joins the parts.
    public init(host: String, port: Int) {
      self.host = host
      self.port = port
    }
  }

  /// Joins the parts.
  public init(
    gateway: String, platform: String, code: String, wan: WAN, dns: [String], proxy: Proxy?,
    portal: String, ca: [UInt8], key: [UInt8], issuedAt: Int64, expiresAt: Int64
  ) {
    self.gateway = gateway
    self.platform = platform
    self.code = code
    self.wan = wan
    self.dns = dns
    self.proxy = proxy
    self.portal = portal
    self.ca = ca
    self.key = key
    self.issuedAt = issuedAt
    self.expiresAt = expiresAt
  }
}

// MARK: Writing

extension ActivationLink {
  /// The payload, JSON with sorted keys; its SHA-256 is what the portal remembers.
  public var payload: [UInt8] { json.canonical }

  /// What is signed: `ZTB1.<payload>`.
  public var signedText: String { "ZTB1.\(Base64URL.encode(payload))" }

  /// The whole link with the signature of ``signedText``, 64 octets.
  public func url(signature: [UInt8]) -> String {
    "http://192.168.0.1/activate#\(signedText).\(Base64URL.encode(signature))"
  }

  private var json: JSONValue {
    .object([
      .init("v", .integer(1)), .init("gw", .string(gateway)), .init("plat", .string(platform)),
      .init("code", .string(code)),
      .init(
        "wan",
        .object([
          .init("port", .string(wan.port)), .init("mode", .string(wan.mode)),
          .init("address", .text(wan.address)), .init("gateway", .text(wan.gateway)),
          .init("vlan", wan.vlan.map { .integer($0) } ?? .null),
          .init("mtu", wan.mtu.map { .integer($0) } ?? .null),
        ])), .init("dns", .array(dns.map { .string($0) })),
      .init(
        "proxy",
        proxy.map {
          .object([.init("host", .string($0.host)), .init("port", .integer($0.port))])
        } ?? .null), .init("portal", .string(portal)),
      .init("ca", .string(Base64URL.encode(ca))), .init("key", .string(Base64URL.encode(key))),
      .init("iat", .integer(issuedAt)), .init("exp", .integer(expiresAt)),
    ])
  }
}

// MARK: Reading

/// A link as it was read: what it says, and what its signature is to be checked against.
public struct SignedActivationLink: Hashable, Sendable {
  /// What it says. Nothing of it is to be believed before the signature was checked.
  public let link: ActivationLink
  /// The octets of the payload, as they came; their SHA-256 is what the portal compares.
  public let payload: [UInt8]
  /// The octets that were signed.
  public let signedText: [UInt8]
  /// Ed25519 signature, 64 octets, by ``ActivationLink/key``.
  public let signature: [UInt8]

  /// Reads a whole link, its fragment, or the text from `ZTB1.` on; spaces and line breaks around
  /// and within it (mail programs break long lines) do not matter.
  public init(parsing typed: some StringProtocol) throws(ActivationLinkError) {
    let text = String(typed.filter { !$0.isWhitespace })
    guard text.utf8.count <= ActivationLink.Limits.characters else { throw .damaged }
    let token = text.split(separator: "#").last ?? text[...]
    let parts = token.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3 else { throw .damaged }
    guard parts[0] == "ZTB1" else {
      throw parts[0].hasPrefix("ZTB") ? .unknownVersion : .damaged
    }
    guard let payload = Base64URL.decode(parts[1]), let signature = Base64URL.decode(parts[2]),
      signature.count == 64
    else { throw .damaged }
    let value: JSONValue
    do {
      value = try JSONParser.parse(payload)
    } catch { throw .damaged }
    guard let link = ActivationLink(reading: value) else { throw .damaged }
    self.link = link
    self.payload = payload
    self.signature = signature
    signedText = Array("\(parts[0]).\(parts[1])".utf8)
  }
}

extension ActivationLink {
  init?(reading value: JSONValue) {
    guard value["v"]?.integer == 1, let gateway = value["gw"]?.string,
      let platform = value["plat"]?.string, let code = value["code"]?.string,
      let wan = value["wan"].flatMap({ WAN(reading: $0) }),
      case .array(let servers) = value["dns"], let portal = value["portal"]?.string,
      let ca = value["ca"]?.string.flatMap({ Base64URL.decode($0) }), ca.count == 32,
      let key = value["key"]?.string.flatMap({ Base64URL.decode($0) }), key.count == 32,
      let issuedAt = value["iat"]?.integer, let expiresAt = value["exp"]?.integer
    else { return nil }
    let dns = servers.compactMap(\.string)
    guard dns.count == servers.count else { return nil }
    var proxy: Proxy?
    if let given = value["proxy"], given != .null {
      guard let host = given["host"]?.string, let port = given["port"]?.integer else { return nil }
      proxy = Proxy(host: host, port: Int(port))
    }
    self.init(
      gateway: gateway, platform: platform, code: code, wan: wan, dns: dns, proxy: proxy,
      portal: portal, ca: ca, key: key, issuedAt: issuedAt, expiresAt: expiresAt)
  }
}

extension ActivationLink.WAN {
  init?(reading value: JSONValue) {
    guard let port = value["port"]?.string, let mode = value["mode"]?.string else { return nil }
    self.init(
      port: port, mode: mode, address: value["address"]?.string,
      gateway: value["gateway"]?.string, vlan: value["vlan"]?.integer.map { Int($0) },
      mtu: value["mtu"]?.integer.map { Int($0) })
  }
}
