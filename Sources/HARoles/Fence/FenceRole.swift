import CLinux
import Glibc
import Linux
import Messages
import RoleChannel
import Wire

/// The `fence` role: takes the virtual addresses from a `vrrp` that is dead or hangs.
///
/// It knows what `vrrp` left with its last beat: which interfaces to lower and which frames to
/// send. It reads nothing from outside and waits for nothing.
final class FenceRole {
  /// How long `vrrp` may take to leave after the supervisor died.
  private static let leaveWait = Interval.seconds(2)

  /// A timer that fires later than this shows our own sleep.
  private static let lateWakeUp = Interval.milliseconds(20)
  /// What `vrrp` gets after such a sleep.
  private static let extraWait = Interval.milliseconds(40)

  private let reactor: Reactor
  private var channel: SupervisorChannel?
  private let beats: PacketChannel
  private let interfaces: InterfaceSwitch
  private let frames: FrameSender
  private var timer: DeadlineTimer?
  private var vrrp: Descriptor?
  private var supervisor: Descriptor?

  private var silenceLimit: Interval?
  private var beat: Beat?
  private var heardAt: Instant?
  /// The supervisor is gone; at this moment the fence acts if `vrrp` has not left.
  private var leavesBy: Instant?
  private var vrrpIsDead = false
  private var armed: Instant?

  /// Takes the role's descriptors over.
  init() throws(SystemError) {
    reactor = try Reactor()
    beats = try PacketChannel(
      owning: Descriptor(owning: SupervisorChannel.DescriptorNumber.extra))
    interfaces = try InterfaceSwitch()
    frames = try FrameSender()
    channel = try SupervisorChannel(reactor) { [unowned self] in receive($0) }
    timer = try DeadlineTimer(reactor) {}
    try reactor.add(beats.rawValue) { _ in }
    reactor.afterEvents = { [unowned self] in wakeUp() }
  }

  /// Runs until stopped.
  func run() throws -> Int32 {
    // It acts once, when everything else has failed, and perhaps the disk with it.
    if let missing = RealTimeRole.lockMemory(withLibraries: true) {
      channel?.log(.notice, missing)
    }
    try reactor.run()
    return 0
  }

  // MARK: Supervisor

  private func receive(_ command: Command?) {
    switch command {
    case .configure(.fence(let configuration)): configure(configuration)
    case .fence(.watch(let pid)): watch(pid)
    case .stop: reactor.stop()
    case nil: supervisorIsGone()
    case .configure, .vrrp, .sync, .policy, .agent, .controlAnswer:
      channel?.log(.error, "got another role's message")
    }
  }

  private func configure(_ configuration: FenceConfiguration) {
    silenceLimit = configuration.silenceLimit
    if let old = supervisor?.rawValue { reactor.remove(old) }
    supervisor = nil
    do {
      supervisor = try open(configuration.supervisorPID) { [unowned self] in supervisorIsGone() }
      channel?.send(.ready)
    } catch {
      channel?.send(.refused(reason: "\(error)"))
    }
  }

  /// Watches a new process. What its predecessor left up ends here, before the first beat of the
  /// new one hides it; a predecessor's end and this order may come in one wake-up.
  private func watch(_ pid: Int32) {
    if vrrp != nil || vrrpIsDead {
      readBeats(at: MonotonicClock.now())
      if beat?.raised == true { fence("vrrp died") }
      beat = nil
    }
    if let old = vrrp?.rawValue { reactor.remove(old) }
    vrrp = nil
    vrrpIsDead = false
    do {
      vrrp = try open(pid) { [unowned self] in vrrpIsDead = true }
    } catch {
      // It ended before we were told of it.
      vrrpIsDead = true
    }
  }

  /// A pidfd in the loop; `ended` is called once.
  private func open(
    _ pid: Int32, _ ended: @escaping () -> Void
  ) throws(SystemError) -> Descriptor {
    let process = Descriptor(
      owning: try system("pidfd_open", "process \(pid)") { ztb_pidfd_open(pid) })
    let number = process.rawValue
    try reactor.add(number) { [unowned self] _ in
      // The event may be that of a predecessor whose number this one got.
      var state = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
      guard unsafe poll(&state, 1, 0) == 1 else { return }
      reactor.remove(number)
      ended()
    }
    return process
  }

  private func supervisorIsGone() {
    guard leavesBy == nil else { return }
    leavesBy = MonotonicClock.now() + Self.leaveWait
  }

  // MARK: Watching

  private func wakeUp() {
    let now = MonotonicClock.now()
    // Beats first: what waits in the queue was said before the silence.
    readBeats(at: now)
    extendIfLate(at: now)
    if let cause = reasonToFence(at: now) { fence(cause) }
    if let leavesBy, vrrpIsDead || now >= leavesBy { return reactor.stop() }
    // The next beat is that of a successor, of which we shall be told.
    vrrpIsDead = false
    armed = deadline
    timer?.arm(at: armed)
  }

  private func readBeats(at now: Instant) {
    while true {
      do {
        guard case .message(let octets) = try beats.receive() else { return }
        beat = try Beat(decoding: octets)
        heardAt = now
      } catch {
        return channel?.log(.error, "beat: \(error)") ?? ()
      }
    }
  }

  /// When we slept ourselves, `vrrp` did too: it gets one more moment to give its beat.
  private func extendIfLate(at now: Instant) {
    guard let armed, now > armed + Self.lateWakeUp, let silenceLimit else { return }
    heardAt = heardAt.map { max($0, now - silenceLimit + Self.extraWait) }
  }

  private func reasonToFence(at now: Instant) -> String? {
    guard let beat, beat.raised else { return nil }
    if vrrpIsDead { return "vrrp died" }
    if let leavesBy, now >= leavesBy { return "the supervisor died and vrrp did not leave" }
    guard let heardAt, let silenceLimit, now >= heardAt + silenceLimit else { return nil }
    return "vrrp was silent for \(now - heardAt)"
  }

  private var deadline: Instant? {
    var moments: [Instant] = []
    if let beat, beat.raised, let heardAt, let silenceLimit {
      moments.append(heardAt + silenceLimit)
    }
    if let leavesBy { moments.append(leavesBy) }
    return moments.min()
  }

  /// Answers stop, then priority 0, then the interfaces go down, for which the kernel takes its time.
  private func fence(_ cause: String) {
    guard let last = beat else { return }
    beat = nil
    let mute = last.deviceIndexes.map(Self.stopAnswers)
    if mute.allSatisfy({ $0 }) { sayFarewell(last) }
    var text = "virtual interfaces lowered"
    do {
      let failures = try interfaces.set(up: false, last.deviceIndexes)
      if !failures.isEmpty { text = "virtual interfaces not lowered: \(failures)" }
    } catch {
      text = "virtual interfaces not lowered: \(error)"
    }
    if !mute.allSatisfy({ $0 }) { sayFarewell(last) }
    channel?.send(.event(EventReport(kind: "ha.fenced", text: text, cause: cause)))
  }

  private func sayFarewell(_ last: Beat) {
    for farewell in last.farewells {
      _ = frames.send(farewell.octets, on: farewell.interfaceIndex)
    }
  }

  private static func stopAnswers(_ index: Int32) -> Bool {
    guard let name = NetworkInterface.name(of: index) else { return true }
    // Neighbour solicitations have no switch: what owns IPv6 addresses answers until it is down.
    guard !name.hasPrefix("vr6-") else { return false }
    // Without the switch the farewell waits for the interfaces.
    guard let answers = try? AnswerSwitch(device: name) else { return false }
    return answers.set(answers: false)
  }
}
