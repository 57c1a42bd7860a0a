import CLinux
import Glibc
import Linux
import Messages
import Wire

/// What process 1 of the appliance is told, so that it feeds the watchdog and knows when the
/// software works.
extension Supervisor {
  /// Takes the channel over.
  func openMachine() throws(SystemError) {
    guard let number = options.machine else { return }
    // Not for the roles, which would keep it open when we are gone.
    try system("fcntl", "--machine \(number)") { ztb_fcntl(number, F_SETFD, FD_CLOEXEC) }
    machine = try PacketChannel(owning: Descriptor(owning: number))
    startedAt = MonotonicClock.now()
    nextWordAt = startedAt
  }

  /// Says that we are alive, when that is due.
  func speakToMachine(at now: Instant) {
    guard let due = nextWordAt, due <= now else { return }
    nextWordAt = now + SupervisorLimits.aliveEvery
    tellMachine("alive")
    if now - startedAt > SupervisorLimits.consolePatience { openConsoles() }
  }

  /// Sends a word to process 1; nothing happens where there is none.
  func tellMachine(_ word: String) {
    do throws(SystemError) {
      // One that does not read is about to reset the machine anyway.
      _ = try machine?.send(Array(word.utf8))
    } catch {
      machine = nil
      nextWordAt = nil
      log.write(.error, "supervise", "process 1: \(error)")
    }
  }

  /// Every role works for the first time.
  func becameReady() {
    // Standard output belongs to whoever started us; if it is gone nobody waits for the line.
    _ = unsafe Glibc.write(STDOUT_FILENO, "READY\n", 6)
    tellMachine("ready")
    openConsoles()
    var since = timespec()
    guard options.machine != nil, unsafe clock_gettime(CLOCK_BOOTTIME, &since) == 0 else { return }
    note(
      "machine.ready", "version \(RunningSoftware.version) works",
      "\(since.tv_sec) s after power on")
  }
}
