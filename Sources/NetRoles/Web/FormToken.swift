import Crypto

/// The secret field of every form: a page of another origin can make a browser send a form here,
/// but cannot read the field that ours carry.
///
/// Nothing is kept: the token is a code over the client's address and the hour, with a key of this
/// process. One of the last hour is still good.
struct FormToken {
  /// Name of the field.
  static let field = "token"

  private static let secondsPerHour: Int64 = 3_600
  private let key: [UInt8]

  /// `key` is random and stays in this process.
  init(key: [UInt8]) { self.key = key }

  /// The token for a client.
  func make(client: String, seconds: Int64) -> String {
    code(client, hour: seconds / FormToken.secondsPerHour)
  }

  /// Whether a token is one of ours for this client, and not too old.
  func accepts(_ token: String?, client: String, seconds: Int64) -> Bool {
    guard let token, !token.isEmpty else { return false }
    let hour = seconds / FormToken.secondsPerHour
    return [hour, hour - 1].contains { hour in
      isEqualInConstantTime(Array(token.utf8), Array(code(client, hour: hour).utf8))
    }
  }

  private func code(_ client: String, hour: Int64) -> String {
    do {
      let octets = try hmacSHA256(key: key, message: Array("form \(hour) \(client)".utf8))
      return octets.prefix(16).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    } catch {
      // Without the code no form is taken, see `accepts`.
      return ""
    }
  }
}
