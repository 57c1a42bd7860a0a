import VRRP
import Wire

let begin = Instant(nanoseconds: 1_000_000_000)
/// Noon of a day in 2026, in nanoseconds.
let noon: Int64 = 1_795_000_000 * 1_000_000_000

/// The router under test: VRID 42, priority 100, 20 ms, in a network with one neighbour.
struct Receiver {
  /// What a packet must not change.
  struct Timers: Equatable {
    var deadline: Instant?
    var lastHeard: Instant?
    var lastSent: Instant?
    var isVacant: Bool
    var skew: Interval
    var activeDown: Interval
    var checksumForm: Advertisement.ChecksumForm
  }

  var router: VirtualRouter
  var gate = TrailerGate(.off)
  var utc = noon
  var tag: AdvertisementTrailer.Tag = toyTag
  private(set) var actions: [VirtualRouter.Action] = []
  private(set) var remarks: [AdvertisementRemark] = []

  init(
    _ family: AddressFamily = .ipv4, _ state: VirtualRouter.State = .backup,
    _ change: (inout VirtualRouter.Configuration) -> Void = { _ in }
  ) {
    var configuration = VirtualRouter.Configuration(
      port: "ge2", virtualRouter: 42, priority: 100, interval: .milliseconds(20),
      addresses: Sample.addresses(family), nodeAddress: Sample.own(family),
      network: family == .ipv4 ? IPPrefix("10.0.0.0/24") : nil)
    change(&configuration)
    router = VirtualRouter(configuration)
    _ = router.enter(state, at: begin)
  }

  var timers: Timers {
    Timers(
      deadline: router.deadline, lastHeard: router.lastHeard, lastSent: router.lastSent,
      isVacant: router.isVacant, skew: router.skewTime, activeDown: router.activeDownInterval,
      checksumForm: router.checksumForm)
  }

  /// The way of a packet through the role: read, admitted, handled.
  mutating func receive(
    _ packet: [UInt8], _ family: AddressFamily? = nil, at now: Instant = begin + .milliseconds(7)
  ) -> AdvertisementDrop? {
    do throws(AdvertisementDrop) {
      let family = family ?? router.configuration.family
      let packet = try AdvertisementPacket(parsing: packet[...], family)
      try router.admit(packet)
      try gate.admit(packet, utc: utc, at: now, by: tag)
      remarks = router.remarks(on: packet)
      actions = router.handle(
        .advertisementReceived(packet.advertisement, source: packet.source, received: now), at: now)
      return nil
    } catch {
      return error
    }
  }
}

/// A keyed sum that is good enough where the HMAC itself is not under test.
func toyTag(_ input: [UInt8]) -> [UInt8] {
  var state: UInt64 = 0xcbf2_9ce4_8422_2325
  return (UInt64(0)..<16).map { round in
    for octet in input { state = (state ^ UInt64(octet) ^ round) &* 0x100_0000_01b3 }
    return UInt8(truncatingIfNeeded: state >> 32)
  }
}

/// Packets built by hand, so that the code under test does not vouch for itself.
struct Sample {
  static func addresses(_ family: AddressFamily) -> [IPAddress] {
    family == .ipv4
      ? [.v4(IPv4Address(10, 0, 0, 1))]
      : [address("fe80::200:5eff:fe00:22a"), address("2001:db8::1")]
  }
  static func own(_ family: AddressFamily) -> IPAddress {
    family == .ipv4 ? .v4(IPv4Address(10, 0, 0, 2)) : address("fe80::2")
  }
  static func peer(_ family: AddressFamily) -> IPAddress {
    family == .ipv4 ? .v4(IPv4Address(10, 0, 0, 3)) : address("fe80::3")
  }
  static func address(_ text: String) -> IPAddress {
    guard let address = IPAddress(text) else { preconditionFailure("\(text) is an address") }
    return address
  }

  var family = AddressFamily.ipv4
  var version: UInt8 = 3
  var type: UInt8 = 1
  var virtualRouter: UInt8 = 42
  var priority: UInt8 = 200
  /// Nil for the number that there are.
  var count: UInt8?
  var addresses: [IPAddress]
  /// Octets 4 and 5.
  var interval: [UInt8] = [0, 2]
  /// What follows the addresses in version 2.
  var authentication: [UInt8] = []
  var form = Advertisement.ChecksumForm.withPseudoHeader
  var checksumError: UInt16 = 0
  /// Not covered by the checksum.
  var trailer: [UInt8] = []
  var source: IPAddress
  var destination: IPAddress
  var timeToLive: UInt8 = 255
  var flags: UInt16 = 0

  init(_ family: AddressFamily = .ipv4, _ change: (inout Sample) -> Void = { _ in }) {
    self.family = family
    addresses = Sample.addresses(family)
    source = Sample.peer(family)
    destination = family == .ipv4 ? .v4(IPv4Address(224, 0, 0, 18)) : Sample.address("ff02::12")
    change(&self)
  }

  /// Version 2 with an interval of seconds.
  static func two(_ change: (inout Sample) -> Void = { _ in }) -> Sample {
    Sample {
      $0.version = 2
      $0.interval = [0, 1]
      $0.authentication = [UInt8](repeating: 0, count: 8)
      $0.form = .messageOnly
      change(&$0)
    }
  }

  /// The VRRP message with its checksum.
  var message: [UInt8] {
    var message = [version << 4 | type, virtualRouter, priority]
    message.append(count ?? UInt8(addresses.count))
    message += interval + [0, 0] + addresses.flatMap(\.octets) + authentication
    var sum = InternetChecksum()
    if form == .withPseudoHeader {
      sum.add(source.octets + destination.octets + [0, 112])
      sum.add(UInt16(message.count))
    }
    sum.add(message)
    let value = sum.value &+ checksumError
    message[6] = UInt8(value >> 8)
    message[7] = UInt8(truncatingIfNeeded: value)
    return message
  }

  /// The IP packet, around another payload if there is one.
  func packet(_ payload: [UInt8]? = nil, options: [UInt8] = []) -> [UInt8] {
    let payload = payload ?? message + trailer
    guard family == .ipv4 else {
      return [
        0x6c, 0, 0, 0, UInt8(payload.count >> 8), UInt8(payload.count & 0xff), 112, timeToLive,
      ]
        + source.octets + destination.octets + payload
    }
    let total = 20 + options.count + payload.count
    var header = [UInt8(0x45 + options.count / 4), 0xc0, UInt8(total >> 8), UInt8(total & 0xff)]
    header += [0, 1, UInt8(flags >> 8), UInt8(flags & 0xff), timeToLive, 112, 0, 0]
    header += source.octets + destination.octets + options
    var sum = InternetChecksum()
    sum.add(header)
    header[10] = UInt8(sum.value >> 8)
    header[11] = UInt8(truncatingIfNeeded: sum.value)
    return header + payload
  }
}
