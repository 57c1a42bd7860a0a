import Crypto
import Wire

/// The secret field of every form: a page of another origin can make a browser send a form here,
/// but cannot read the field that ours carry.
///
/// Nothing is kept: the token is a code over the client's address and the hour, with a key of this
/// process. One of the last hour is still good. Hours are of the monotonic clock: an activation may
/// set the other one while a form is open.
struct FormToken {
  /// Name of the field.
  static let field = "token"

  private static let hour = Interval.seconds(3_600)
  private let key: [UInt8]

  /// `key` is random and stays in this process.
  init(key: [UInt8]) { self.key = key }

  /// The token for a client.
  func make(client: String, at now: Instant) -> String {
    code(client, hour: now.nanoseconds / FormToken.hour.nanoseconds)
  }

  /// Whether a token is one of ours for this client, and not too old.
  func accepts(_ token: String?, client: String, at now: Instant) -> Bool {
    guard let token, !token.isEmpty else { return false }
    let hour = now.nanoseconds / FormToken.hour.nanoseconds
    return [hour, hour - 1].contains { hour in
      isEqualInConstantTime(Array(token.utf8), Array(code(client, hour: hour).utf8))
    }
  }

  private func code(_ client: String, hour: Int64) -> String {
    do {
      let octets = try hmacSHA256(key: key, message: Array("form \(hour) \(client)".utf8))
      return Hexadecimal.text(octets.prefix(16))
    } catch {
      // Without the code no form is taken, see `accepts`.
      return ""
    }
  }
}
