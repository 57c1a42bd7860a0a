import Configuration

/// A path check of the VRRP panel as it was typed, nothing checked. Nil: what is usual.
struct CheckInput: Hashable {
  var name = ""
  var kind = ""
  var target = ""
  var intervalMs: Int64?
  var timeoutMs: Int64?
  var fall: Int64?
  var rise: Int64?
  var weight: Int64?

  /// The checks with every problem told; what a target and a name may be the document decides.
  static func checked(_ inputs: [CheckInput], _ check: inout Checker) -> [PanelCheck] {
    if inputs.count > PanelCheck.limit {
      check.add("checks", "\(inputs.count) are more than the \(PanelCheck.limit) supported")
    }
    var names: Set<String> = []
    return inputs.prefix(PanelCheck.limit).enumerated().compactMap { index, input in
      if !names.insert(input.name).inserted {
        check.add("checks[\(index)].name", "'\(input.name)' is the name of another check too")
      }
      return input.checked("checks[\(index)]", &check)
    }
  }

  private func checked(_ path: String, _ check: inout Checker) -> PanelCheck? {
    guard let kind = PathCheckSettings.Kind(rawValue: kind) else {
      check.add("\(path).kind", "'\(kind)' is not icmp or http")
      return nil
    }
    var result = PanelCheck(name: name, kind: kind, target: target)
    let fields: [(String, Int64?, ClosedRange<Int64>, (Int) -> Void)] = [
      ("intervalMs", intervalMs, 100...60_000, { result.intervalMs = $0 }),
      ("timeoutMs", timeoutMs, 10...60_000, { result.timeoutMs = $0 }),
      ("fall", fall, 1...10, { result.fall = $0 }), ("rise", rise, 1...10, { result.rise = $0 }),
      ("weight", weight, 1...254, { result.weight = UInt8($0) }),
    ]
    for (key, value, range, set) in fields {
      guard let value else { continue }
      if range.contains(value) {
        set(Int(value))
      } else {
        check.add("\(path).\(key)", "\(value) is not in \(range.lowerBound)…\(range.upperBound)")
      }
    }
    return result
  }
}
