import Testing

@testable import Boot

@Suite struct KernelLogTests {
  @Test("levels are those of syslog")
  func levels() {
    #expect(KernelLog.Level.error.rawValue == 3)
    #expect(KernelLog.Level.info.rawValue == 6)
  }
}
