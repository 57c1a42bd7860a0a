import COpenSSL

/// One TLS 1.3 connection between two nodes that share a key, over a connected non-blocking
/// descriptor.
///
/// TLS_AES_128_GCM_SHA256 with an external preshared key and a fresh Diffie-Hellman exchange
/// (`psk_dhe_ke`, RFC 8446 4.2.9). Older versions, other suites, tickets and certificates are
/// refused on both sides, so a peer is who it says or there is no connection. The descriptor stays
/// the caller's, who closes it after the channel is gone, and ignores SIGPIPE.
///
/// Not to be shared between threads.
@safe public final class TLSChannel {
  /// Which end this is.
  public enum Role: Sendable {
    /// Speaks first.
    case client
    /// Answers.
    case server
  }

  /// What came of one step; would-block is a value.
  public enum Progress: Hashable, Sendable {
    /// The handshake is complete, or this many octets moved.
    case done(Int)
    /// Nothing moved: call again with the same arguments when the descriptor is readable.
    case wantsRead
    /// Nothing moved: call again with the same arguments when the descriptor is writable.
    case wantsWrite
    /// The peer closed the connection, or the transport broke.
    case closed
  }

  private let ssl: OpaquePointer
  private let key: PresharedKey
  private var scratch = [UInt8](repeating: 0, count: Int(SSL3_RT_MAX_PLAIN_LENGTH))
  /// The transport broke or the peer failed: OpenSSL forbids further calls, also shutdown.
  private var failed = false

  /// Prepares the handshake on `descriptor`, a connected stream socket in non-blocking mode.
  ///
  /// `key` has 16…64 octets and is used for nothing else; both ends give the same `identity`.
  public init(
    _ role: Role, descriptor: Int32, identity: String, key: [UInt8]
  ) throws(CryptoError) {
    guard (16...64).contains(key.count) else { throw .invalidLength(count: key.count) }
    self.key = PresharedKey(identity: identity, key: key)
    unsafe ssl = try Self.make()
    unsafe self.key.install(on: ssl)
    guard unsafe SSL_set_fd(ssl, descriptor) == 1 else {
      throw .last("SSL_set_fd")
    }
    switch role {
    case .client:
      // No certificate is trusted, so that one shown instead of the key ends the handshake.
      unsafe SSL_set_verify(ssl, SSL_VERIFY_PEER, nil)
      unsafe SSL_set_connect_state(ssl)
    case .server: unsafe SSL_set_accept_state(ssl)
    }
  }

  deinit { unsafe SSL_free(ssl) }

  /// Goes on with the handshake; `.done(0)` when it is complete.
  ///
  /// Throws when the peer has another key or identity, or offers less than TLS 1.3.
  public func handshake() throws(CryptoError) -> Progress {
    guard !failed else { return .closed }
    ERR_clear_error()
    let result = unsafe SSL_do_handshake(ssl)
    guard result == 1 else { return try progress(after: result, "TLS handshake") }
    // A resumption is what OpenSSL calls the use of a preshared key. Without one, a certificate
    // was shown, which proves nothing here.
    guard unsafe SSL_session_reused(ssl) == 1 else {
      failed = true
      throw .notAuthentic
    }
    return .done(0)
  }

  /// Appends up to 16 384 octets that the peer sent to `buffer`.
  ///
  /// Call again until it returns something else than `.done`: decrypted octets do not make the
  /// descriptor readable.
  public func read(into buffer: inout [UInt8]) throws(CryptoError) -> Progress {
    guard !failed else { return .closed }
    ERR_clear_error()
    let count = unsafe SSL_read(ssl, &scratch, Int32(scratch.count))
    guard count > 0 else { return try progress(after: count, "TLS read") }
    buffer.append(contentsOf: scratch[..<Int(count)])
    return .done(Int(count))
  }

  /// Sends the first octets of `bytes`; says how many, at most one record of 16 384.
  ///
  /// An empty slice is done with 0 octets. After would-block, the next call begins with the same
  /// octets (OpenSSL has sealed them already).
  public func write(_ bytes: ArraySlice<UInt8>) throws(CryptoError) -> Progress {
    guard !failed else { return .closed }
    guard !bytes.isEmpty else { return .done(0) }
    ERR_clear_error()
    let count = unsafe bytes.withUnsafeBufferPointer { source in
      unsafe SSL_write(ssl, source.baseAddress, Int32(source.count))
    }
    guard count > 0 else { return try progress(after: count, "TLS write") }
    return .done(Int(count))
  }

  /// Octets that are decrypted and not yet read.
  public var pending: Int { Int(unsafe SSL_pending(ssl)) }

  /// Tells the peer that nothing more follows, as far as the descriptor takes it now.
  public func shutdown() {
    guard !failed else { return }
    ERR_clear_error()
    // Best effort: the peer notices the closed descriptor in any case.
    _ = unsafe SSL_shutdown(ssl)
    ERR_clear_error()
  }

  /// What `result`, which was not success, means.
  private func progress(
    after result: Int32, _ operation: String
  ) throws(CryptoError) -> Progress {
    switch unsafe SSL_get_error(ssl, result) {
    case SSL_ERROR_WANT_READ: return .wantsRead
    case SSL_ERROR_WANT_WRITE: return .wantsWrite
    case SSL_ERROR_ZERO_RETURN: return .closed
    case SSL_ERROR_SYSCALL:
      failed = true
      return .closed
    default:
      failed = true
      let code = ERR_peek_error()
      if ztb_err_reason(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING {
        return .closed
      }
      throw .last(operation)
    }
  }

  /// A connection object that speaks nothing but what the type says.
  private static func make() throws(CryptoError) -> OpaquePointer {
    guard let context = unsafe SSL_CTX_new(TLS_method()) else { throw .last("SSL_CTX_new") }
    // The connection holds its own reference.
    defer { unsafe SSL_CTX_free(context) }
    guard
      unsafe ztb_ssl_ctx_only_version(context, TLS1_3_VERSION) == 1
        && SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256") == 1
        && SSL_CTX_set_num_tickets(context, 0) == 1
    else { throw .last("SSL_CTX_set") }
    unsafe ztb_ssl_ctx_set_options(context)
    unsafe ztb_ssl_ctx_set_mode(context)
    unsafe ztb_ssl_ctx_no_sessions(context)
    guard let ssl = unsafe SSL_new(context) else { throw .last("SSL_new") }
    return unsafe ssl
  }
}
