/// Percent coding (RFC 3986 2.1) and forms (URL Standard 5).
public enum URLCoding {
  /// Decodes `%41`, and `+` as a space when `plus`; nil for half an escape or what is no UTF-8.
  public static func decode(_ text: some StringProtocol, plus: Bool) -> String? {
    var octets: [UInt8] = []
    var rest = text.utf8.makeIterator()
    while let octet = rest.next() {
      switch octet {
      case UInt8(ascii: "%"):
        guard let high = rest.next().flatMap(digit), let low = rest.next().flatMap(digit) else {
          return nil
        }
        octets.append(high << 4 | low)
      case UInt8(ascii: "+") where plus: octets.append(UInt8(ascii: " "))
      default: octets.append(octet)
      }
    }
    return String(validating: octets, as: UTF8.self)
  }

  /// Encodes everything but unreserved characters.
  public static func encode(_ text: String) -> String {
    var result = ""
    for octet in text.utf8 {
      switch octet {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "_"), UInt8(ascii: "~"):
        result.unicodeScalars.append(Unicode.Scalar(octet))
      default:
        let digits = String(octet, radix: 16, uppercase: true)
        result += "%" + (digits.utf8.count < 2 ? "0" : "") + digits
      }
    }
    return result
  }

  /// Names and values of a form or a query; what cannot be decoded is left out.
  public static func fields(_ text: some StringProtocol) -> [HTTPField] {
    text.split(separator: "&").compactMap { part in
      let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = decode(pair[0], plus: true),
        let value = decode(pair.count > 1 ? pair[1] : "", plus: true)
      else { return nil }
      return HTTPField(name, value)
    }
  }

  private static func digit(_ octet: UInt8) -> UInt8? {
    switch octet {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): octet - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): octet - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): octet - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}

/// Text inside HTML.
public enum HTML {
  /// Escapes what has a meaning in text and in quoted attributes.
  public static func escape(_ text: some StringProtocol) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}

extension [HTTPField] {
  /// The first value of a name.
  public subscript(name: String) -> String? { first { $0.name == name }?.value }
}
