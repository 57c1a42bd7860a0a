import Glibc

/// The octets that every transfer carries: a fixed pseudo-random stream, so that each end can check
/// each octet by itself.
struct Pattern {
  /// Not a multiple of anything on the way, so that shifted data never looks right.
  private static let period = 1_000_003
  private let block: [UInt8]

  init() {
    var state: UInt64 = 0x5a74_4272_616e_6368
    block = (0..<Pattern.period).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return UInt8(truncatingIfNeeded: state >> 56)
    }
  }

  /// At most `count` octets from `offset` on; at least one when `count` is not 0.
  func octets(at offset: Int, count: Int) -> ArraySlice<UInt8> {
    let start = offset % Pattern.period
    return block[start..<min(start + count, Pattern.period)]
  }

  /// Whether `bytes` are what the stream holds from `offset` on.
  func matches(_ bytes: ArraySlice<UInt8>, at offset: Int) -> Bool {
    var position = offset
    var rest = bytes
    while !rest.isEmpty {
      let expected = octets(at: position, count: rest.count)
      // `memcmp`, because this is done for every octet of every stream, also without optimisation.
      let isEqual = unsafe rest.withUnsafeBytes { got in
        unsafe expected.withUnsafeBytes { want in
          guard let first = got.baseAddress, let second = want.baseAddress else { return true }
          return unsafe memcmp(first, second, want.count) == 0
        }
      }
      guard isEqual else { return false }
      rest = rest.dropFirst(expected.count)
      position += expected.count
    }
    return true
  }

  /// The first `count` octets.
  func prefix(_ count: Int) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(count)
    while result.count < count {
      result += octets(at: result.count, count: count - result.count)
    }
    return result
  }
}
