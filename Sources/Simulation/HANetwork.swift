public import Wire

/// A small generator with a seed, so that every run can be repeated (splitmix64).
public struct HARandom: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// Starts from `seed`.
  public init(seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 &+ 1 }

  /// The next 64 bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    return mixed ^ mixed >> 31
  }
}

/// The three networks between the two nodes of a pair.
public enum HANetwork: Int, CaseIterable, Sendable {
  /// First tracked port; foreign routers are here.
  case lan
  /// Second tracked port.
  case wan
  /// The heartbeat's link.
  case ha
}

/// What happens to packets of one sender on one network.
public struct HAPath: Hashable, Sendable {
  /// Nothing passes.
  public var isCut = false
  /// Packets lost of a thousand.
  public var lossPermille = 0
  /// Packets of a thousand that arrive twice.
  public var duplicatePermille = 0
  /// Longest delay of a packet; packets overtake each other within it.
  public var delay = Interval.microseconds(800)

  /// Undisturbed.
  public init() {}

  var isClean: Bool { self == HAPath() }
}
