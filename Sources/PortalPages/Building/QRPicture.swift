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
      <path d="\(path)" fill="#000"/></svg>
      """
  }

  /// One rectangle for each run of dark modules.
  private var path: String {
    var path = ""
    for (y, row) in modules.enumerated() {
      var x = 0
      while x < row.count {
        guard row[x] else {
          x += 1
          continue
        }
        let start = x
        while x < row.count, row[x] { x += 1 }
        path += "M\(start + 4) \(y + 4)h\(x - start)v1h-\(x - start)z"
      }
    }
    return path
  }
}
