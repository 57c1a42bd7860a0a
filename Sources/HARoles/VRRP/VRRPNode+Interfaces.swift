import Linux
import Messages
import RoleChannel
import VRRP
import Wire

/// The virtual interfaces: who answers ARP, who is up, and what the fence is left with.
extension VRRPNode {
  /// Starts to own the addresses. Adverts and announcements wait until the interfaces are up, so
  /// that no frame is drawn here before it can be taken (``collectInterfaces(at:)``).
  func raise(at now: Instant) {
    isRaised = true
    isRaising = true
    lowersAt = nil
    // The fence must know before there is something to lower.
    sendBeat(at: now)
    orderUp()
  }

  private func orderUp() {
    for port in ports where !port.set(answers: true) {
      channel.log(.error, "\(port.configuration.device) cannot be made to answer")
    }
    interfaces.set(up: true, ports.compactMap(\.deviceIndex))
  }

  /// Raises again what did not come up, as under a port that was down, or what others lowered, such
  /// as a fence that acted while we slept.
  /// Adverts go on meanwhile: the other ports are in order.
  func repair() {
    guard isRaised, !isRaising, interfaces.pending == 0 else { return }
    if !needsRaise {
      needsRaise = ports.contains { $0.isLowered(socket: frames.descriptor) }
      if needsRaise { channel.log(.error, "virtual interfaces are down; raising them again") }
    }
    if needsRaise { orderUp() }
  }

  /// Stops to own the addresses. Answers end at once; the interfaces go down after the peer had
  /// time to come up, and until the switches have learnt of it frames to the virtual MAC are
  /// forwarded here. Where answers cannot be stopped, as with IPv6, and at the start, the interfaces
  /// go down first.
  func lower(at now: Instant) {
    isRaised = false
    isRaising = false
    needsRaise = false
    let isStart = group.role == .initializing
    let loud = ports.filter { !$0.set(answers: false) || isStart }
    if !loud.isEmpty {
      interfaces.set(up: false, loud.compactMap(\.deviceIndex))
      interfaces.finish()
    }
    if !isStart { lowersAt = now + RoleLimits.loweringDelay }
    sendBeat(at: now)
  }

  /// Orders the lowering that ``lower(at:)`` put off.
  func lowerIfDue(at now: Instant) {
    guard let lowersAt, now >= lowersAt else { return }
    self.lowersAt = nil
    interfaces.set(up: false, ports.compactMap(\.deviceIndex))
  }

  /// Results of the interface thread; adverts and announcements follow a raise and a repair.
  func collectInterfaces(at now: Instant) {
    for result in interfaces.collect() {
      // A repair that fails is tried again every second; once is enough said.
      if result.failed > 0, !(result.up && needsRaise) {
        let verb = result.up ? "raised" : "lowered"
        channel.log(.error, "\(result.failed) virtual interfaces not \(verb)")
      }
      guard result.up, isRaised, interfaces.pending == 0 else { continue }
      let isRepaired = needsRaise && result.failed == 0
      needsRaise = result.failed > 0
      guard isRaising || isRepaired else { continue }
      isRaising = false
      for index in ports.indices where group.ports[index].isUp {
        advertise(index, priority: group.ports[index].router.priority)
        announce(index)
      }
      // Others may have lowered one behind this order.
      if !needsRaise { repair() }
    }
  }

  /// Leaves with the fence what it needs to end the ownership in our place.
  func sendBeat(at now: Instant) {
    // A heartbeat that is a little early must not leave the beat to the next.
    nextBeat = now + group.pace.beat - group.pace.interval / 2
    // Once answers have stopped nobody must hear of us again: a farewell has the virtual MAC, too.
    let mayBeUp = isRaised || lowersAt != nil || interfaces.pending > 0
    beat.send(
      Beat(
        raised: mayBeUp, deviceIndexes: ports.compactMap(\.deviceIndex),
        farewells: isRaised ? farewells : []))
  }

  /// The last adverts, as far as the fence can send them.
  private var farewells: [FenceFrame] {
    let sequence = farewellSequence()
    return ports.indices.compactMap { index in
      guard let port = ports[index].portIndex, let frame = farewell(index, sequence) else {
        return nil
      }
      return FenceFrame(interfaceIndex: port, octets: frame)
    }
  }
}
