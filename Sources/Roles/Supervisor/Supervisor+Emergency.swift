import Activation
import Crypto
import Glibc
import Linux
import Messages
import Wire

/// A shell on a terminal of the appliance, for a token that support signed.
extension Supervisor {
  /// Puts the shell in the place of the menu that asks for it.
  func openEmergencyShell(_ request: ControlRequest, for client: ControlClient) {
    guard options.machine != nil else {
      return refuse(client, "There is no emergency shell: this is not the appliance's own system.")
    }
    guard case .panel(let name, _) = client, let device = device(name) else {
      return refuse(client, "The emergency shell is opened at a console only.")
    }
    guard unsafe access(options.rescueDirectory + "/sh", X_OK) == 0 else {
      return refuse(client, "There is no emergency shell in this image.")
    }
    do throws(EmergencyRefusal) {
      let now = WallClock.secondsSince1970()
      let expires = try EmergencyToken(request.token ?? "").expiry(
        serial: serial, time: now >= AgentLimits.clockIsUnsetBefore ? now : nil,
        isSigned: isSignedByAnchor)
      let seconds = min(expires - now, SupervisorLimits.shellSeconds)
      note("emergency.shell", "a shell was opened on \(device) for \(seconds) s", "signed token")
      answer(client, ControlAnswer(done: true, "The shell opens; exit brings the menu back."))
      shellEnds[name] = MonotonicClock.now() + .seconds(Int(seconds))
      household?.set(name, shell(on: device, seconds: seconds))
    } catch {
      note("emergency.refused", "no shell was opened on \(device)", "\(error)")
      refuse(client, "\(error)")
    }
  }

  /// The shell was left, or has been ended: the menu again.
  func shellEnded(_ name: Household.Name) {
    guard shellEnds.removeValue(forKey: name) != nil else { return }
    note("emergency.ended", "the shell was left", "")
    openConsole(name)
  }

  /// Ends shells whose token has expired.
  func expireShells(at now: Instant) {
    for (name, end) in shellEnds where end <= now {
      shellEnds[name] = nil
      note("emergency.ended", "the shell was ended", "the token has expired")
      openConsole(name)
    }
  }

  private func shell(on device: String, seconds: Int64) -> Household.Recipe {
    let directory = options.rescueDirectory
    let greeting = "Emergency shell for \(seconds / 60) min; exit brings the menu back."
    var process = ProcessSpecification(
      program: directory + "/sh",
      arguments: ["sh", "-c", "echo; echo '\(greeting)'; exec \(directory)/sh -i"])
    process.environment = [
      "PATH=\(directory):/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/", "TERM=vt100",
      "PS1=emergency# ", "LC_ALL=C.UTF-8",
    ]
    return Household.Recipe(
      process: process, isRole: false, terminal: device, isSession: true)
  }

  /// Whether the key of this software's maker signed a message; false, and a note, without a key.
  private func isSignedByAnchor(_ message: [UInt8], _ signature: [UInt8]) -> Bool {
    do throws(SystemError) {
      let text = String(
        decoding: try Files.read(options.anchorKeyPath, limitBytes: 256), as: UTF8.self)
      guard let key = AnchorKey.octets(text.filter { !$0.isWhitespace }) else {
        log.write(.error, "supervise", "\(options.anchorKeyPath) holds no key")
        return false
      }
      return Ed25519Key.verify(signature, of: message, by: key)
    } catch {
      log.write(.error, "supervise", "\(error)")
      return false
    }
  }
}
