import COpenSSL
import Wire

/// A key pair on the curve P-256 (FIPS 186-4), the kind that gateways and the portal have.
///
/// Its description holds no secret.
public struct P256Key: Hashable, Sendable {
  /// The private key (PKCS #8, PEM). A secret.
  public let pem: String
  /// The public key (SubjectPublicKeyInfo, DER): what certificates carry and pins are made of.
  public let publicKeyDER: [UInt8]

  /// Makes a new key.
  public static func make() throws(CryptoError) -> P256Key {
    guard let context = unsafe EVP_PKEY_CTX_new_id(EVP_PKEY_EC, nil) else {
      throw .last("EVP_PKEY_CTX_new_id")
    }
    defer { unsafe EVP_PKEY_CTX_free(context) }
    var made: OpaquePointer?
    guard unsafe EVP_PKEY_keygen_init(context) == 1,
      unsafe EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, NID_X9_62_prime256v1) == 1,
      unsafe EVP_PKEY_CTX_set_ec_param_enc(context, OPENSSL_EC_NAMED_CURVE) == 1,
      unsafe EVP_PKEY_generate(context, &made) == 1, let key = unsafe made
    else { throw .last("P-256 key") }
    defer { unsafe EVP_PKEY_free(key) }
    let output = try MemoryBIO()
    guard unsafe PEM_write_bio_PKCS8PrivateKey(output.pointer, key, nil, nil, 0, nil, nil) == 1
    else { throw .last("PKCS #8") }
    return unsafe P256Key(pem: output.text(), publicKeyDER: try publicKey(of: key))
  }

  /// Reads a private key (PEM, without a passphrase). Throws when it is of another kind.
  public init(pem: String) throws(CryptoError) {
    let handle = try KeyHandle(pem: pem)
    self.pem = pem
    unsafe publicKeyDER = try Self.publicKey(of: handle.pointer)
  }

  private init(pem: String, publicKeyDER: [UInt8]) {
    self.pem = pem
    self.publicKeyDER = publicKeyDER
  }

  /// A request for a certificate of this key (PKCS #10, RFC 2986, PEM), signed with SHA-256.
  public func certificateRequest(commonName: String) throws(CryptoError) -> String {
    let handle = try KeyHandle(pem: pem)
    guard let request = unsafe X509_REQ_new() else { throw .last("X509_REQ_new") }
    defer { unsafe X509_REQ_free(request) }
    let name = Array(commonName.utf8)
    guard unsafe X509_REQ_set_version(request, 0) == 1,
      unsafe X509_NAME_add_entry_by_txt(
        X509_REQ_get_subject_name(request), "CN", MBSTRING_UTF8, name, Int32(name.count), -1, 0)
        == 1, unsafe X509_REQ_set_pubkey(request, handle.pointer) == 1,
      unsafe X509_REQ_sign(request, handle.pointer, EVP_sha256()) > 0
    else { throw .last("certificate request") }
    let output = try MemoryBIO()
    guard unsafe PEM_write_bio_X509_REQ(output.pointer, request) == 1 else {
      throw .last("certificate request")
    }
    return output.text()
  }

  private static func publicKey(of key: OpaquePointer) throws(CryptoError) -> [UInt8] {
    try unsafe der("SubjectPublicKeyInfo") { unsafe i2d_PUBKEY(key, $0) }
  }
}

extension P256Key: CustomStringConvertible {
  /// The first octets of the digest of the public key.
  public var description: String {
    "P-256 key \(Hexadecimal.text(sha256(publicKeyDER).prefix(4)))"
  }
}

/// A private P-256 key as OpenSSL holds it, for as long as an operation takes.
@safe struct KeyHandle: ~Copyable {
  /// The `EVP_PKEY`.
  let pointer: OpaquePointer

  /// Reads PEM; throws when it is no private key on P-256.
  init(pem: String) throws(CryptoError) {
    let input = try MemoryBIO(Array(pem.utf8))
    // An empty passphrase, so that the library never asks for one at the terminal.
    let key = unsafe "".withCString { passphrase in
      unsafe PEM_read_bio_PrivateKey(
        input.pointer, nil, nil, UnsafeMutableRawPointer(mutating: passphrase))
    }
    guard let key = unsafe key else { throw .last("private key") }
    var name = [CChar](repeating: 0, count: 32)
    guard unsafe EVP_PKEY_get_group_name(key, &name, name.count, nil) == 1,
      unsafe OBJ_sn2nid(name) == NID_X9_62_prime256v1
    else {
      unsafe EVP_PKEY_free(key)
      throw .last("P-256 key")
    }
    unsafe pointer = key
  }

  deinit { unsafe EVP_PKEY_free(pointer) }
}
