import JSON

/// A token that opens a shell on one gateway for a while.
///
/// `ZTE1.PAYLOAD.SIGNATURE`, both base64url. The payload is canonical JSON, the Ed25519 signature is
/// over `ZTE1.PAYLOAD` as it stands, so that a signature under anything else is none under a token:
///
/// ```
/// {"expires":1800000000,"purpose":"emergency-shell","serial":"ZT4-0001"}
/// ```
///
/// Nothing of the payload is read before its signature is known to be right.
public struct EmergencyToken: Hashable, Sendable {
  /// Longest text of a token.
  public static let longestText = 1_024

  private let signed: [UInt8]
  private let payload: [UInt8]
  private let signature: [UInt8]

  /// Takes a token apart; blanks and line ends of a paste do no harm.
  public init(_ text: String) throws(EmergencyRefusal) {
    let clean = text.filter { !$0.isWhitespace }
    let parts = clean.split(separator: ".", omittingEmptySubsequences: false)
    guard clean.utf8.count <= Self.longestText, parts.count == 3, parts[0] == "ZTE1",
      let payload = Base64URL.decode(String(parts[1])),
      let signature = Base64URL.decode(String(parts[2])), signature.count == 64
    else { throw .damaged }
    signed = Array("ZTE1.\(parts[1])".utf8)
    self.payload = payload
    self.signature = signature
  }

  /// When it expires, in seconds since 1970, if it is good for this gateway now.
  ///
  /// - Parameters:
  ///   - time: seconds since 1970; nil: the clock was never set.
  ///   - isSigned: whether a signature (the second) is the signer's of a message (the first).
  public func expiry(
    serial: String, time: Int64?, isSigned: ([UInt8], [UInt8]) -> Bool
  ) throws(EmergencyRefusal) -> Int64 {
    guard isSigned(signed, signature) else { throw .forged }
    // Signed, and yet of no form: support made something newer than this software.
    guard let value = try? JSONParser.parse(payload),
      value["purpose"]?.string == "emergency-shell", let expires = value["expires"]?.integer,
      let owner = value["serial"]?.string
    else { throw .unknownPurpose }
    guard owner == serial else { throw .otherGateway(owner) }
    guard let time else { throw .clockNotSet }
    guard time < expires else { throw .expired }
    return expires
  }
}

/// Why a token opens nothing.
public enum EmergencyRefusal: Error, Hashable, Sendable {
  /// It is no token, or not a whole one.
  case damaged
  /// The signature is not the signer's.
  case forged
  /// It is for something else.
  case unknownPurpose
  /// It is for the gateway with this serial number.
  case otherGateway(String)
  /// Nothing can be said of its time.
  case clockNotSet
  /// Its time is over.
  case expired
}

extension EmergencyRefusal: CustomStringConvertible {
  /// One sentence with the remedy.
  public var description: String {
    switch self {
    case .damaged: "The token is damaged: copy it whole, from ZTE1. to its end."
    case .forged: "The token is not signed by support, or damaged: ask for another."
    case .unknownPurpose: "The token is not for a shell: ask support for another."
    case .otherGateway(let serial):
      "The token is for the gateway \(serial), not for this one: ask support for another."
    case .clockNotSet:
      "The clock of this gateway was never set, so that a token cannot be judged; connect the WAN."
    case .expired: "The token has expired: ask support for another."
    }
  }
}
