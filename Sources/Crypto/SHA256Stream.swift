import COpenSSL

/// SHA-256 of octets that come in pieces (FIPS 180-4).
@safe public final class SHA256Stream {
  private let context: OpaquePointer

  /// Begins with no octets.
  public init() throws(CryptoError) {
    guard let context = unsafe EVP_MD_CTX_new() else { throw .last("EVP_MD_CTX_new") }
    unsafe self.context = unsafe context
    guard unsafe EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
      throw .last("EVP_DigestInit_ex")
    }
  }

  deinit { unsafe EVP_MD_CTX_free(context) }

  /// Takes the next piece.
  public func update(_ octets: some Collection<UInt8>) {
    let contiguous = ContiguousArray(octets)
    unsafe contiguous.withUnsafeBytes { unsafe update($0) }
  }

  /// Takes the next piece.
  public func update(_ octets: UnsafeRawBufferPointer) {
    // It fails for a context that was not initialised only.
    let done = unsafe EVP_DigestUpdate(context, octets.baseAddress, octets.count)
    precondition(done == 1, "a digest takes octets")
  }

  /// The digest, 32 octets. The last use of the stream.
  public func finish() -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
    let done = unsafe EVP_DigestFinal_ex(context, &digest, nil)
    precondition(done == 1, "a digest ends once")
    return digest
  }
}
