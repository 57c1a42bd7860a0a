import CGnuTLS

/// The certificate that a client has shown and that is verified.
struct PeerCertificate {
  /// Its DER form.
  let der: [UInt8]

  /// Makes a handshake fail without a certificate that the server's authorities have signed.
  static func require(_ session: UnsafeMutableRawPointer) {
    let session = OpaquePointer(session)
    unsafe gnutls_certificate_server_set_request(session, GNUTLS_CERT_REQUIRE)
    // The texts that OpenSSL writes into client certificates are not looked at: who may sign
    // decides, and the portal signs nothing else.
    unsafe gnutls_session_set_verify_cert(session, nil, 0)
  }

  /// Takes the certificate of a session, after looking once more that it is trusted.
  init?(verified session: UnsafeMutableRawPointer) {
    let session = OpaquePointer(session)
    var status: UInt32 = 0
    guard unsafe gnutls_certificate_verify_peers2(session, &status) == 0, status == 0 else {
      return nil
    }
    var count: UInt32 = 0
    guard let list = unsafe gnutls_certificate_get_peers(session, &count), count > 0 else {
      return nil
    }
    let first = unsafe list.pointee
    der = unsafe Array(UnsafeBufferPointer(start: first.data, count: Int(first.size)))
  }

  /// Sends some text over a session, as far as it takes it now.
  static func send(_ text: String, _ session: UnsafeMutableRawPointer) {
    _ = unsafe gnutls_record_send(OpaquePointer(session), text, text.utf8.count)
  }
}
