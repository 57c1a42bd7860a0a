import Policy
import Wire

extension PolicyEnforcer {
  /// Reads the elements of a map of hosts, `0x00000fa1 . 10.1.0.11 : 0x0000000c`.
  static func placedHosts(_ listing: String) -> Set<PlacedHost> {
    let words = listing.split { " \n\t,{}".contains($0) }
    return Set(
      zip(words, words.dropFirst(2)).compactMap { address, group in
        guard let address = IPv4Address(address), let id = number(group) else { return nil }
        return PlacedHost(address: address, group: UInt16(truncatingIfNeeded: id))
      })
  }

  /// Reads `elements = { 0x00000000 : 0x0000002a, … }`.
  static func words(_ listing: String) -> [UInt32] {
    guard let start = listing.firstRange(of: "elements = {")?.upperBound,
      let end = listing[start...].firstIndex(of: "}")
    else { return [] }
    let pairs = listing[start..<end].split(separator: ",").compactMap { element in
      let numbers = element.split(separator: ":").compactMap { number($0) }
      return numbers.count == 2 ? (numbers[0], numbers[1]) : nil
    }
    return pairs.sorted { $0.0 < $1.0 }.map(\.1)
  }

  private static func number(_ text: Substring) -> UInt32? {
    let digits = text.filter { !$0.isWhitespace }
    return digits.hasPrefix("0x") ? UInt32(digits.dropFirst(2), radix: 16) : UInt32(digits)
  }
}
