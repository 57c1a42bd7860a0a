/// A drawing of a probe stream around an event: one dot per answered probe at its round trip, one
/// red stroke per lost one. No script, no font file, readable on white and on dark pages.
struct ProbePicture {
  let samples: [ProbeSample]
  let blackoutMs: Double
  let title: String

  private static let width = 960.0
  private static let height = 320.0
  private static let left = 64.0
  private static let right = 24.0
  private static let top = 56.0
  private static let bottom = 48.0

  /// The drawing.
  var svg: String {
    let shown = samples.filter { $0.sentMs >= range.lowerBound && $0.sentMs <= range.upperBound }
    return """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(n(Self.width)) \(n(Self.height))"
       font-family="sans-serif" font-size="13" role="img">
      <title>\(title)</title>
      <rect width="100%" height="100%" fill="#ffffff"/>
      <text x="\(n(Self.left))" y="28" font-size="17" fill="#1a1a1a">\(title)</text>
      \(axes)
      \(shade(shown))
      \(shown.map(mark).joined(separator: "\n"))
      </svg>

      """
  }

  /// Milliseconds around the event that are shown: room for three blackouts, at least 150 ms.
  private var range: ClosedRange<Double> {
    let after = max(150, blackoutMs * 3)
    return -after / 2...after
  }

  /// The largest round trip shown, in milliseconds.
  private var ceiling: Double {
    let answered = samples.filter { range.contains($0.sentMs) && $0.roundTripMs >= 0 }
    return max(0.5, answered.map(\.roundTripMs).quantile(0.99) * 1.5)
  }

  private func x(_ ms: Double) -> Double {
    let span = range.upperBound - range.lowerBound
    return Self.left + (ms - range.lowerBound) / span * (Self.width - Self.left - Self.right)
  }

  private func y(_ roundTripMs: Double) -> Double {
    let part = min(1, roundTripMs / ceiling)
    return Self.height - Self.bottom - part * (Self.height - Self.top - Self.bottom)
  }

  private func mark(_ sample: ProbeSample) -> String {
    let at = n(x(sample.sentMs))
    if sample.roundTripMs < 0 {
      return
        "<path d=\"M\(at) \(n(y(0)))V\(n(y(0) - 14))\" stroke=\"#c62828\" stroke-width=\"1.5\"/>"
    }
    return "<circle cx=\"\(at)\" cy=\"\(n(y(sample.roundTripMs)))\" r=\"2.2\" fill=\"#1565c0\"/>"
  }

  /// The time between the last answer before and the first after the longest loss.
  private func shade(_ shown: [ProbeSample]) -> String {
    let lost = shown.filter { $0.roundTripMs < 0 }.map(\.sentMs)
    guard let first = lost.first, let last = lost.last else { return "" }
    let middle = (x(first) + x(last)) / 2
    return """
      <rect x="\(n(x(first)))" y="\(n(Self.top))" width="\(n(x(last) - x(first)))" \
      height="\(n(y(0) - Self.top))" fill="#c62828" fill-opacity="0.10"/>
      <text x="\(n(middle))" y="\(n(Self.top + 18))" text-anchor="middle" fill="#c62828">\
      \(blackoutMs.text()) ms</text>
      """
  }

  private var axes: String {
    let floor = y(0)
    var parts = [
      "<path d=\"M\(n(Self.left)) \(n(Self.top))V\(n(floor))H\(n(Self.width - Self.right))\" "
        + "fill=\"none\" stroke=\"#555\"/>",
      "<path d=\"M\(n(x(0))) \(n(Self.top))V\(n(floor))\" stroke=\"#555\" stroke-dasharray=\"4 3\"/>",
      text(x(0), Self.top - 8, "power cut", "middle"),
      text(Self.width - Self.right, Self.height - 12, "milliseconds after the event", "end"),
      text(Self.left, Self.top - 8, "round trip", "start"),
      text(Self.left - 8, y(ceiling) + 5, "\(ceiling.text(1)) ms", "end"),
      text(Self.left - 8, floor + 4, "0", "end"),
    ]
    let step = [10.0, 20, 50, 100, 200, 500, 1000, 2000].first {
      $0 * 10 >= range.upperBound - range.lowerBound
    }
    for tick in stride(from: -20.0, through: 20, by: 1).map({ $0 * (step ?? 5000) })
    where range.contains(tick) {
      parts.append("<path d=\"M\(n(x(tick))) \(n(floor))v5\" stroke=\"#555\"/>")
      parts.append(text(x(tick), floor + 20, tick.text(), "middle"))
    }
    return parts.joined(separator: "\n")
  }

  private func text(_ x: Double, _ y: Double, _ content: String, _ anchor: String) -> String {
    "<text x=\"\(n(x))\" y=\"\(n(y))\" text-anchor=\"\(anchor)\" fill=\"#555\">\(content)</text>"
  }

  private func n(_ value: Double) -> String { value.text(1) }
}
