/// Octets that never show up in a log or a message; only ``octets`` gives them away.
public struct Secret: Hashable, Sendable {
  /// The secret itself.
  public let octets: [UInt8]

  /// Hides some octets.
  public init(_ octets: [UInt8]) { self.octets = octets }

  /// Hides a text.
  public init(_ text: String) { octets = Array(text.utf8) }

  /// What is shown instead of a secret.
  static let redacted = "(secret)"

  /// The octets as text.
  var text: String { String(decoding: octets, as: UTF8.self) }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible {
  /// Never the secret.
  public var description: String { Secret.redacted }
  /// Never the secret.
  public var debugDescription: String { Secret.redacted }
}
