/// What a service covers, without repetition.
struct Coverage {
  /// Protocols as a whole.
  private(set) var whole: Set<TransportProtocol> = []
  /// Ports of the others, sorted, neighbours joined.
  private(set) var ports: [TransportProtocol: [ClosedRange<UInt16>]] = [:]

  /// How many elements it takes in a cell.
  var count: Int { whole.count + ports.values.reduce(0) { $0 + $1.count } }

  init(_ entries: [Service.Entry]) {
    for entry in entries where entry.ports.isEmpty { whole.insert(entry.transport) }
    for entry in entries where !whole.contains(entry.transport) {
      ports[entry.transport, default: []] += entry.ports
    }
    for (transport, ranges) in ports {
      var joined: [ClosedRange<UInt16>] = []
      for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
        if let last = joined.last, Int(range.lowerBound) <= Int(last.upperBound) + 1 {
          joined[joined.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
        } else {
          joined.append(range)
        }
      }
      ports[transport] = joined
    }
  }
}
