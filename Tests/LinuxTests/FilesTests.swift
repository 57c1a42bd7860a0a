import Linux
import Testing

@Suite struct FilesTests {
  @Test("what the kernel keeps in memory is told from other files, and from what is not there")
  func memory() throws {
    #expect(try Files.isInMemory("/dev/shm"))
    #expect(try !Files.isInMemory("/proc"))
    let error = #expect(throws: SystemError.self) { try Files.isInMemory("/nowhere") }
    #expect(error?.call == "statfs")
  }
}
