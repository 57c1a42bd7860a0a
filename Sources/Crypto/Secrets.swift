import COpenSSL

/// A key of `count` octets from a secret that people choose or type (RFC 7914).
///
/// Takes 128 × `cost` × 8 octets of memory and about 50 ms at the default cost.
/// - Parameter cost: a power of two; higher is slower for everyone.
public func scrypt(
  secret: [UInt8], salt: [UInt8], cost: UInt64 = 16_384, count: Int = 32
) throws(CryptoError) -> [UInt8] {
  var output = [UInt8](repeating: 0, count: count)
  let limit: UInt64 = 128 * cost * 8 * 2
  let done = unsafe secret.withUnsafeBytes { buffer in
    unsafe EVP_PBE_scrypt(
      buffer.baseAddress?.assumingMemoryBound(to: CChar.self), buffer.count, salt, salt.count,
      cost, 8, 1, limit, &output, count)
  }
  guard done == 1 else { throw .last("scrypt") }
  return output
}

/// HMAC-SHA256 of `message`, 32 octets (RFC 2104).
public func hmacSHA256(key: [UInt8], message: [UInt8]) throws(CryptoError) -> [UInt8] {
  var code = [UInt8](repeating: 0, count: 32)
  var length: UInt32 = 0
  guard
    unsafe HMAC(
      EVP_sha256(), key, Int32(key.count), message, message.count, &code, &length) != nil
  else { throw .last("HMAC") }
  return code
}

/// Whether two secrets are the same, in a time that does not depend on where they differ.
public func isEqualInConstantTime(_ one: [UInt8], _ other: [UInt8]) -> Bool {
  guard one.count == other.count else { return false }
  return unsafe CRYPTO_memcmp(one, other, one.count) == 0
}

/// A key pair for Ed25519 signatures (RFC 8032).
public struct Ed25519Key: Hashable, Sendable {
  /// The private key, 32 octets.
  public let seed: [UInt8]
  /// The public key, 32 octets.
  public let publicKey: [UInt8]

  /// Makes a new key.
  public static func make() throws(CryptoError) -> Ed25519Key {
    try Ed25519Key(seed: try randomOctets(32))
  }

  /// The key of a seed of 32 octets.
  public init(seed: [UInt8]) throws(CryptoError) {
    guard let key = unsafe EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, seed, seed.count)
    else { throw .last("Ed25519 key") }
    defer { unsafe EVP_PKEY_free(key) }
    var octets = [UInt8](repeating: 0, count: 32)
    var length = 32
    guard unsafe EVP_PKEY_get_raw_public_key(key, &octets, &length) == 1 else {
      throw .last("Ed25519 key")
    }
    self.seed = seed
    publicKey = octets
  }

  /// The signature of a message, 64 octets.
  public func sign(_ message: [UInt8]) throws(CryptoError) -> [UInt8] {
    guard let key = unsafe EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, seed, seed.count),
      let context = unsafe EVP_MD_CTX_new()
    else { throw .last("Ed25519 key") }
    defer {
      unsafe EVP_PKEY_free(key)
      unsafe EVP_MD_CTX_free(context)
    }
    var signature = [UInt8](repeating: 0, count: 64)
    var length = 64
    guard unsafe EVP_DigestSignInit(context, nil, nil, nil, key) == 1,
      unsafe EVP_DigestSign(context, &signature, &length, message, message.count) == 1
    else { throw .last("Ed25519 signature") }
    return signature
  }

  /// Whether `signature` is `publicKey`'s of `message`.
  public static func verify(
    _ signature: [UInt8], of message: [UInt8], by publicKey: [UInt8]
  ) -> Bool {
    guard publicKey.count == 32, signature.count == 64,
      let key = unsafe EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, publicKey, 32),
      let context = unsafe EVP_MD_CTX_new()
    else {
      ERR_clear_error()
      return false
    }
    defer {
      unsafe EVP_PKEY_free(key)
      unsafe EVP_MD_CTX_free(context)
      ERR_clear_error()
    }
    return unsafe EVP_DigestVerifyInit(context, nil, nil, nil, key) == 1
      && EVP_DigestVerify(context, signature, 64, message, message.count) == 1
  }
}
