import COpenSSL

/// Authenticated encryption with AES-128-GCM (NIST SP 800-38D) and one key.
///
/// The cipher context is made once and reused, so that a seal costs no allocation but its result.
/// The caller never seals twice with the same nonce: with the same key that gives both messages
/// away. Not to be shared between threads.
@safe public struct AES128GCM: ~Copyable {
  /// Octets of the key.
  public static let keyCount = 16
  /// Octets of a nonce.
  public static let nonceCount = 12
  /// Octets that a sealed message is longer than its plaintext.
  public static let tagCount = 16

  private let context: OpaquePointer

  /// Sets up for one `key` of 16 octets.
  public init(key: [UInt8]) throws(CryptoError) {
    guard key.count == Self.keyCount else { throw .invalidLength(count: key.count) }
    guard let context = unsafe EVP_CIPHER_CTX_new() else { throw .last("EVP_CIPHER_CTX_new") }
    guard unsafe EVP_CipherInit_ex(context, EVP_aes_128_gcm(), nil, key, nil, 1) == 1 else {
      unsafe EVP_CIPHER_CTX_free(context)
      throw .last("EVP_CipherInit_ex")
    }
    unsafe self.context = context
  }

  deinit { unsafe EVP_CIPHER_CTX_free(context) }

  /// Encrypts `plaintext` and authenticates it together with `additionalData`.
  ///
  /// Returns the ciphertext followed by the tag of 16 octets. `nonce` has 12 octets and is never
  /// used again with this key.
  public mutating func seal(
    _ plaintext: [UInt8], nonce: [UInt8], additionalData: [UInt8] = []
  ) throws(CryptoError) -> [UInt8] {
    try begin(nonce, additionalData, encrypt: 1)
    var sealed = [UInt8](repeating: 0, count: plaintext.count + Self.tagCount)
    let body = plaintext.count
    var written: Int32 = 0
    let done = unsafe sealed.withUnsafeMutableBytes { output in
      guard let start = output.baseAddress else { return false }
      let octets = unsafe start.assumingMemoryBound(to: UInt8.self)
      return unsafe EVP_CipherUpdate(context, octets, &written, plaintext, Int32(body)) == 1
        && Int(written) == body
        && EVP_CipherFinal_ex(context, octets + body, &written) == 1
        && EVP_CIPHER_CTX_ctrl(
          context, EVP_CTRL_AEAD_GET_TAG, Int32(Self.tagCount), start + body) == 1
    }
    guard done else { throw .last("AES-128-GCM seal") }
    return sealed
  }

  /// Decrypts what ``seal(_:nonce:additionalData:)`` returned.
  ///
  /// Throws ``CryptoError/notAuthentic`` when a single bit of the message, the nonce or the
  /// additional data differs; nothing of the plaintext gets out then.
  public mutating func open(
    _ sealed: [UInt8], nonce: [UInt8], additionalData: [UInt8] = []
  ) throws(CryptoError) -> [UInt8] {
    let body = sealed.count - Self.tagCount
    guard body >= 0 else { throw .invalidLength(count: sealed.count) }
    try begin(nonce, additionalData, encrypt: 0)
    var tag = [UInt8](sealed[body...])
    // One octet more than needed, so that an empty message still has an address.
    var plaintext = [UInt8](repeating: 0, count: body + 1)
    var written: Int32 = 0
    var rest: Int32 = 0
    let authentic =
      unsafe EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(Self.tagCount), &tag) == 1
      && EVP_CipherUpdate(context, &plaintext, &written, sealed, Int32(body)) == 1
      && EVP_CipherFinal_ex(context, &tag, &rest) == 1
    guard authentic, Int(written) == body else {
      ERR_clear_error()
      throw .notAuthentic
    }
    plaintext.removeLast()
    return plaintext
  }

  /// Sets direction and nonce, and feeds the additional data.
  private func begin(
    _ nonce: [UInt8], _ additionalData: [UInt8], encrypt: Int32
  ) throws(CryptoError) {
    guard nonce.count == Self.nonceCount else { throw .invalidLength(count: nonce.count) }
    var written: Int32 = 0
    guard unsafe EVP_CipherInit_ex(context, nil, nil, nil, nonce, encrypt) == 1,
      unsafe EVP_CipherUpdate(
        context, nil, &written, additionalData, Int32(additionalData.count)) == 1
    else { throw .last("AES-128-GCM nonce") }
  }
}
