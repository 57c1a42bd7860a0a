import Linux
import Messages
import VRRP
import Wire

/// One virtual router of the group as the kernel has it: its sockets, its virtual interface, its counters.
///
/// Interfaces come and go (cables never do that, operators and drivers do), so indexes are looked
/// up again every second and sockets follow.
final class PortDevice {
  /// The port's part of the configuration.
  let configuration: VirtualRouterPort
  /// Index of the physical port; nil when it is not there.
  private(set) var portIndex: Int32?
  /// Index of the virtual interface; nil when it is not there.
  private(set) var deviceIndex: Int32?
  /// By the carrier watch.
  var hasCarrier = false
  /// Adverts sent, accepted, and refused by reason.
  var sent: UInt64 = 0
  var received: UInt64 = 0
  var dropped: [String: UInt64] = [:]
  /// Judges the trailers of what this port receives.
  var gate: TrailerGate
  /// What was told of this port's adverts, at a limited rate.
  var complaints = Complaints()
  /// VRIDs of this node's other routers on the port: their adverts are not for this one.
  let siblings: Set<UInt8>
  /// The port's link-local address, source of IPv6 adverts; nil when there is none.
  private(set) var linkLocal: IPv6Address?

  private var socket: AdvertisementSocket?
  private var unicast: UnicastSocket?
  private var answers: AnswerSwitch?
  private let reactor: Reactor

  /// Prepares the port; ``lookUp()`` opens it.
  init(
    _ configuration: VirtualRouterPort, siblings: Set<UInt8>, gate: TrailerGate.Mode,
    _ reactor: Reactor
  ) {
    self.configuration = configuration
    self.siblings = siblings
    self.gate = TrailerGate(gate)
    self.reactor = reactor
  }

  deinit { close() }

  /// Everything is there, and the cable is plugged in.
  var isUsable: Bool { hasCarrier && socket != nil && deviceIndex != nil && source != nil }

  /// The source of adverts: the configured address, for IPv6 the port's link-local one.
  var source: IPAddress? {
    switch configuration.family {
    case .ipv4: configuration.nodeAddress?.address
    case .ipv6: linkLocal.map { .v6($0) }
    }
  }

  /// What is missing, in words.
  var fault: String? {
    if portIndex == nil { return "port \(configuration.port) is missing" }
    if source == nil { return "port \(configuration.port) has no \(configuration.family) address" }
    if deviceIndex == nil { return "virtual interface \(configuration.device) is missing" }
    return socket == nil ? "port \(configuration.port) cannot be read" : nil
  }

  /// Finds the interfaces again; whether an index changed. One that throws has found them, too, and
  /// the next one does not tell again what changed.
  func lookUp() throws(SystemError) -> Bool {
    let port = NetworkInterface.indexIfPresent(of: configuration.port)
    let device = NetworkInterface.indexIfPresent(of: configuration.device)
    let isChanged = port != portIndex || device != deviceIndex
    if device != deviceIndex {
      deviceIndex = device
      answers = nil
    }
    if device != nil, answers == nil, configuration.family == .ipv4 {
      // Without it the answers cannot be stopped, which is said then; the next look-up tries again.
      answers = try? AnswerSwitch(device: configuration.device)
    }
    let oldSource = source
    if configuration.family == .ipv6 {
      linkLocal = port.flatMap { _ in NetworkInterface.linkLocalAddress(of: configuration.port) }
    }
    if source != oldSource { unicast = nil }
    if port != portIndex || socket == nil {
      close()
      portIndex = port
      if let port { try open(port) }
    }
    if !configuration.unicastPeers.isEmpty, unicast == nil, let portIndex, let source {
      unicast = try UnicastSocket(port: configuration.port, index: portIndex, source: source)
    }
    return isChanged || source != oldSource
  }

  /// Sends an advert to the group, or to one peer; false when the port cannot take it.
  func send(_ message: [UInt8], to peer: IPAddress?, by frames: FrameSender) -> Bool {
    guard let portIndex, let source else { return false }
    if let peer { return unicast?.send(message, to: peer) ?? false }
    let frame = Frame.advertisement(
      message, virtualRouter: configuration.groupID, source: source)
    return frames.send(frame, on: portIndex)
  }

  /// Gratuitous ARPs or neighbour advertisements, one frame for each virtual address.
  ///
  /// RFC 4861 4.4: the Router flag is set where the node forwards.
  var announcements: [[UInt8]] {
    // Without the file there is no IPv6 on the port, and nobody to be a router for.
    let forwarding = try? Files.read("/proc/sys/net/ipv6/conf/\(configuration.port)/forwarding")
    let isRouter = configuration.family == .ipv6 && forwarding?.first == UInt8(ascii: "1")
    return configuration.virtualAddresses.map {
      Frame.announcement(of: $0, virtualRouter: configuration.groupID, isRouter: isRouter)
    }
  }

  /// Whether the virtual interface is there and down.
  func isLowered(socket: Int32) -> Bool {
    let device = configuration.device
    guard deviceIndex != nil, NetworkInterface.isPresent(device) else { return false }
    // It went away since: the next look-up finds out.
    return (try? NetworkInterface.isUp(device, socket: socket)) == false
  }

  /// Stops or starts the ARP answers for the virtual addresses; false when that is not possible.
  ///
  /// For neighbour solicitations the kernel has no such switch that would keep the addresses: an
  /// IPv6 interface answers while it is up.
  func set(answers isOn: Bool) -> Bool {
    guard configuration.family == .ipv4 else { return isOn || deviceIndex == nil }
    return answers?.set(answers: isOn) ?? (deviceIndex == nil)
  }

  /// Takes one packet without waiting; nil when there is none.
  func read(
    _ reader: DatagramReader, now: Instant, offset: Interval
  ) -> DatagramReader.Datagram? {
    guard let number = socket?.descriptor else { return nil }
    do {
      return try reader.receive(number, now: now, offset: offset)
    } catch {
      // The interface went down or away: said once on the socket; the look-up finds out which.
      dropped["socket", default: 0] += 1
      return nil
    }
  }

  private func open(_ index: Int32) throws(SystemError) {
    let opened = try AdvertisementSocket(
      index: index, configuration.family, virtualAddresses: configuration.virtualAddresses)
    // The handler only wakes the loop up; everything is read after all handlers ran.
    try reactor.add(opened.descriptor) { _ in }
    socket = consume opened
  }

  private func close() {
    if let number = socket?.descriptor { reactor.remove(number) }
    socket = nil
    unicast = nil
  }
}
