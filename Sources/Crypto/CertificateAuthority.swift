import COpenSSL

/// An authority with a P-256 key that makes certificates for servers and for gateways.
///
/// Its description holds no secret. Times are seconds since 1970.
public struct CertificateAuthority: Hashable, Sendable {
  /// Its own certificate, PEM: what others trust.
  public let certificatePEM: String
  /// The same, read.
  public let certificate: Certificate
  /// Its key. A secret.
  public let key: P256Key

  /// How long certificates are valid.
  public enum Limits {
    /// An authority: 20 years.
    public static let authoritySeconds: Int64 = 20 * 366 * 86_400
    /// A server: two years; ``Portal`` makes another in time.
    public static let serverSeconds: Int64 = 2 * 366 * 86_400
    /// A gateway: ten years; it is revoked by the portal's own table.
    public static let clientSeconds: Int64 = 10 * 366 * 86_400
    /// How far the clock of a new appliance may be behind ours.
    static let skewSeconds: Int64 = 86_400
  }

  /// Makes a new authority.
  public static func make(name: String, now: Int64) throws(CryptoError) -> CertificateAuthority {
    let key = try P256Key.make()
    let handle = try KeyHandle(pem: key.pem)
    let text = try unsafe CertificateBuilder.certificate(
      subject: name, issuer: nil, publicKey: handle.pointer, signer: handle.pointer,
      from: now - Limits.skewSeconds, to: now + Limits.authoritySeconds,
      extensions: [
        (NID_basic_constraints, "critical,CA:TRUE,pathlen:0"),
        (NID_key_usage, "critical,keyCertSign,cRLSign"), (NID_subject_key_identifier, "hash"),
      ])
    return try CertificateAuthority(certificatePEM: text, key: key)
  }

  /// An authority that was stored. Throws when the key is not the certificate's.
  public init(certificatePEM: String, key: P256Key) throws(CryptoError) {
    let certificate = try Certificate(pem: certificatePEM)
    guard certificate.publicKeyDigest == sha256(key.publicKeyDER) else { throw .notAuthentic }
    self.certificatePEM = certificatePEM
    self.certificate = certificate
    self.key = key
  }

  /// A certificate (PEM) for a server, for DNS names and IPv4 addresses; at least one.
  public func serverCertificate(
    for server: P256Key, names: [String], now: Int64
  ) throws(CryptoError) -> String {
    // A comma would begin another entry of the list that OpenSSL reads.
    guard let first = names.first,
      names.allSatisfy({ name in
        !name.isEmpty && name.utf8.count <= 253
          && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: ",") }
      })
    else { throw .invalidLength(count: names.count) }
    let list = names.map { Self.isAddress($0) ? "IP:\($0)" : "DNS:\($0)" }
    let handle = try KeyHandle(pem: server.pem)
    return try unsafe sign(
      subject: String(first.prefix(64)), publicKey: handle.pointer, now: now,
      validity: Limits.serverSeconds,
      [
        (NID_ext_key_usage, "serverAuth"),
        (NID_subject_alt_name, list.joined(separator: ",")),
      ])
  }

  /// A certificate (PEM) for a gateway. Of the request nothing but the public key is taken.
  public func clientCertificate(
    for request: CertificateRequest, commonName: String, now: Int64
  ) throws(CryptoError) -> String {
    let key = unsafe request.publicKeyDER.withUnsafeBufferPointer { buffer -> OpaquePointer? in
      var cursor = buffer.baseAddress
      return unsafe d2i_PUBKEY(nil, &cursor, buffer.count)
    }
    guard let key = unsafe key else { throw .last("public key") }
    defer { unsafe EVP_PKEY_free(key) }
    return try unsafe sign(
      subject: commonName, publicKey: key, now: now, validity: Limits.clientSeconds,
      [(NID_ext_key_usage, "clientAuth")])
  }

  private func sign(
    subject: String, publicKey: OpaquePointer, now: Int64, validity: Int64,
    _ extensions: [(Int32, String)]
  ) throws(CryptoError) -> String {
    let handle = try KeyHandle(pem: key.pem)
    let input = try MemoryBIO(Array(certificatePEM.utf8))
    guard let issuer = unsafe PEM_read_bio_X509(input.pointer, nil, nil, nil) else {
      throw .last("certificate")
    }
    defer { unsafe X509_free(issuer) }
    return try unsafe CertificateBuilder.certificate(
      subject: subject, issuer: issuer, publicKey: publicKey, signer: handle.pointer,
      from: now - Limits.skewSeconds, to: now + validity,
      extensions: [
        (NID_basic_constraints, "critical,CA:FALSE"),
        (NID_key_usage, "critical,digitalSignature"), (NID_subject_key_identifier, "hash"),
        (NID_authority_key_identifier, "keyid"),
      ] + extensions)
  }

  /// Whether a name is an IPv4 address.
  static func isAddress(_ name: String) -> Bool {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
  }
}

extension CertificateAuthority: CustomStringConvertible {
  /// The name of the authority.
  public var description: String { "certificate authority \(certificate.commonName)" }
}

/// A request for a certificate (PKCS #10, RFC 2986) of a P-256 key, whose own signature is checked:
/// who sent it has the private key.
public struct CertificateRequest: Hashable, Sendable {
  /// The public key (SubjectPublicKeyInfo, DER).
  public let publicKeyDER: [UInt8]

  /// SHA-256 of the public key, 32 octets.
  public var publicKeyDigest: [UInt8] { sha256(publicKeyDER) }

  /// Longest request that is looked at, in octets of PEM.
  public static let limitBytes = 8_192

  /// Reads PEM. Throws `.notAuthentic` when the signature is not the key's.
  public init(pem: String) throws(CryptoError) {
    guard pem.utf8.count <= Self.limitBytes else { throw .invalidLength(count: pem.utf8.count) }
    let input = try MemoryBIO(Array(pem.utf8))
    guard let request = unsafe PEM_read_bio_X509_REQ(input.pointer, nil, nil, nil) else {
      throw .last("certificate request")
    }
    defer { unsafe X509_REQ_free(request) }
    guard let key = unsafe X509_REQ_get_pubkey(request) else { throw .last("public key") }
    defer { unsafe EVP_PKEY_free(key) }
    var name = [CChar](repeating: 0, count: 32)
    guard unsafe EVP_PKEY_get_group_name(key, &name, name.count, nil) == 1,
      unsafe OBJ_sn2nid(name) == NID_X9_62_prime256v1
    else { throw .last("P-256 key") }
    guard unsafe X509_REQ_verify(request, key) == 1 else {
      ERR_clear_error()
      throw .notAuthentic
    }
    publicKeyDER = try unsafe der("SubjectPublicKeyInfo") { unsafe i2d_PUBKEY(key, $0) }
  }
}
