import Crypto
import Linux
import Messages
import RoleChannel
import VRRP
import Wire

/// A configured node: the group and everything it acts through.
final class VRRPNode {
  private(set) var configuration: VRRPConfiguration
  var group: SyncGroup
  let ports: [PortDevice]
  let channel: SupervisorChannel
  let frames: FrameSender
  let interfaces: InterfaceThread
  let cipher: HeartbeatCipher
  let beat: BeatSender
  private let reactor: Reactor
  let reader = DatagramReader()
  /// Key of the trailers; nil without one.
  let trailerKey: [UInt8]?
  var trailers = TrailerSequence()
  private let carriers: CarrierWatch
  private let watchedPorts: [String]
  private var isCarrierTold = false
  private var heartbeatSocket: HeartbeatSocket?
  private var heartbeatIndex: Int32?
  private var nextLookUp = Instant.zero

  /// Whether the virtual interfaces shall be up.
  var isRaised = false
  /// They were told to come up and are not yet.
  var isRaising = false
  /// Not all of them came up, or somebody else lowered one.
  var needsRaise = false
  /// When the fence is told again that all is well.
  var nextBeat = Instant.zero
  /// When they are to be lowered, their answers having stopped.
  var lowersAt: Instant?
  var heartbeatsSent: UInt64 = 0
  var heartbeatsReceived: UInt64 = 0
  var heartbeatsDropped: [String: UInt64] = [:]
  var linkCarrier = false
  private(set) var isFinished = false
  // What was told to the supervisor.
  var toldRole: (role: HARole, term: UInt64)?
  var toldTerm: UInt64 = 0
  var toldStatusAt: Instant?
  private var toldFaults: [String] = []
  // Requests under way.
  var switchover: UInt32?
  var drill: (request: UInt32, dryRun: Bool)?
  var barrier: UInt32 = 0

  /// Opens what the configuration names. Ports may be missing; they are retried.
  init(
    _ configuration: VRRPConfiguration, _ reactor: Reactor, _ channel: SupervisorChannel
  ) throws {
    self.configuration = configuration
    self.reactor = reactor
    self.channel = channel
    group = SyncGroup(try configuration.group())
    let mode = configuration.trailerMode
    ports = configuration.ports.map { port in
      let siblings = configuration.ports.filter {
        ($0.port, $0.family) == (port.port, port.family) && $0.groupID != port.groupID
      }
      return PortDevice(
        port, siblings: Set(siblings.map(\.groupID)), gate: mode, reactor)
    }
    trailerKey = mode == .off ? nil : sha256(configuration.password)
    frames = try FrameSender()
    interfaces = try InterfaceThread()
    cipher = try HeartbeatCipher(
      shared: configuration.link.key, node: group.configuration.node,
      boot: group.configuration.boot)
    beat = try BeatSender()
    let names = configuration.ports.map(\.port) + configuration.tracked.map(\.port)
    watchedPorts = Array(Set(names + [configuration.link.port])).sorted()
    carriers = try CarrierWatch(
      watchedPorts, period: configuration.advertInterval)
    try reactor.add(carriers.descriptor) { [unowned self] _ in isCarrierTold = true }
    try reactor.add(interfaces.descriptor) { _ in }
    toldTerm = configuration.storedTerm
  }

  /// When the loop must wake up.
  var deadline: Instant? {
    guard let lowersAt, let deadline = group.deadline else { return lowersAt ?? group.deadline }
    return min(lowersAt, deadline)
  }

  /// Begins listening.
  func start(at now: Instant) {
    reader.emptiedAt = now
    lookUp(at: now)
    handle(.started, at: now)
  }

  /// First word of a wake-up.
  func begin(at now: Instant) {
    handle(.woke, at: now)
  }

  /// Everything that arrived, then the decision, then the reports.
  func drain(at now: Instant) {
    let offset = MonotonicClock.offsetFromRealTime()
    if now >= nextLookUp { lookUp(at: now) }
    collectInterfaces(at: now)
    lowerIfDue(at: now)
    readCarriers(at: now)
    readAdvertisements(at: now, offset: offset)
    readHeartbeats(at: now, offset: offset)
    reader.emptiedAt = now
    handle(.drained, at: now)
    report(at: now)
  }

  /// Takes what may change while running; false when the rest differs.
  func reconfigure(_ new: VRRPConfiguration, at now: Instant) -> Bool {
    var old = configuration
    old.configurationHash = new.configurationHash
    old.storedTerm = new.storedTerm
    guard old == new else { return false }
    configuration = new
    handle(.configurationChanged(hash: new.configurationHash), at: now)
    return true
  }

  /// Leaves in order; without a supervisor nobody can ask `sync` for a barrier.
  func stop(supervisorIsGone: Bool, at now: Instant) {
    handle(.stopRequested, at: now)
    if supervisorIsGone {
      handle(.barrierAnswered(failure: "the supervisor is gone"), at: now)
    }
  }

  /// Hands an event to the group and does what it wants.
  func handle(_ event: SyncGroup.Event, at now: Instant) {
    for action in group.handle(event, at: now) { perform(action, at: now) }
  }

  /// Nothing is left to do but what was put off.
  func finish(at now: Instant) {
    if lowersAt != nil { interfaces.set(up: false, ports.compactMap(\.deviceIndex)) }
    interfaces.finish()
    lowersAt = nil
    // The last word to the fence: nothing is left for it to do.
    sendBeat(at: now)
    isFinished = true
  }

  // MARK: Receiving

  private func readHeartbeats(at now: Instant, offset: Interval) {
    guard let number = heartbeatSocket?.descriptor else { return }
    for _ in 0..<RoleLimits.packetsPerWakeUp {
      do {
        guard let datagram = try reader.receive(number, now: now, offset: offset) else { return }
        guard datagram.timeToLive == 255 else { throw HeartbeatRefusal.timeToLive }
        guard let source = datagram.source, configuration.link.peers.contains(source) else {
          throw HeartbeatRefusal.source
        }
        let (header, heartbeat) = try cipher.open(datagram.octets)
        heartbeatsReceived += 1
        handle(.heartbeatReceived(header, heartbeat, received: datagram.received), at: now)
      } catch {
        heartbeatsDropped[HeartbeatRefusal.name(of: error), default: 0] += 1
      }
    }
  }

  private func readCarriers(at now: Instant) {
    // News of any link: a virtual interface may have been lowered. The pipe fails only when the
    // process is broken beyond this.
    guard isCarrierTold else { return }
    isCarrierTold = false
    guard let answers = try? carriers.changed(count: watchedPorts.count) else { return }
    let byName = Dictionary(uniqueKeysWithValues: zip(watchedPorts, answers))
    linkCarrier = byName[configuration.link.port] ?? false
    for port in ports { port.hasCarrier = byName[port.configuration.port] ?? false }
    for (name, isUp) in byName where !ports.contains(where: { $0.configuration.port == name }) {
      handle(.linkChanged(port: name, isUp: isUp), at: now)
    }
    // An interface may have been made anew, with another index.
    lookUp(at: now)
  }

  private func updateLinks(at now: Instant) {
    // A port works when every router on it does: half of it would be worth nothing to its neighbours.
    for name in Set(ports.map(\.configuration.port)).sorted() {
      let routers = ports.filter { $0.configuration.port == name }
      handle(.linkChanged(port: name, isUp: routers.allSatisfy(\.isUsable)), at: now)
    }
    repair()
  }

  // MARK: Interfaces

  /// Finds interfaces that came, went or were made anew. What it found is handed in every time: the
  /// look-up that saw the change may have failed behind it, at a socket.
  private func lookUp(at now: Instant) {
    nextLookUp = now + RoleLimits.lookUpPeriod
    var isChanged = false
    for port in ports {
      do {
        isChanged = try port.lookUp() || isChanged
      } catch {
        port.dropped["socket", default: 0] += 1
      }
    }
    openHeartbeat()
    let faults = ports.compactMap(\.fault)
    for fault in faults where !toldFaults.contains(fault) { channel.log(.error, fault) }
    toldFaults = faults
    for (index, port) in ports.enumerated()
    where port.source != group.ports[index].router.nodeAddress {
      handle(.addressChanged(port: index, port.source), at: now)
    }
    updateLinks(at: now)
    // A virtual interface that was made anew is down.
    if isChanged && isRaised { raise(at: now) }
  }

  private func openHeartbeat() {
    let index = NetworkInterface.indexIfPresent(of: configuration.link.port)
    guard index != heartbeatIndex else { return }
    if let number = heartbeatSocket?.descriptor { reactor.remove(number) }
    heartbeatSocket = nil
    heartbeatIndex = nil
    guard index != nil else { return }
    do {
      let opened = try HeartbeatSocket(device: configuration.link.port)
      try reactor.add(opened.descriptor) { _ in }
      heartbeatSocket = consume opened
      heartbeatIndex = index
    } catch {
      channel.log(.error, "heartbeat: \(error)")
    }
  }

  /// Seals and sends the group's next heartbeat.
  func sendHeartbeat(at now: Instant) {
    let (header, heartbeat) = group.nextHeartbeat(at: now)
    do {
      let datagram = try cipher.seal(header, heartbeat)
      for peer in configuration.link.peers {
        if heartbeatSocket?.send(datagram, to: peer) ?? false { heartbeatsSent += 1 }
      }
    } catch {
      heartbeatsDropped["seal", default: 0] += 1
    }
  }
}
