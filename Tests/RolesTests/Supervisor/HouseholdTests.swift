import Glibc
import Linux
import Messages
import Supervision
import Testing
import Wire

@testable import Roles

@Suite("Household", .serialized) struct HouseholdTests {
  /// A household with programs of the machine, and what it tells.
  private final class House {
    let reactor: Reactor
    private let directory = ScratchDirectory()
    var records: [String] = []
    var isFinished = false
    private(set) var household: Household?

    init() throws {
      reactor = try Reactor()
      let run = try RunDirectory(directory.path) { _ in }
      household = try Household(
        reactor, run: run,
        Household.Callbacks(
          received: { _, _ in }, started: { _ in },
          recorded: { [unowned self] name, _, new, _ in
            records.append("\(name.rawValue) \(new.rawValue)")
          }, finished: { [unowned self] in isFinished = true }))
    }

    /// Lets time pass until something holds; false when it does not within five seconds.
    func wait(until condition: () -> Bool) throws -> Bool {
      let end = MonotonicClock.now() + .seconds(5)
      while !condition() {
        guard MonotonicClock.now() < end else { return false }
        try reactor.turn(timeoutMilliseconds: 20)
        household?.expire(at: MonotonicClock.now())
      }
      return true
    }

    func pid(_ name: Household.Name) -> Int32? {
      household?.entries.first { $0.service.name == name.rawValue }?.pid
    }
  }

  private func sleeper(_ seconds: String) -> Household.Recipe {
    Household.Recipe(
      process: ProcessSpecification(program: "/bin/sleep", arguments: ["sleep", seconds]),
      isRole: false)
  }

  @Test("a member runs as long as it is wanted, and leaves when it is not")
  func comesAndGoes() throws {
    let house = try House()
    house.household?.set(.wanDHCP, sleeper("100"))
    let pid = try #require(house.pid(.wanDHCP))
    #expect(kill(pid, 0) == 0)
    house.household?.set(.wanDHCP, nil)
    #expect(try house.wait { house.pid(.wanDHCP) == nil && kill(pid, 0) != 0 })
    #expect(house.household?.has(.wanDHCP) == false)
  }

  @Test("the same recipe changes nothing, another one makes another process")
  func otherRecipe() throws {
    let house = try House()
    house.household?.set(.wanDHCP, sleeper("100"))
    let first = house.pid(.wanDHCP)
    house.household?.set(.wanDHCP, sleeper("100"))
    #expect(house.pid(.wanDHCP) == first)
    house.household?.set(.wanDHCP, sleeper("101"))
    #expect(try house.wait { house.pid(.wanDHCP).map { $0 != first } ?? false })
    house.household?.stop()
    #expect(try house.wait { house.isFinished })
  }

  @Test("a member that dies is started again")
  func dies() throws {
    let house = try House()
    house.household?.set(.wanDHCP, sleeper("100"))
    let first = try #require(house.pid(.wanDHCP))
    kill(first, SIGKILL)
    #expect(try house.wait { house.pid(.wanDHCP).map { $0 != first } ?? false })
    house.household?.stop()
    #expect(try house.wait { house.isFinished })
  }

  @Test("members are wanted back while they leave")
  func wantedBack() throws {
    let house = try House()
    house.household?.set(.wanDHCP, sleeper("100"))
    let first = house.pid(.wanDHCP)
    house.household?.set(.wanDHCP, nil)
    house.household?.set(.wanDHCP, sleeper("100"))
    #expect(try house.wait { house.pid(.wanDHCP).map { $0 != first } ?? false })
    house.household?.stop()
    #expect(try house.wait { house.isFinished })
  }

  @Test("a program that is not ours does not get our lock")
  func lock() throws {
    let house = try House()
    house.household?.set(.wanDHCP, sleeper("100"))
    let pid = try #require(house.pid(.wanDHCP))
    // More are open until it has become its program.
    #expect(try house.wait { Directory.names("/proc/\(pid)/fd") == ["0", "1", "2"] })
    house.household?.stop()
    #expect(try house.wait { house.isFinished })
  }

  @Test("an empty household has left at once")
  func empty() throws {
    let house = try House()
    house.household?.stop()
    #expect(house.isFinished)
  }
}
