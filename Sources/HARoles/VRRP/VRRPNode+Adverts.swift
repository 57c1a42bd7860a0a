import Crypto
import Linux
import Messages
import RoleChannel
import VRRP
import Wire

/// Adverts in and out.
extension VRRPNode {
  func readAdvertisements(at now: Instant, offset: Interval) {
    for (index, port) in ports.enumerated() {
      var count = 0
      while count < RoleLimits.packetsPerWakeUp,
        let packet = port.read(reader, now: now, offset: offset)
      {
        count += 1
        receive(packet, on: index, utc: (now - offset).nanoseconds, at: now)
      }
    }
  }

  /// One packet: read, admitted, handed in, or counted by the reason why not.
  private func receive(
    _ datagram: DatagramReader.Datagram, on index: Int, utc: Int64, at now: Instant
  ) {
    let port = ports[index]
    let router = group.ports[index].router
    do throws(AdvertisementDrop) {
      let packet = try AdvertisementPacket(
        parsing: datagram.octets[...], port.configuration.family)
      try router.admit(packet)
      try port.gate.admit(packet, utc: utc, at: now, by: tag)
      port.received += 1
      for remark in router.remarks(on: packet) {
        complain(of: remark.name, "from \(packet.source)", on: port, at: now)
      }
      handle(
        .advertisementReceived(
          port: index, packet.advertisement, source: packet.source, received: datagram.received),
        at: now)
    } catch {
      let named = AdvertisementPacket.virtualRouter(
        namedIn: datagram.octets[...], port.configuration.family)
      if let named, named != port.configuration.groupID {
        // Another group on the same wire is nobody's fault, and our own other one is not even news.
        let drop = AdvertisementDrop.virtualRouter(named)
        if !port.siblings.contains(named) { port.dropped[drop.name, default: 0] += 1 }
        return
      }
      port.dropped[error.name, default: 0] += 1
      complain(of: error.name, "refused, the last: \(error)", on: port, at: now)
    }
  }

  /// What an operator should know of a neighbour's adverts, at a limited rate.
  private func complain(of name: String, _ text: String, on port: PortDevice, at now: Instant) {
    guard let count = port.complaints.note(name, at: now) else { return }
    let router = "\(port.configuration.port) group \(port.configuration.groupID)"
    channel.send(
      .event(
        EventReport(kind: "ha.advert", text: "\(router): \(count) adverts \(text)", cause: name)))
  }

  func advertise(_ index: Int, priority: UInt8) {
    let port = ports[index]
    // The first ones follow when the interfaces are up.
    guard !isRaising || priority == 0, port.portIndex != nil else { return }
    let sequence = trailerSequence()
    let peers = port.configuration.unicastPeers
    let targets: [IPAddress?] = peers.isEmpty ? [nil] : peers
    for target in targets {
      if let message = message(index, priority: priority, to: target, sequence),
        port.send(message, to: target, by: frames)
      {
        port.sent += 1
      } else {
        port.dropped["not-sent", default: 0] += 1
      }
    }
  }

  func announce(_ index: Int) {
    guard !isRaising, let portIndex = ports[index].portIndex else { return }
    for frame in ports[index].announcements { _ = frames.send(frame, on: portIndex) }
  }

  /// The whole frame of a multicast router's last advert; nil for a unicast one, whose neighbours'
  /// Ethernet addresses only the kernel knows.
  func farewell(_ index: Int, _ sequence: UInt64?) -> [UInt8]? {
    let port = ports[index]
    guard port.configuration.unicastPeers.isEmpty, let source = port.source,
      let message = message(index, priority: 0, to: nil, sequence)
    else { return nil }
    return Frame.advertisement(
      message, virtualRouter: port.configuration.groupID, source: source)
  }

  /// The advert as it goes out, with its trailer; `destination` is nil for the group.
  private func message(
    _ index: Int, priority: UInt8, to destination: IPAddress?, _ sequence: UInt64?
  ) -> [UInt8]? {
    let router = group.ports[index].router
    guard let source = router.nodeAddress else { return nil }
    var writer = ByteWriter(capacity: 64)
    router.advertisement(priority: priority).write(
      into: &writer, source: source, destination: destination)
    guard let sequence else { return writer.bytes }
    let trailer = AdvertisementTrailer(
      signing: writer.bytes, source: source, keyID: ports[index].gate.keyID, sequence: sequence,
      by: tag)
    trailer.write(into: &writer)
    return writer.bytes
  }

  /// The number of the next advert's trailer, the same for all peers; nil without a key.
  private func trailerSequence() -> UInt64? {
    guard trailerKey != nil else { return nil }
    let now = MonotonicClock.now()
    let utc = now - MonotonicClock.offsetFromRealTime()
    return trailers.next(utc: utc.nanoseconds, at: now)
  }

  /// The number of the farewells that are left with the fence: ahead of the adverts that follow the
  /// beat, or a neighbour would refuse them as replayed.
  func farewellSequence() -> UInt64? {
    guard trailerKey != nil else { return nil }
    let now = MonotonicClock.now()
    let utc = now - MonotonicClock.offsetFromRealTime()
    return trailers.number(in: group.pace.farewellLead, utc: utc.nanoseconds, at: now)
  }

  /// Without a key, and when the library fails, the tag is empty: nobody believes it.
  private func tag(_ input: [UInt8]) -> [UInt8] {
    guard let trailerKey else { return [] }
    return (try? hmacSHA256(key: trailerKey, message: input)) ?? []
  }
}

extension AdvertisementPacket {
  /// The VRID that a packet names, however wrong its advert is otherwise; nil when its header is
  /// broken or ends the packet.
  static func virtualRouter(
    namedIn octets: ArraySlice<UInt8>, _ family: AddressFamily
  ) -> UInt8? {
    do throws(AdvertisementDrop) {
      let payload =
        switch family {
        case .ipv4: try IPv4Datagram(parsing: octets).payload
        case .ipv6: try IPv6Datagram(parsing: octets).payload
        }
      return payload.dropFirst().first
    } catch { return nil }
  }
}

extension TrailerSequence {
  /// The number of an advert that leaves `lead` after `now`, which this sequence does not take.
  func number(in lead: Interval, utc: Int64, at now: Instant) -> UInt64 {
    var ahead = self
    return ahead.next(utc: utc + lead.nanoseconds, at: now + lead)
  }
}
