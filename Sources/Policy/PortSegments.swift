extension PolicyMatrix.Segment {
  /// What is left of layers that lie over each other, the first on top: sorted, without overlap,
  /// neighbours with one decision joined.
  ///
  /// - Complexity: O(*n* log *n*): each piece between two borders is taken once.
  static func flattened(_ layers: [PolicyMatrix.Segment]) -> [PolicyMatrix.Segment] {
    // A piece reaches from its border to the next; the number behind the last port needs 17 bits.
    let borders = Set(layers.flatMap { [Int($0.ports.lowerBound), Int($0.ports.upperBound) + 1] })
      .sorted()
    let pieces = Dictionary(uniqueKeysWithValues: zip(borders, borders.indices))
    var owners = [Int?](repeating: nil, count: borders.count)
    // From each piece to the next that nobody has, in ever longer steps.
    var free = Array(borders.indices)
    func firstFree(_ piece: Int) -> Int {
      var end = piece
      while free[end] != end { end = free[end] }
      var step = piece
      while free[step] != end { (step, free[step]) = (free[step], end) }
      return end
    }
    for (layer, segment) in layers.enumerated() {
      guard let start = pieces[Int(segment.ports.lowerBound)],
        let end = pieces[Int(segment.ports.upperBound) + 1]
      else { preconditionFailure("every layer has its borders") }
      var piece = firstFree(start)
      while piece < end {
        owners[piece] = layer
        free[piece] = piece + 1
        piece = firstFree(piece)
      }
    }
    var result: [PolicyMatrix.Segment] = []
    for (piece, owner) in owners.enumerated() {
      guard let owner else { continue }
      let ports = UInt16(borders[piece])...UInt16(borders[piece + 1] - 1)
      append(ports, layers[owner].decision, to: &result)
    }
    return result
  }

  /// The segments that have a port of `range`.
  static func overlapping(
    _ range: ClosedRange<UInt16>, in segments: [PolicyMatrix.Segment]
  ) -> ArraySlice<PolicyMatrix.Segment> {
    var (low, high) = (0, segments.count)
    while low < high {
      let middle = (low + high) / 2
      if segments[middle].ports.upperBound < range.lowerBound {
        low = middle + 1
      } else {
        high = middle
      }
    }
    return segments[low...].prefix { $0.ports.lowerBound <= range.upperBound }
  }

  /// Appends ports, as part of the last segment when they continue it.
  private static func append(
    _ ports: ClosedRange<UInt16>, _ decision: PolicyMatrix.Decision,
    to result: inout [PolicyMatrix.Segment]
  ) {
    if let last = result.last, last.decision == decision,
      Int(last.ports.upperBound) + 1 == Int(ports.lowerBound)
    {
      result[result.count - 1].ports = last.ports.lowerBound...ports.upperBound
    } else {
      result.append(PolicyMatrix.Segment(ports: ports, decision: decision))
    }
  }
}
