/// A QR code as a picture: dark modules on white, whatever the colours of the page, with the
/// quiet zone of four modules that readers need (ISO/IEC 18004 6.3.8).
struct QRPicture {
  /// By rows; true is dark.
  var modules: [[Bool]]

  func markup(title: String) -> Markup {
    guard !modules.isEmpty else { return .none }
    let size = modules.count + 8
    return """
      <svg class="qr" viewBox="0 0 \(size) \(size)" role="img" aria-label="\(title)" \
      shape-rendering="crispEdges"><rect width="\(size)" height="\(size)" fill="#fff"/>\
      <path d="\(path)" stroke="#000" fill="none"/></svg>
      """
  }

  /// One line for each run of dark modules, through their middle; the first of a row is placed,
  /// the others follow it, which is half as long as placing all.
  private var path: String {
    var path = ""
    for (y, row) in modules.enumerated() {
      var x = 0
      var pen: Int?
      while x < row.count {
        guard row[x] else {
          x += 1
          continue
        }
        let start = x
        while x < row.count, row[x] { x += 1 }
        path += pen.map { "m\(start - $0) 0" } ?? "M\(start + 4) \(y + 4).5"
        path += "h\(x - start)"
        pen = x
      }
    }
    return path
  }
}
