import Glibc
import Linux
import Wire

/// What people see. Lines go out at once, so that progress is progress.
enum Output {
  /// Prints one line to standard output.
  static func line(_ text: String = "") { write(1, text + "\n") }

  /// Prints one line to standard error.
  static func error(_ text: String) { write(2, "ztb-lab: \(text)\n") }

  /// Prints a table with aligned columns; numbers are meant to be right-aligned already in sense.
  static func table(_ rows: [[String]]) {
    guard let columns = rows.map(\.count).max() else { return }
    let widths = (0..<columns).map { column in
      rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
    }
    for row in rows {
      let cells = row.enumerated().map { column, cell in
        column == row.count - 1 ? cell : cell.padded(widths[column])
      }
      line("  " + cells.joined(separator: "  "))
    }
  }

  private static func write(_ descriptor: Int32, _ text: String) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = unsafe Array(rest).withUnsafeBytes {
        unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
      }
      if count <= 0 { return }
      rest = rest.dropFirst(count)
    }
  }
}

extension String {
  /// With blanks on the right up to `width`.
  func padded(_ width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}

extension Double {
  /// With a fixed number of decimals.
  func text(_ decimals: Int = 0) -> String {
    guard isFinite else { return "–" }
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    let whole = Int((magnitude * scale).rounded())
    let sign = self < 0 && whole > 0 ? "-" : ""
    if decimals == 0 { return "\(sign)\(whole)" }
    let digits = String(repeating: "0", count: max(0, decimals + 1 - "\(whole)".count)) + "\(whole)"
    return "\(sign)\(digits.dropLast(decimals)).\(digits.suffix(decimals))"
  }
}

extension [Double] {
  /// The middle value; not a number for none.
  var median: Double { quantile(0.5) }

  /// The value below which `part` (0…1) of all lie; not a number for none.
  func quantile(_ part: Double) -> Double {
    let ordered = sorted()
    guard let last = ordered.indices.last else { return .nan }
    return ordered[Int((Double(last) * part).rounded())]
  }
}
