import Activation
import Crypto
import SQLite

/// Who the portal is: its authority, its certificate and the key that signs links.
struct Identity {
  let authority: CertificateAuthority
  /// Certificate of both ports, PEM.
  let serverCertificate: String
  /// Its key, PEM.
  let serverKey: String
  let linkKey: Ed25519Key

  /// A certificate of the portal is made anew when it ends within this time.
  private static let renewalSeconds: Int64 = 90 * 86_400

  /// Reads the identity, or makes it at the first start. The server's certificate is made anew
  /// when the names of the portal change or its end is near; the authority stays.
  static func load(
    from database: PortalDatabase, places: PortalService.Places, now: Int64
  ) throws(PortalError) -> Identity {
    let settings = Settings(database: database)
    do {
      return try database.write { () throws(PortalError) in
        let authority = try loadAuthority(settings, now)
        let names = places.names + (places.names.contains("localhost") ? [] : ["localhost"])
        let (certificate, key) = try loadServer(settings, authority, names, now)
        return Identity(
          authority: authority, serverCertificate: certificate, serverKey: key,
          linkKey: try loadLinkKey(settings))
      }
    }
  }

  private static func loadAuthority(
    _ settings: Settings, _ now: Int64
  ) throws(PortalError) -> CertificateAuthority {
    if let certificate = try settings.value("ca.certificate"),
      let key = try settings.value("ca.key")
    {
      return try crypto { () throws(CryptoError) in
        try CertificateAuthority(certificatePEM: certificate, key: P256Key(pem: key))
      }
    }
    let made = try crypto { () throws(CryptoError) in
      try CertificateAuthority.make(name: "ZT Branch portal", now: now)
    }
    try settings.set("ca.certificate", made.certificatePEM)
    try settings.set("ca.key", made.key.pem)
    return made
  }

  private static func loadServer(
    _ settings: Settings, _ authority: CertificateAuthority, _ names: [String], _ now: Int64
  ) throws(PortalError) -> (certificate: String, key: String) {
    let list = names.joined(separator: ",")
    // One that cannot be read is made anew like one that has ended.
    if let certificate = try settings.value("server.certificate"),
      let key = try settings.value("server.key"), try settings.value("server.names") == list,
      let read = try? Certificate(pem: certificate), read.notAfter > now + renewalSeconds
    {
      return (certificate, key)
    }
    let key = try crypto { () throws(CryptoError) in try P256Key.make() }
    let certificate = try crypto { () throws(CryptoError) in
      try authority.serverCertificate(for: key, names: names, now: now)
    }
    try settings.set("server.certificate", certificate)
    try settings.set("server.key", key.pem)
    try settings.set("server.names", list)
    return (certificate, key.pem)
  }

  private static func loadLinkKey(_ settings: Settings) throws(PortalError) -> Ed25519Key {
    if let text = try settings.value("link.seed"), let seed = Base64URL.decode(text) {
      return try crypto { () throws(CryptoError) in try Ed25519Key(seed: seed) }
    }
    let made = try crypto { () throws(CryptoError) in try Ed25519Key.make() }
    try settings.set("link.seed", Base64URL.encode(made.seed))
    return made
  }

  /// Runs a step whose failure is our own trouble.
  static func crypto<Result>(
    _ body: () throws(CryptoError) -> Result
  ) throws(PortalError) -> Result {
    do { return try body() } catch {
      Log.error("crypto \(error)")
      throw .broken
    }
  }
}

/// Single values in the database.
struct Settings {
  let database: PortalDatabase

  func value(_ name: String) throws(PortalError) -> String? {
    try database.row("SELECT value FROM setting WHERE name = ?", .text(name))?.text(0)
  }

  /// Inside a transaction.
  func set(_ name: String, _ value: String) throws(PortalError) {
    try database.change(
      "INSERT INTO setting VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
      .text(name), .text(value))
  }
}
