// What the module _StringProcessing has as well. That one brings the engine of regular expressions with
// it, a megabyte in each program, so the manifest keeps it out of everything that is shipped.

extension Collection where Element: Equatable {
  /// Where `other` first occurs; nil: nowhere. An empty `other` is at the beginning.
  /// - Complexity: O(*n* · *m*) at worst.
  public func firstRange(of other: some Collection<Element>) -> Range<Index>? {
    var start = startIndex
    while true {
      var (here, there) = (start, other.startIndex)
      while there != other.endIndex, here != endIndex, self[here] == other[there] {
        formIndex(after: &here)
        other.formIndex(after: &there)
      }
      if there == other.endIndex { return start..<here }
      // What is left is shorter than `other`.
      if here == endIndex { return nil }
      formIndex(after: &start)
    }
  }

  /// Whether `other` occurs anywhere.
  /// - Complexity: O(*n* · *m*) at worst.
  public func contains(_ other: some Collection<Element>) -> Bool { firstRange(of: other) != nil }
}
