import Wire

/// A frame that came out of a machine into a switch.
struct CapturedFrame {
  /// When the kernel got it.
  let at: Instant
  /// The network of the switch.
  let port: Port
  /// The gateway behind the switch port; nil for every other machine.
  let node: Node?
  let octets: [UInt8]

  var destination: MACAddress { address(at: 0) }
  var source: MACAddress { address(at: 6) }
  var type: UInt16 { UInt16(octets[12]) << 8 | UInt16(octets[13]) }

  /// Frames shorter than this hold nothing to be read.
  static let headerCount = 14

  /// Whether the source is a virtual MAC of either family (RFC 9568 7.3).
  var isFromVirtualMAC: Bool { [0x00_005e_0001, 0x00_005e_0002].contains(source.value >> 8) }

  /// The protocol of the datagram inside; nil for what is no IP.
  var ipProtocol: UInt8? {
    switch type {
    case 0x0800: octets.count > 23 ? octets[23] : nil
    case 0x86dd: octets.count > 20 ? octets[20] : nil
    default: nil
    }
  }

  /// The VRRP advertisement inside, if it is one.
  var advert: Advert? {
    guard ipProtocol == 112 else { return nil }
    let start = type == 0x0800 ? 14 + Int(octets[14] & 15) * 4 : 54
    guard octets.count >= start + 8 else { return nil }
    return Advert(
      version: octets[start] >> 4, router: octets[start + 1], priority: octets[start + 2],
      isIPv6: type == 0x86dd)
  }

  /// What the lab looks at in an advertisement.
  struct Advert {
    let version: UInt8
    let router: UInt8
    let priority: UInt8
    let isIPv6: Bool
  }

  /// The ARP message inside, if it is one.
  var arp: ARP? {
    guard type == 0x0806, octets.count >= 42 else { return nil }
    return ARP(
      isReply: octets[21] == 2, senderMAC: address(at: 22), sender: ipv4(at: 28),
      target: ipv4(at: 38))
  }

  /// A message of ARP for IPv4.
  struct ARP {
    let isReply: Bool
    let senderMAC: MACAddress
    let sender: IPv4Address
    let target: IPv4Address
    /// Tells the neighbours a new owner (RFC 9568 8.1.2).
    var isAnnouncement: Bool { sender == target }
  }

  /// The neighbour advertisement inside, if it is one (RFC 4861 4.4).
  var neighbour: Neighbour? {
    guard type == 0x86dd, ipProtocol == 58, octets.count >= 78, octets[54] == 136 else {
      return nil
    }
    let target = Array(octets[62..<78])
    let hasOption = octets.count >= 86 && octets[78] == 2
    return Neighbour(
      isRouter: octets[58] & 0x80 != 0, isSolicited: octets[58] & 0x40 != 0,
      overrides: octets[58] & 0x20 != 0, target: target,
      targetMAC: hasOption ? address(at: 80) : nil)
  }

  /// A neighbour advertisement.
  struct Neighbour {
    let isRouter: Bool
    let isSolicited: Bool
    let overrides: Bool
    /// 16 octets.
    let target: [UInt8]
    /// From the option “target link-layer address”.
    let targetMAC: MACAddress?
  }

  /// Whether it reports or asks for groups: IGMP, or MLD behind its hop-by-hop option.
  var isGroupReport: Bool {
    if type == 0x0800 { return ipProtocol == 2 }
    guard type == 0x86dd, ipProtocol == 0, octets.count > 62 else { return false }
    return octets[54] == 58 && [131, 132, 143].contains(octets[62])
  }

  private func address(at offset: Int) -> MACAddress {
    MACAddress(octets[offset..<offset + 6].reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
  }

  private func ipv4(at offset: Int) -> IPv4Address {
    IPv4Address(octets[offset..<offset + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
  }
}
