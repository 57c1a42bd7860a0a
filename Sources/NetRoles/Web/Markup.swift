import HTTP

/// A piece of HTML, written as a literal: its own text is markup, and every text that is
/// interpolated is escaped, so that what somebody typed or a link said never becomes an element.
struct Markup: Hashable, ExpressibleByStringInterpolation {
  /// The HTML.
  let html: String

  /// Takes HTML as it is.
  init(raw: String) { html = raw }

  init(stringLiteral value: String) { html = value }
  init(stringInterpolation: StringInterpolation) { html = stringInterpolation.html }

  /// Several pieces, one behind the other.
  init(_ parts: [Markup]) { html = parts.map(\.html).joined() }

  /// No markup at all.
  static let none = Markup(raw: "")

  /// Collects the pieces of a literal.
  struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var html = ""

    init(literalCapacity: Int, interpolationCount: Int) { html.reserveCapacity(literalCapacity) }

    mutating func appendLiteral(_ literal: String) { html += literal }

    /// Text of any origin: escaped.
    mutating func appendInterpolation(_ text: some StringProtocol) { html += HTML.escape(text) }

    mutating func appendInterpolation(_ number: Int) { html += String(number) }

    mutating func appendInterpolation(_ markup: Markup) { html += markup.html }

    /// ` name`, or nothing.
    mutating func appendInterpolation(_ name: StaticString, if isSet: Bool) {
      if isSet { html += " \(name)" }
    }
  }
}
