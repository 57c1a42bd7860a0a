import JSON

/// Base64 for URLs without padding (RFC 4648 5), strictly: one text per value.
public enum Base64URL {
  /// The text of some octets.
  public static func encode(_ octets: [UInt8]) -> String {
    String(
      Base64.encode(octets).compactMap { letter in
        switch letter {
        case "+": "-"
        case "/": "_"
        case "=": nil
        default: letter
        }
      })
  }

  /// The octets of a text, or nil when it is not their only encoding.
  public static func decode(_ text: some StringProtocol) -> [UInt8]? {
    var letters = ""
    for letter in text {
      switch letter {
      case "-": letters.append("+")
      case "_": letters.append("/")
      case "+", "/", "=": return nil
      default: letters.append(letter)
      }
    }
    letters += String(repeating: "=", count: (4 - letters.utf8.count % 4) % 4)
    return Base64.decode(letters)
  }
}
