/// Why a cryptographic operation did not happen.
public enum CryptoError: Error, Hashable, Sendable {
  /// A key, nonce or message has `count` octets where the algorithm asks for another number.
  case invalidLength(count: Int)
  /// The message was changed on the way, or sealed with another key, nonce or additional data.
  case notAuthentic
  /// OpenSSL refused `operation` with its error `code` (0 when it left none).
  case library(operation: String, code: UInt)
}
