/// Names and values under each other.
struct Facts {
  private var rows: [Markup] = []

  /// Adds a line; an empty value shows as a dash.
  mutating func add(_ name: String, _ value: String) {
    add(name, markup: value.isEmpty ? "<span class=\"quiet\">–</span>" : "\(value)")
  }

  /// Adds a line in the face for addresses.
  mutating func add(_ name: String, code value: String) {
    guard !value.isEmpty else { return add(name, "") }
    add(name, markup: "<span class=\"code\">\(value)</span>")
  }

  /// Adds a line of markup.
  mutating func add(_ name: String, markup: Markup) {
    rows.append("<div><dt>\(name)</dt><dd>\(markup)</dd></div>")
  }

  var isEmpty: Bool { rows.isEmpty }
  var markup: Markup { "<dl class=\"facts\">\(rows)</dl>" }
}
