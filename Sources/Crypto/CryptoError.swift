import COpenSSL

/// Why a cryptographic operation did not happen.
public enum CryptoError: Error, Hashable, Sendable {
  /// A key, nonce or message has `count` octets where the algorithm asks for another number.
  case invalidLength(count: Int)
  /// The message was changed on the way, or sealed with another key, nonce or additional data.
  case notAuthentic
  /// OpenSSL refused `operation` with its error `code` (0 when it left none).
  case library(operation: String, code: UInt)
}

extension CryptoError: CustomStringConvertible {
  /// One phrase for a log line; holds no secret.
  public var description: String {
    switch self {
    case .invalidLength(let count): return "\(count) octets is not a valid length"
    case .notAuthentic: return "not authentic"
    case .library(let operation, let code):
      // Loads the texts, once per process; there is nothing to do when it cannot. Without the
      // options, OpenSSL 3.0 can return while another thread is still loading them.
      _ = OPENSSL_init_ssl(
        UInt64(OPENSSL_INIT_LOAD_SSL_STRINGS | OPENSSL_INIT_LOAD_CRYPTO_STRINGS), nil)
      guard let reason = unsafe ERR_reason_error_string(code) else {
        return "\(operation): error \(code)"
      }
      return unsafe "\(operation): \(String(cString: reason))"
    }
  }
}
