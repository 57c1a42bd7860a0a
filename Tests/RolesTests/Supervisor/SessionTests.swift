import Glibc
import Linux
import Messages
import Supervision
import Testing
import Wire

@testable import Roles

/// A household with a pseudo-terminal, and a person at it.
private final class TerminalHouse {
  let reactor: Reactor
  let device: String
  private let person: Descriptor
  private let directory = ScratchDirectory()
  private(set) var shown = ""
  private(set) var ended = 0
  private(set) var isFinished = false
  private(set) var household: Household?

  init() throws {
    person = Descriptor(owning: try system("posix_openpt") { posix_openpt(O_RDWR | O_NOCTTY) })
    let number = person.rawValue
    try system("grantpt") { grantpt(number) }
    try system("unlockpt") { unlockpt(number) }
    device = unsafe ptsname(number).map { unsafe String(cString: $0) } ?? ""
    try person.setNonBlocking()
    reactor = try Reactor()
    household = try Household(
      reactor, run: try RunDirectory(directory.path) { _ in },
      Household.Callbacks(
        received: { _, _ in }, started: { _ in }, recorded: { _, _, _, _ in },
        sessionEnded: { [unowned self] _ in ended += 1 },
        finished: { [unowned self] in isFinished = true }))
  }

  func type(_ text: String) throws { _ = try person.write(Array(text.utf8)) }

  /// Lets time pass until something holds; false when it does not within ten seconds.
  func wait(until condition: () -> Bool) throws -> Bool {
    let end = MonotonicClock.now() + .seconds(10)
    while !condition() {
      guard MonotonicClock.now() < end else { return false }
      try reactor.turn(timeoutMilliseconds: 20)
      household?.expire(at: MonotonicClock.now())
      // A terminal that nobody has open is at its end, which is no error here.
      if let octets = try? person.read(limit: 4_096) {
        shown += String(decoding: octets, as: UTF8.self)
      }
    }
    return true
  }

  func session(_ script: String) -> Household.Recipe {
    Household.Recipe(
      process: ProcessSpecification(program: "/bin/sh", arguments: ["sh", "-c", script]),
      isRole: false, terminal: device, isSession: true)
  }

  func menu() -> Household.Recipe {
    Household.Recipe(
      process: ProcessSpecification(
        program: "/bin/sh", arguments: ["sh", "-c", "echo menu; exec sleep 100"]),
      isRole: false, terminal: device)
  }

  func isRunning(_ name: Household.Name) -> Bool {
    household?.entries.contains { $0.service.name == name.rawValue && $0.pid != nil } ?? false
  }
}

@Suite("Sessions on a terminal", .serialized) struct SessionTests {
  @Test("a session has the terminal to itself: keys interrupt, and nothing of ours is open in it")
  func owned() throws {
    let house = try TerminalHouse()
    house.household?.set(
      .console,
      house.session(
        "trap 'echo caught' INT; tty; read -r _ _ _ _ _ session _ </proc/$$/stat; "
          + "[ $session = $$ ] && echo leader; "
          + "echo locks $(ls -l /proc/$$/fd | grep -c lock); while :; do sleep 0.1; done"))
    #expect(try house.wait { house.shown.contains("locks") })
    #expect(house.shown.contains(house.device) && house.shown.contains("leader"))
    #expect(house.shown.contains("locks 0"))
    try house.type("\u{3}")
    #expect(try house.wait { house.shown.contains("caught") })
    house.household?.stop()
    #expect(try house.wait { house.isFinished })
  }

  @Test("a session that ends is not started again; its place is free for the menu")
  func ends() throws {
    let house = try TerminalHouse()
    house.household?.set(.console, house.session("echo begun; exit 3"))
    #expect(try house.wait { house.ended == 1 })
    #expect(house.household?.has(.console) == false)
    house.household?.set(.console, house.menu())
    #expect(try house.wait { house.shown.contains("menu") })
    #expect(house.ended == 1)
    house.household?.stop()
    #expect(try house.wait { house.isFinished })
  }

  @Test("the menu leaves for a session, and a session that will not end is killed for the menu")
  func expires() throws {
    let house = try TerminalHouse()
    house.household?.set(.console, house.menu())
    #expect(try house.wait { house.shown.contains("menu") })
    house.household?.set(
      .console, house.session("trap '' TERM HUP; echo begun; while :; do sleep 0.1; done"))
    #expect(try house.wait { house.shown.contains("begun") })
    house.household?.set(.console, house.menu())
    #expect(
      try house.wait {
        house.shown.split(separator: "menu", omittingEmptySubsequences: false).count == 3
      })
    #expect(house.ended == 0)
    house.household?.stop()
    #expect(try house.wait { house.isFinished })
  }
}
