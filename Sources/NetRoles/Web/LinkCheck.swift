import Activation
import Crypto
import Wire

/// Why a link is not taken, in the words that people see.
struct LinkRefusal: Error, Hashable {
  /// One sentence.
  let sentence: String

  static let damaged = LinkRefusal(sentence: "This link is damaged; copy it again.")
  static let newer = LinkRefusal(
    sentence: "This link is of a newer version; update this appliance first.")
  static let activated = LinkRefusal(sentence: "This appliance is already activated.")

  static func platform(_ link: String, here: String) -> LinkRefusal {
    LinkRefusal(sentence: "This link is for a \(link); this is a \(here).")
  }
}

/// Reads a link as it was pasted and checks what can be checked on the appliance: that it is whole,
/// that its signature fits, and that it is for this model. The rest is the portal's to say.
enum LinkCheck {
  /// What may stand in front of `ZTB1.`; anything else means that more was damaged than the eye
  /// sees.
  private static let beginnings = [
    "", "#", "http://192.168.0.1/activate#", "https://192.168.0.1/activate#",
  ]

  /// The link, if it is good for a `profile`.
  static func read(_ typed: String, profile: String) throws(LinkRefusal) -> SignedActivationLink {
    // A person's copy may have four times as many octets of line breaks and spaces, not more.
    guard typed.utf8.count <= 4 * ActivationLink.Limits.characters else { throw .damaged }
    let text = String(typed.filter { !$0.isWhitespace })
    guard let start = text.firstRange(of: "ZTB")?.lowerBound,
      beginnings.contains(String(text[..<start]))
    else { throw .damaged }
    let signed: SignedActivationLink
    do throws(ActivationLinkError) {
      signed = try SignedActivationLink(parsing: text)
    } catch { throw error == .unknownVersion ? .newer : .damaged }
    guard Ed25519Key.verify(signed.signature, of: signed.signedText, by: signed.link.key) else {
      throw .damaged
    }
    guard signed.link.platform == profile else {
      throw .platform(signed.link.platform, here: profile)
    }
    return signed
  }
}

extension SignedActivationLink {
  /// The link from `ZTB1.` on, as it is kept in forms and handed to the supervisor.
  var text: String {
    String(decoding: signedText, as: UTF8.self) + "." + Base64URL.encode(signature)
  }
}
