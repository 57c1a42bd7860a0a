import VRRP
import Wire

/// A router that speaks RFC 9568 and nothing else: no heartbeat, no group, one port on the LAN.
///
/// Its state machine is written here a second time, straight from section 6.4, so that a mistake in
/// ours does not meet itself.
struct ForeignRouter: Sendable {
  let priority: UInt8
  let address: IPAddress
  private let interval: Interval
  private let virtualAddress: IPAddress
  private(set) var isActive = false
  private(set) var isAlive = true
  /// Adver_Timer or Active_Down_Timer.
  private var timer: Instant
  /// Active_Adver_Interval.
  private var activeInterval: Interval

  init(
    index: Int, priority: UInt8, interval: Interval, virtualAddress: IPAddress, at now: Instant
  ) {
    self.priority = priority
    self.interval = interval
    self.virtualAddress = virtualAddress
    address = Self.address(index)
    activeInterval = interval
    timer = now
    listen(at: now)
  }

  static func address(_ index: Int) -> IPAddress { .v4(IPv4Address(10, 0, 0, UInt8(20 + index))) }

  var deadline: Instant? { isAlive ? timer : nil }

  /// (RFC 9568 6.4.2 (405), 6.4.3 (650)) The timer fired.
  mutating func expire(at now: Instant) -> Advertisement? {
    isActive = true
    timer = now + interval
    return advertisement(priority: priority)
  }

  /// - Returns: the advert to answer with.
  mutating func hear(
    _ heard: Advertisement, source: IPAddress, at now: Instant
  ) -> Advertisement? {
    guard isAlive else { return nil }
    guard isActive else {
      if heard.priority == 0 {
        timer = now + skew
      } else if heard.priority >= priority {
        // (RFC 9568 6.4.2 (455)) Preempt_Mode is on: lower priorities are discarded.
        activeInterval = heard.interval
        timer = now + activeInterval * 3 + skew
      }
      return nil
    }
    // (RFC 9568 6.4.3 (705), (725), (745))
    if heard.priority > 0, (heard.priority, source) > (priority, address) {
      listen(at: now)
      return nil
    }
    timer = now + interval
    return advertisement(priority: priority)
  }

  /// Power loss.
  mutating func crash() {
    isAlive = false
    isActive = false
  }

  /// Boots it again.
  mutating func boot(at now: Instant) {
    isAlive = true
    listen(at: now)
  }

  private mutating func listen(at now: Instant) {
    isActive = false
    activeInterval = interval
    timer = now + interval * 3 + skew
  }

  private var skew: Interval { activeInterval * (256 - Int(priority)) / 256 }

  private func advertisement(priority: UInt8) -> Advertisement {
    Advertisement(
      virtualRouter: 77, priority: priority,
      intervalCentiseconds: UInt16(interval.nanoseconds / 10_000_000),
      addresses: [virtualAddress])
  }
}
