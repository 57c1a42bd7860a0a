import COpenSSL
import Glibc

/// A certificate (X.509, RFC 5280) as far as gateways and the portal look at it. Reading one
/// proves nothing; that is the work of the TLS libraries.
public struct Certificate: Hashable, Sendable {
  /// Its octets.
  public let der: [UInt8]
  /// SHA-256 of its SubjectPublicKeyInfo, 32 octets: what pins and links carry.
  public let publicKeyDigest: [UInt8]
  /// The first common name of its subject; empty when it has none.
  public let commonName: String
  /// The first second when it is valid, since 1970.
  public let notBefore: Int64
  /// The last second when it is valid, since 1970.
  public let notAfter: Int64

  /// Reads the first certificate of a PEM text.
  public init(pem: String) throws(CryptoError) {
    let input = try MemoryBIO(Array(pem.utf8))
    guard let certificate = unsafe PEM_read_bio_X509(input.pointer, nil, nil, nil) else {
      throw .last("certificate")
    }
    defer { unsafe X509_free(certificate) }
    try unsafe self.init(certificate)
  }

  /// Reads a certificate that fills `der` exactly.
  public init(der: [UInt8]) throws(CryptoError) {
    let certificate = unsafe der.withUnsafeBufferPointer { buffer -> OpaquePointer? in
      var cursor = buffer.baseAddress
      return unsafe d2i_X509(nil, &cursor, buffer.count)
    }
    guard let certificate = unsafe certificate else { throw .last("certificate") }
    defer { unsafe X509_free(certificate) }
    try unsafe self.init(certificate)
    guard self.der.count == der.count else { throw .invalidLength(count: der.count) }
  }

  private init(_ certificate: OpaquePointer) throws(CryptoError) {
    der = try unsafe Crypto.der("certificate") { unsafe i2d_X509(certificate, $0) }
    let key = unsafe X509_get_X509_PUBKEY(certificate)
    publicKeyDigest = sha256(
      try unsafe Crypto.der("SubjectPublicKeyInfo") { unsafe i2d_X509_PUBKEY(key, $0) })
    commonName = unsafe Self.commonName(of: X509_get_subject_name(certificate))
    notBefore = try unsafe Self.seconds(X509_get0_notBefore(certificate))
    notAfter = try unsafe Self.seconds(X509_get0_notAfter(certificate))
  }

  /// The same certificate as PEM.
  public var pem: String {
    get throws(CryptoError) {
      let certificate = unsafe der.withUnsafeBufferPointer { buffer -> OpaquePointer? in
        var cursor = buffer.baseAddress
        return unsafe d2i_X509(nil, &cursor, buffer.count)
      }
      guard let certificate = unsafe certificate else { throw .last("certificate") }
      defer { unsafe X509_free(certificate) }
      let output = try MemoryBIO()
      guard unsafe PEM_write_bio_X509(output.pointer, certificate) == 1 else {
        throw .last("certificate")
      }
      return output.text()
    }
  }

  private static func commonName(of name: OpaquePointer?) -> String {
    let index = unsafe X509_NAME_get_index_by_NID(name, NID_commonName, -1)
    guard index >= 0, let entry = unsafe X509_NAME_get_entry(name, index) else { return "" }
    var text: UnsafeMutablePointer<UInt8>?
    let count = unsafe ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(entry))
    guard count >= 0, let text = unsafe text else {
      ERR_clear_error()
      return ""
    }
    defer { unsafe CRYPTO_free(text, nil, 0) }
    let octets = unsafe UnsafeBufferPointer(start: text, count: Int(count))
    return unsafe String(decoding: octets, as: UTF8.self)
  }

  private static func seconds(
    _ moment: UnsafePointer<ASN1_TIME>?
  ) throws(CryptoError) -> Int64 {
    var parts = unsafe tm()
    guard unsafe ASN1_TIME_to_tm(moment, &parts) == 1 else { throw .last("date") }
    return Int64(unsafe timegm(&parts))
  }
}
