import COpenSSL

/// SHA-256 of `octets`, 32 octets (FIPS 180-4).
public func sha256(_ octets: [UInt8]) -> [UInt8] {
  var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
  // The result is the address it was given: it cannot fail.
  _ = unsafe SHA256(octets, octets.count, &digest)
  return digest
}

/// `count` octets from the operating system's generator, fit for keys and boot identifiers.
public func randomOctets(_ count: Int) throws(CryptoError) -> [UInt8] {
  var octets = [UInt8](repeating: 0, count: count)
  guard unsafe RAND_bytes(&octets, Int32(count)) == 1 else { throw .last("RAND_bytes") }
  return octets
}

/// Derives `count` octets (1…8160) from `key`, bound to `salt` and `info` (RFC 5869, SHA-256).
///
/// An empty `salt` is 32 zero octets, as the RFC says.
public func hkdfSHA256(
  key: [UInt8], salt: [UInt8], info: [UInt8], count: Int
) throws(CryptoError) -> [UInt8] {
  guard (1...255 * 32).contains(count) else { throw .invalidLength(count: count) }
  guard let context = unsafe EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, nil) else {
    throw .last("EVP_PKEY_CTX_new_id")
  }
  defer { unsafe EVP_PKEY_CTX_free(context) }
  var output = [UInt8](repeating: 0, count: count)
  var length = count
  let done =
    unsafe EVP_PKEY_derive_init(context) == 1
    && ztb_evp_hkdf_md(context) == 1
    && EVP_PKEY_CTX_set1_hkdf_salt(context, salt, Int32(salt.count)) == 1
    && EVP_PKEY_CTX_set1_hkdf_key(context, key, Int32(key.count)) == 1
    && EVP_PKEY_CTX_add1_hkdf_info(context, info, Int32(info.count)) == 1
    && EVP_PKEY_derive(context, &output, &length) == 1
  guard done, length == count else { throw .last("HKDF") }
  return output
}

extension CryptoError {
  /// The oldest error that OpenSSL queued for this thread, after which its queue is empty.
  static func last(_ operation: String) -> CryptoError {
    let code = ERR_get_error()
    ERR_clear_error()
    return .library(operation: operation, code: code)
  }
}
