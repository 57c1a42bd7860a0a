import Linux
import Wire

/// Who is at the other end of the cable of a port, and who we are to them (IEEE 802.1AB).
///
/// For the loop of a role with `NET_RAW`: ``read(at:)`` when ``descriptor`` is readable,
/// ``handle(at:)`` when ``deadline`` has come. Only frames for the nearest neighbour are sent and
/// taken, which no bridge passes on: two boxes see each other on a direct cable.
final class LLDP {
  /// The times of 9.2.5.
  private enum Limits {
    /// Own frames.
    static let sendEvery = Interval.seconds(30)
    /// How long the neighbour is to believe one: four of them, and a second.
    static let holdSeconds: UInt16 = 121
  }

  private static let etherType: UInt16 = 0x88cc
  private static let nearest = MACAddress(0x0180_c200_000e)

  /// What we say of ourselves.
  let frame: LLDPFrame
  /// Who was heard last and is still to be believed; nil: nobody.
  private(set) var neighbour: LLDPFrame?
  /// Frames that were no LLDP.
  private(set) var dropped = 0
  private let socket: PacketSocket
  private var nextFrame: Instant
  private var forgetAt: Instant?

  /// Opens the socket on `port` of this namespace; the first own frame is due at `now`.
  init(port: String, systemName: String, description: String, at now: Instant) throws(SystemError) {
    let socket = try PacketSocket(port: port, etherType: LLDP.etherType)
    try socket.join(LLDP.nearest)
    let mac = try NetworkInterface.macAddress(port, socket: socket.descriptor)
    var frame = LLDPFrame(
      chassis: LLDPIdentifier(chassis: mac), port: LLDPIdentifier(interface: port),
      seconds: Limits.holdSeconds)
    frame.systemName = systemName
    frame.systemDescription = description
    self.frame = frame
    self.socket = socket
    nextFrame = now
  }

  /// Readable when something came.
  var descriptor: Int32 { socket.descriptor }

  /// When ``handle(at:)`` is due.
  var deadline: Instant { forgetAt.map { min($0, nextFrame) } ?? nextFrame }

  /// Takes what came; true when the neighbour is another one than before.
  func read(at now: Instant) throws(SystemError) -> Bool {
    let before = neighbour
    while let octets = try socket.receive() {
      do throws(LLDPDrop) {
        let heard = try LLDPFrame(parsing: octets)
        // Zero seconds: it leaves.
        neighbour = heard.seconds == 0 ? nil : heard
        forgetAt = heard.seconds == 0 ? nil : now + .seconds(Int(heard.seconds))
      } catch { dropped += 1 }
    }
    return neighbour != before
  }

  /// Sends our frame when it is due, and forgets a neighbour that was silent for too long; true
  /// when it did forget one. A port that is down is tried again next time.
  func handle(at now: Instant) -> Bool {
    if now >= nextFrame {
      nextFrame = now + Limits.sendEvery
      send(frame)
    }
    guard let end = forgetAt, now >= end else { return false }
    forgetAt = nil
    neighbour = nil
    return true
  }

  /// Says goodbye, so that the neighbour forgets us at once.
  func leave() {
    var farewell = LLDPFrame(chassis: frame.chassis, port: frame.port, seconds: 0)
    farewell.systemName = frame.systemName
    send(farewell)
  }

  private func send(_ frame: LLDPFrame) {
    // A port without carrier, or one that is gone: nobody is there to hear it.
    try? socket.send(frame.octets, to: LLDP.nearest)
  }
}
