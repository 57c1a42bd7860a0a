import Messages
import Testing
import Update

@testable import Roles

@Suite("What a start finds about software")
struct StartFindingTests {
  private func found(
    _ version: String, _ state: UpdateStatus.State, running: String, other: String? = nil
  ) throws -> StartFinding {
    let record = UpdateRecord(
      status: UpdateStatus(version: version, state: state), source: "/tmp/x.ztb")
    let entry = try #require(BootEntry(fileName: running))
    return StartFinding(record, running: entry, other: other.flatMap { BootEntry(fileName: $0) })
  }

  @Test(
    "a version whose starts are counted is on trial, whatever was kept of it",
    arguments: ["ztb_2.0.0+2-1.efi", "ztb_2.0.0+0-3.efi"])
  func trial(running: String) throws {
    let entry = try #require(BootEntry(fileName: running))
    #expect(StartFinding(nil, running: entry, other: nil).isOnTrial)
    // Power went between the new entry and the word that it is installed.
    #expect(try found("", .writing, running: running).isOnTrial)
    #expect(try found("2.0.0", .installed, running: running).isOnTrial)
    #expect(try found("2.0.0", .trial, running: running).isOnTrial)
    #expect(try found("2.0.0", .failed, running: running).isOnTrial)
  }

  @Test(
    "a version that used its starts up has returned, however far its own start came",
    arguments: [UpdateStatus.State.installed, .trial])
  func returned(state: UpdateStatus.State) throws {
    let finding = try found(
      "2.0.0", state, running: "ztb_1.0.0.efi", other: "ztb_2.0.0+0-3.efi")
    #expect(!finding.isOnTrial)
    #expect(finding.outcome == .returned(SoftwareVersion(2, 0, 0)))
  }

  @Test("one that waits for its start goes on waiting", arguments: ["+0", "+3", ""])
  func waiting(counter: String) throws {
    let finding = try found(
      "2.0.0", .installed, running: "ztb_1.0.0.efi", other: "ztb_2.0.0\(counter).efi")
    #expect(finding.outcome == .none)
  }

  @Test("an installation that was cut off is over")
  func interrupted() throws {
    let finding = try found("", .writing, running: "ztb_1.0.0.efi")
    #expect(finding.outcome == .interrupted)
    #expect(try found("2.0.0", .installed, running: "ztb_1.0.0.efi").outcome == .isGone)
    #expect(try found("2.0.0", .failed, running: "ztb_1.0.0.efi").outcome == .none)
  }

  @Test("a version that made place for an older one, which did not stay, is itself again")
  func madePlace() throws {
    let finding = try found(
      "1.0.0", .trial, running: "ztb_2.0.0+0.efi", other: "ztb_1.0.0+0-3.efi")
    #expect(finding.hasMadePlace && !finding.isOnTrial)
    #expect(finding.outcome == .returned(SoftwareVersion(1, 0, 0)))
  }

  @Test("what was kept of the version that runs is over once that is blessed")
  func over() throws {
    #expect(try found("2.0.0", .trial, running: "ztb_2.0.0.efi").outcome == .isOver)
  }
}
