import CLinux
import Configuration
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
    nextWordAt = MonotonicClock.now()
  }

  /// Finds out whether process 1 had to give us memory in the place of a damaged disk.
  func examineDisks() {
    guard options.machine != nil else { return }
    let kept = [
      (options.stateDirectory, "configuration and identity"),
      (options.dataPlace, "log and downloads"),
    ]
    for (place, contents) in kept {
      do throws(SystemError) {
        guard try Files.isInMemory(place) else { continue }
        let fault = "the disk of \(place) is damaged: \(contents) are lost at the next start"
        diskFaults.append(fault)
        note("machine.disk", fault, "it could not be mounted")
      } catch { log.write(.error, "supervise", "\(error)") }
    }
  }

  /// Says that we are alive, when that is due.
  func speakToMachine(at now: Instant) {
    guard let due = nextWordAt, due <= now else { return }
    nextWordAt = now + SupervisorLimits.aliveEvery
    tellMachine("alive")
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
    openHouse()
    var since = timespec()
    guard options.machine != nil, unsafe clock_gettime(CLOCK_BOOTTIME, &since) == 0 else { return }
    note(
      "machine.ready", "version \(RunningSoftware.version) works",
      "\(since.tv_sec) s after power on")
  }

  /// Removes what was fetched, for a factory reset.
  func eraseDownloads() {
    let place = options.dataPlace + "/update/incoming"
    for name in Directory.names(place) { unsafe unlink("\(place)/\(name)") }
  }

  /// Who keeps the clock right; only on the appliance, and only while the WAN has an address. Any
  /// other system has its own.
  var clockKeeper: Household.Recipe? {
    guard options.machine != nil, plan.document.wan.address != nil else { return nil }
    let directory = options.dataPlace + "/clock"
    unsafe mkdir(directory, 0o700)
    guard unsafe chown(directory, HelperPrograms.clockUser, HelperPrograms.clockUser) == 0 else {
      log.write(.error, "supervise", "\(directory) cannot be made; the clock is not set")
      return nil
    }
    // Left by a power cut: the number may be that of another process by now.
    unsafe unlink(directory + "/pid")
    return helper(.clock) { () throws(ProgramAbsent) in
      var process = try HelperPrograms.clock(
        servers: lease?.timeServers ?? [], directory: directory)
      process.resolverFile = resolverFile
      return process
    }
  }
}
