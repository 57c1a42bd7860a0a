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
  private var process: CapturedProcess?
  private var octets: [UInt8] = []

  /// Starts it; `ended` gets its lines once.
  init(
    _ specification: ProcessSpecification, _ reactor: Reactor, ended: @escaping ([String]) -> Void
  ) throws(SystemError) {
    self.ended = ended
    deadline = MonotonicClock.now() + SupervisorLimits.diagnosisPatience
    process = try CapturedProcess(
      specification, input: try Descriptor.open("/dev/null", O_RDWR), reactor,
      received: { [unowned self] piece in
        octets += piece.prefix(SupervisorLimits.diagnosisBytes - octets.count)
      }, ended: { [unowned self] in ended(lines) })
  }

  /// Takes what it has said so far for all that it says.
  func giveUp() { ended(lines + ["ended: it took too long"]) }

  /// What it has said so far.
  var lines: [String] {
    String(decoding: octets, as: UTF8.self).split(separator: "\n").map(String.init)
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
