import Linux
import Messages
import VRRP
import Wire

/// One port of the group as the kernel has it: its sockets, its virtual interface, its counters.
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
  /// Gratuitous ARPs, one frame for each virtual address.
  let announcements: [[UInt8]]

  private var socket: AdvertisementSocket?
  private var answers: AnswerSwitch?
  private let reactor: Reactor

  /// Prepares the port; ``lookUp()`` opens it.
  init(_ configuration: VirtualRouterPort, _ reactor: Reactor) {
    self.configuration = configuration
    self.reactor = reactor
    announcements = configuration.virtualAddresses.compactMap(\.v4).map {
      Frame.announcement(of: $0, virtualRouter: configuration.groupID)
    }
  }

  deinit { close() }

  /// Everything is there, and the cable is plugged in.
  var isUsable: Bool { hasCarrier && socket != nil && deviceIndex != nil }

  /// What is missing, in words.
  var fault: String? {
    if portIndex == nil { return "port \(configuration.port) is missing" }
    if deviceIndex == nil { return "virtual interface \(configuration.device) is missing" }
    return socket == nil ? "port \(configuration.port) cannot be read" : nil
  }

  /// Finds the interfaces again; whether an index changed.
  func lookUp() throws(SystemError) -> Bool {
    let port = NetworkInterface.indexIfPresent(of: configuration.port)
    let device = NetworkInterface.indexIfPresent(of: configuration.device)
    let isChanged = port != portIndex || device != deviceIndex
    if device != deviceIndex {
      deviceIndex = device
      answers = nil
      if device != nil { answers = try AnswerSwitch(device: configuration.device) }
    }
    if port != portIndex || socket == nil {
      close()
      portIndex = port
      if let port { try open(port) }
    }
    return isChanged
  }

  /// Whether the virtual interface is there and down.
  func isLowered(socket: Int32) -> Bool {
    let device = configuration.device
    guard deviceIndex != nil, NetworkInterface.isPresent(device) else { return false }
    // It went away since: the next look-up finds out.
    return (try? NetworkInterface.isUp(device, socket: socket)) == false
  }

  /// Stops or starts the ARP answers for the virtual addresses; false when that is not possible.
  func set(answers isOn: Bool) -> Bool { answers?.set(answers: isOn) ?? (deviceIndex == nil) }

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
    let opened = try AdvertisementSocket(index: index)
    // The handler only wakes the loop up; everything is read after all handlers ran.
    try reactor.add(opened.descriptor) { _ in }
    socket = consume opened
  }

  private func close() {
    if let number = socket?.descriptor { reactor.remove(number) }
    socket = nil
  }
}
