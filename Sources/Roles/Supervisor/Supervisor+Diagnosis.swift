import Configuration
import Glibc
import Linux
import Messages
import Wire

/// A diagnosis in a process of its own: whatever it meets, the supervisor goes on.
final class DiagnosisRun {
  /// When it is ended.
  let deadline: Instant
  private let ended: ([String]) -> Void
  private let child: ChildProcess
  private let output: Descriptor
  private let reactor: Reactor
  private var octets: [UInt8] = []

  /// Starts it; `ended` gets its lines once.
  init(
    _ specification: ProcessSpecification, _ reactor: Reactor, ended: @escaping ([String]) -> Void
  ) throws(SystemError) {
    var ends: [Int32] = [-1, -1]
    try system("pipe2") { unsafe pipe2(&ends, O_CLOEXEC) }
    output = Descriptor(owning: ends[0])
    let input = Descriptor(owning: ends[1])
    let null = try Descriptor.open("/dev/null", O_RDWR)
    var process = specification
    process.descriptors = [null.rawValue, input.rawValue, input.rawValue]
    process.newSession = true
    process.deathSignal = SIGKILL
    self.ended = ended
    child = try process.spawn()
    self.reactor = reactor
    deadline = MonotonicClock.now() + SupervisorLimits.diagnosisPatience
    try output.setNonBlocking()
    try reactor.add(output.rawValue) { [unowned self] _ in
      guard isFinished() else { return }
      reactor.remove(output.rawValue)
      _ = child.wait(milliseconds: 100)
      ended(lines)
    }
  }

  deinit {
    reactor.remove(output.rawValue)
    child.signal(SIGKILL)
    _ = child.wait(milliseconds: 100)
  }

  /// Takes what it has said so far for all that it says.
  func giveUp() { ended(lines + ["ended: it took too long"]) }

  /// What it has said so far.
  var lines: [String] {
    String(decoding: octets, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  private func isFinished() -> Bool {
    do throws(SystemError) {
      while let piece = try output.read(limit: 4_096) {
        if piece.isEmpty { return true }
        octets += piece.prefix(SupervisorLimits.diagnosisBytes - octets.count)
      }
      return false
    } catch { return true }
  }
}

extension Supervisor {
  /// Runs a diagnosis and answers with its lines.
  func diagnose(_ request: ControlRequest, for client: ControlClient) {
    guard let diagnosis = request.diagnosis else {
      let names = ControlRequest.Diagnosis.allCases.map(\.rawValue).joined(separator: ", ")
      return refuse(client, "diagnose: what? One of \(names)")
    }
    if diagnosis == .ping { allowEcho() }
    var specification = Diagnosis.specification(
      diagnosis, target: request.target, wan: plan.document.wan, servers: nameServers,
      portal: identity?.url ?? attempt?.portal)
    specification.resolverFile = resolverFile
    do throws(SystemError) {
      diagnoses[client] = try DiagnosisRun(specification, reactor) { [unowned self] lines in
        finishDiagnosis(client, lines)
      }
    } catch { refuse(client, "diagnose: \(error)") }
  }

  /// Lets the diagnosis, which has no privileges, send echo requests.
  private func allowEcho() {
    // Where the kernel does not let us, the diagnosis says so.
    _ = try? Files.set(
      "/proc/sys/net/ipv4/ping_group_range", "\(Diagnosis.user) \(Diagnosis.user)")
  }

  /// Ends what takes too long, with what it has found.
  func expireDiagnoses(at now: Instant) {
    for (_, run) in diagnoses where run.deadline <= now {
      run.giveUp()
    }
  }

  private func finishDiagnosis(_ client: ControlClient, _ lines: [String]) {
    let finished = diagnoses.removeValue(forKey: client)
    var result = ControlAnswer(done: true, "")
    result.lines = lines
    answer(client, result)
    withExtendedLifetime(finished) {}
  }
}
