import COpenSSL

/// A TLS 1.3 external preshared key with its identity (RFC 8446 4.2.11), at a fixed address for
/// OpenSSL's callbacks.
///
/// The key is wiped when the object goes.
@safe final class PresharedKey {
  /// TLS_AES_128_GCM_SHA256 (RFC 8446 B.4).
  static let cipherSuite: [UInt8] = [0x13, 0x01]

  private let identity: UnsafeMutableBufferPointer<UInt8>
  private let key: UnsafeMutableBufferPointer<UInt8>

  init(identity: String, key: [UInt8]) {
    unsafe self.identity = .allocate(capacity: identity.utf8.count)
    _ = unsafe self.identity.initialize(from: identity.utf8)
    unsafe self.key = .allocate(capacity: key.count)
    _ = unsafe self.key.initialize(from: key)
  }

  deinit {
    unsafe OPENSSL_cleanse(key.baseAddress, key.count)
    unsafe key.deallocate()
    unsafe identity.deallocate()
  }

  /// Makes `ssl` use this key alone; the caller keeps the object alive as long as `ssl`.
  func install(on ssl: OpaquePointer) {
    // Index 0 is what the macro SSL_set_app_data uses.
    _ = unsafe SSL_set_ex_data(ssl, 0, Unmanaged.passUnretained(self).toOpaque())
    unsafe SSL_set_psk_use_session_callback(ssl) { ssl, digest, identity, count, session in
      guard let own = unsafe PresharedKey.of(ssl) else { return 0 }
      // Asked for another hash, after a HelloRetryRequest: go on without the key, to be refused.
      if let digest = unsafe digest, unsafe EVP_MD_get_type(digest) != NID_sha256 {
        return 1
      }
      guard let made = unsafe own.session(for: ssl) else { return 0 }
      unsafe identity?.pointee = UnsafePointer(own.identity.baseAddress)
      unsafe count?.pointee = own.identity.count
      unsafe session?.pointee = made
      return 1
    }
    unsafe SSL_set_psk_find_session_callback(ssl) { ssl, identity, count, session in
      guard let own = unsafe PresharedKey.of(ssl) else { return 0 }
      let offered = unsafe UnsafeBufferPointer(start: identity, count: count)
      guard unsafe offered.elementsEqual(own.identity) else { return 1 }
      guard let made = unsafe own.session(for: ssl) else { return 0 }
      unsafe session?.pointee = made
      return 1
    }
  }

  /// The object that ``install(on:)`` left with `ssl`.
  private static func of(_ ssl: OpaquePointer?) -> PresharedKey? {
    guard let pointer = unsafe SSL_get_ex_data(ssl, 0) else { return nil }
    return unsafe Unmanaged<PresharedKey>.fromOpaque(pointer).takeUnretainedValue()
  }

  /// A session that stands for the key; OpenSSL takes it over.
  private func session(for ssl: OpaquePointer?) -> OpaquePointer? {
    guard let session = unsafe SSL_SESSION_new() else { return nil }
    let cipher = unsafe SSL_CIPHER_find(ssl, Self.cipherSuite)
    guard
      unsafe cipher != nil
        && SSL_SESSION_set1_master_key(session, key.baseAddress, key.count) == 1
        && SSL_SESSION_set_cipher(session, cipher) == 1
        && SSL_SESSION_set_protocol_version(session, TLS1_3_VERSION) == 1
    else {
      unsafe SSL_SESSION_free(session)
      return nil
    }
    return unsafe session
  }
}
