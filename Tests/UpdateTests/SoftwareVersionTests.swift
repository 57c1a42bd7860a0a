import Testing

@testable import Update

@Suite struct SoftwareVersionTests {
  @Test("a version is read back as it is written", arguments: ["0.0.0", "1.20.3", "65535.0.1"])
  func identity(_ text: String) { #expect(SoftwareVersion(text)?.description == text) }

  @Test(
    "anything else is no version",
    arguments: ["", "1", "1.2", "1.2.3.4", "1..3", "01.2.3", "1.2.-3", "1.2.3-rc1", "65536.0.0"])
  func refused(_ text: String) { #expect(SoftwareVersion(text) == nil) }

  @Test("numbers count, not characters")
  func order() {
    let versions = ["0.9.9", "0.10.0", "1.2.3", "1.2.10", "2.0.0"].map { SoftwareVersion($0) }
    #expect(versions.compactMap { $0 }.sorted() == versions)
  }
}
