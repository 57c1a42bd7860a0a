import Wire

/// Waits that grow with each failure, with jitter so that many gateways do not come at once.
struct Backoff {
  private var random: SplitMix64
  private var next: Interval

  /// Begins at one second; the same seed gives the same waits.
  init(seed: UInt64) {
    random = SplitMix64(state: seed)
    next = .seconds(1)
  }

  /// The next wait: the nominal one ± 20 %, the nominal one doubling up to `longest`.
  mutating func wait(longest: Interval) -> Interval {
    let nominal = min(next, longest)
    next = min(nominal * 2, longest)
    let tenths = Int64(random.next() % 401) - 200
    return nominal + Interval(nanoseconds: nominal.nanoseconds / 1_000 * tenths)
  }

  /// The next failure is a first one again.
  mutating func reset() { next = .seconds(1) }
}

/// A small generator, for jitter only.
private struct SplitMix64 {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
    return z ^ z >> 31
  }
}
