import HTTP

/// A piece of HTML.
///
/// It is written as a literal: the literal's own text is markup, and every `String` that is
/// interpolated is escaped. So what a person typed can become text, never an element, and
/// forgetting to escape is not possible; `raw` is for the few places that assemble markup.
struct Markup: Hashable, Sendable {
  /// The HTML.
  let html: String

  /// Takes HTML as it is.
  init(raw: String) { html = raw }

  /// No markup at all.
  static let none = Markup(raw: "")
}

extension Markup: ExpressibleByStringInterpolation {
  init(stringLiteral value: String) { html = value }
  init(stringInterpolation: StringInterpolation) { html = stringInterpolation.html }

  /// Collects the pieces of a literal.
  struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var html = ""

    init(literalCapacity: Int, interpolationCount: Int) { html.reserveCapacity(literalCapacity) }

    mutating func appendLiteral(_ literal: String) { html += literal }

    /// Text of any origin: escaped.
    mutating func appendInterpolation(_ text: some StringProtocol) { html += HTML.escape(text) }

    mutating func appendInterpolation(_ number: Int) { html += String(number) }

    mutating func appendInterpolation(_ markup: Markup?) { html += markup?.html ?? "" }

    mutating func appendInterpolation(_ parts: [Markup]) {
      for part in parts { html += part.html }
    }

    /// ` name="value"`, or nothing for nil.
    mutating func appendInterpolation(_ name: StaticString, _ value: String?) {
      guard let value else { return }
      html += " \(name)=\"\(HTML.escape(value))\""
    }

    /// ` name`, or nothing.
    mutating func appendInterpolation(_ name: StaticString, if isSet: Bool) {
      if isSet { html += " \(name)" }
    }
  }
}

extension Markup {
  static func + (left: Markup, right: Markup) -> Markup { Markup(raw: left.html + right.html) }

  /// A text in the face for addresses; nothing for no text.
  static func code(_ text: String) -> Markup {
    text.isEmpty ? .none : "<span class=\"code\">\(text)</span>"
  }

  /// The pieces one after another.
  init(_ parts: [Markup]) { html = parts.map(\.html).joined() }
}
