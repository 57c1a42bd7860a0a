/// One column of a table.
struct Column {
  /// Its heading.
  var title: String
  /// Where a press on the heading leads; nil: not sorted by it.
  var sortLink: String?
  /// Whether the rows are in its order: true ascending, false descending, nil not.
  var isAscending: Bool?
  /// The heading is for screen readers only (columns of buttons).
  var isQuiet = false
  /// Numbers stand at the right.
  var isNumber = false

  init(_ title: String) { self.title = title }

  /// A column of buttons.
  static let actions: Column = {
    var column = Column("Actions")
    column.isQuiet = true
    return column
  }()
}

/// A table. On a narrow screen each row becomes a card (by the style sheet); the roles are written
/// out because browsers drop them from elements that are displayed otherwise.
struct Table {
  /// What the table holds, for screen readers.
  var caption: String
  var columns: [Column]
  /// Cells of each row; the first is the row's heading.
  var rows: [[Markup]]

  var markup: Markup {
    """
    <table role="table" class="\(isSortable ? "sortable" : "plain")"><caption class="unseen">\(caption)</caption>\
    <thead role="rowgroup"><tr role="row">\(columns.map(heading))</tr></thead>\
    <tbody role="rowgroup">\(rows.map(row))</tbody></table>
    """
  }

  private var isSortable: Bool { columns.contains { $0.sortLink != nil } }

  /// The table in a card of its own, which scrolls when the table is wider; it can be focused, so
  /// that it can be scrolled with the keyboard.
  var list: Markup {
    """
    <section class="card list" tabindex="0" aria-label="\(caption)">\(markup)</section>
    """
  }

  private func heading(_ column: Column) -> Markup {
    let order = column.isAscending.map { $0 ? "ascending" : "descending" }
    let kind = column.isNumber ? "number" : (column.isQuiet ? "actions" : "words")
    return """
      <th scope="col" role="columnheader" class="\(kind)"\("aria-sort", order)>\
      \(headingText(column))</th>
      """
  }

  private func headingText(_ column: Column) -> Markup {
    if column.isQuiet { return "<span class=\"unseen\">\(column.title)</span>" }
    guard let link = column.sortLink else { return "\(column.title)" }
    let arrow = column.isAscending.map { ($0 ? Icon.ascending : .descending).markup }
    return "<a href=\"\(link)\">\(column.title)\(arrow)</a>"
  }

  private func row(_ cells: [Markup]) -> Markup {
    let parts = cells.indices.map { index -> Markup in
      let column = columns[index]
      if index == 0 {
        return "<th scope=\"row\" role=\"rowheader\">\(cells[index])</th>"
      }
      let kind = column.isNumber ? "number" : (column.isQuiet ? "actions" : "words")
      let label = column.isQuiet ? nil : column.title
      return "<td role=\"cell\" class=\"\(kind)\"\("data-label", label)>\(cells[index])</td>"
    }
    return "<tr role=\"row\">\(parts)</tr>"
  }
}

/// What stands where a list would be when it is empty: why, and the next step.
struct EmptyState {
  var icon: Icon
  var title: String
  var text: String
  var action: Markup?

  var markup: Markup {
    """
    <div class="empty">\(icon.markup)<h2>\(title)</h2><p>\(text)</p>\(action)</div>
    """
  }
}
