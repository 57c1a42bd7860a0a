import COpenSSL
import Glibc

/// Puts certificates (X.509 version 3, RFC 5280) together.
enum CertificateBuilder {
  /// Octets of a serial number; random, so that none is used twice (RFC 5280 4.1.2.2).
  private static let serialCount = 16

  /// A certificate as PEM; `issuer` nil: signed by its own key.
  static func certificate(
    subject: String, issuer: OpaquePointer?, publicKey: OpaquePointer, signer: OpaquePointer,
    from: Int64, to: Int64, extensions: [(Int32, String)]
  ) throws(CryptoError) -> String {
    guard let certificate = unsafe X509_new() else { throw .last("X509_new") }
    defer { unsafe X509_free(certificate) }
    let name = Array(subject.utf8)
    try unsafe setSerial(certificate)
    guard unsafe X509_set_version(certificate, 2) == 1,
      unsafe X509_NAME_add_entry_by_txt(
        X509_get_subject_name(certificate), "CN", MBSTRING_UTF8, name, Int32(name.count), -1, 0)
        == 1,
      unsafe X509_set_issuer_name(certificate, X509_get_subject_name(issuer ?? certificate)) == 1,
      unsafe ASN1_TIME_set(X509_getm_notBefore(certificate), time_t(from)) != nil,
      unsafe ASN1_TIME_set(X509_getm_notAfter(certificate), time_t(to)) != nil,
      unsafe X509_set_pubkey(certificate, publicKey) == 1
    else { throw .last("certificate") }
    for (number, text) in extensions {
      try unsafe add(number, text, to: certificate, issuer: issuer ?? certificate)
    }
    guard unsafe X509_sign(certificate, signer, EVP_sha256()) > 0 else {
      throw .last("certificate")
    }
    let output = try MemoryBIO()
    guard unsafe PEM_write_bio_X509(output.pointer, certificate) == 1 else {
      throw .last("certificate")
    }
    return output.text()
  }

  private static func setSerial(_ certificate: OpaquePointer) throws(CryptoError) {
    var serial = try randomOctets(serialCount)
    // Positive and of full length.
    serial[0] = serial[0] & 0x7f | 0x40
    guard
      unsafe ASN1_STRING_set(
        X509_get_serialNumber(certificate), serial, Int32(serial.count)) == 1
    else { throw .last("serial number") }
  }

  private static func add(
    _ number: Int32, _ text: String, to certificate: OpaquePointer, issuer: OpaquePointer
  ) throws(CryptoError) {
    var context = unsafe X509V3_CTX()
    unsafe X509V3_set_ctx(&context, issuer, certificate, nil, nil, 0)
    guard let made = unsafe X509V3_EXT_conf_nid(nil, &context, number, text) else {
      throw .last("extension \(number)")
    }
    defer { unsafe X509_EXTENSION_free(made) }
    guard unsafe X509_add_ext(certificate, made, -1) == 1 else {
      throw .last("extension \(number)")
    }
  }
}
