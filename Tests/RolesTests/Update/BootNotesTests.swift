import Testing

@testable import Roles

@Suite("What a version leaves behind")
struct BootNotesTests {
  @Test("the last words count, else how far it came")
  func reasons() {
    #expect(BootNotes.reason("") == "it did not start")
    #expect(BootNotes.reason("init\nsupervisor\n") == "it stopped behind 'supervisor'")
    #expect(
      BootNotes.reason("init\nwords no disk\nsupervisor\nwords the portal is not reached\nready\n")
        == "the portal is not reached")
    #expect(BootNotes(directory: "/nonexistent").reason("1.2.3") == "it did not start")
  }

  @Test("the health period stands on the kernel's command line")
  func period() {
    #expect(RunningSoftware.healthSeconds(commandLine: "quiet ztb.bless=5 panic=5\n") == 5)
    for line in ["quiet", "ztb.bless=", "ztb.bless=0", "ztb.bless=x", "ztb.bless=86401"] {
      #expect(RunningSoftware.healthSeconds(commandLine: line) == nil, "\(line)")
    }
  }

  @Test("the manufacturer's key has 64 digits")
  func key() {
    #expect(
      AnchorKey.octets(String(repeating: "0f", count: 32)) == [UInt8](repeating: 15, count: 32))
    for text in ["", "0f", String(repeating: "0g", count: 32), String(repeating: "0", count: 65)] {
      #expect(AnchorKey.octets(text) == nil)
    }
  }
}
