import Configuration
import Wire

/// Collects what is wrong with the values of a request, so that all of it is told at once.
struct Checker {
  private(set) var problems: [PortalError.Problem] = []

  /// Longest name of a template, site or user, in octets.
  static let nameLimitBytes = 64

  mutating func add(_ path: String, _ message: String) {
    guard !problems.contains(where: { $0.path == path }) else { return }
    problems.append(.init(path, message))
  }

  /// Throws if anything is wrong.
  func finish() throws(PortalError) { if !problems.isEmpty { throw .invalid(problems) } }

  /// A name that people give: no control characters, no space at the ends.
  mutating func name(_ text: String, at path: String) -> String {
    if text.isEmpty {
      add(path, "is missing")
    } else if text.utf8.count > Self.nameLimitBytes {
      add(path, "is longer than \(Self.nameLimitBytes) octets")
    } else if text.first == " " || text.last == " "
      || text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7f })
    {
      add(path, "must not begin or end with a space, or hold control characters")
    }
    return text
  }

  /// A name of a gateway: a label of a host name.
  mutating func label(_ text: String, at path: String) -> String {
    let isLabel =
      (1...63).contains(text.utf8.count) && text.first != "-" && text.last != "-"
      && text.utf8.allSatisfy { octet in
        octet == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(octet)
          || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(octet | 0x20)
      }
    if !isLabel {
      add(path, "'\(text)' is not a host name of 1…63 letters, digits or '-'")
    }
    return text
  }

  /// One of the words of an enumeration.
  mutating func word<Word: RawRepresentable & CaseIterable>(
    _ text: String, at path: String, _ type: Word.Type
  ) -> Word? where Word.RawValue == String {
    if let value = Word(rawValue: text) { return value }
    let words = Word.allCases.map(\.rawValue).joined(separator: ", ")
    add(path, text.isEmpty ? "is missing; one of \(words)" : "'\(text)' is not one of \(words)")
    return nil
  }

  /// The kind of deployment of a template.
  mutating func deployment(_ text: String, at path: String) -> Deployment? {
    if let value = Template.deployments.first(where: { $0.rawValue == text }) { return value }
    let words = Template.deployments.map(\.rawValue).joined(separator: ", ")
    add(path, text.isEmpty ? "is missing; one of \(words)" : "'\(text)' is not one of \(words)")
    return nil
  }

  /// A model.
  mutating func platform(_ text: String, at path: String) -> String {
    if Profile(named: text) == nil {
      let names = Profile.all.map(\.name).joined(separator: ", ")
      add(path, text.isEmpty ? "is missing; one of \(names)" : "'\(text)' is not one of \(names)")
    }
    return text
  }

  /// An address.
  mutating func address(_ text: String, at path: String) -> IPv4Address? {
    if let address = IPv4Address(text) { return address }
    add(path, text.isEmpty ? "is missing" : "'\(text)' is not an address such as 192.0.2.1")
    return nil
  }

  /// An address with the length of its network.
  mutating func prefix(_ text: String, at path: String) -> IPv4Prefix? {
    if let prefix = IPv4Prefix(text) { return prefix }
    add(path, text.isEmpty ? "is missing" : "'\(text)' is not an address such as 192.0.2.1/24")
    return nil
  }

  /// A VLAN; empty or `none`: untagged.
  mutating func vlan(_ text: String, at path: String) -> UInt16? {
    if text.isEmpty || text == "none" { return nil }
    if let number = UInt16(text), (1...4094).contains(number) { return number }
    add(path, "'\(text)' is not in 1…4094, or none")
    return nil
  }
}
