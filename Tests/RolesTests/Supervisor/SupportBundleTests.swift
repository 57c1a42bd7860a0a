import FoundationEssentials
import Glibc
import Linux
import Testing
import Wire

@testable import Roles

@Suite("Support bundle")
struct SupportBundleTests {
  @Test("POSIX ustar: name, mode, size and checksum of a header")
  func header() {
    let header = TarArchive.header("a/version.txt", size: 10, time: 1_764_124_415)
    #expect(header.count == 512)
    #expect(String(decoding: header[0..<13], as: UTF8.self) == "a/version.txt")
    #expect(String(decoding: header[100..<107], as: UTF8.self) == "0000600")
    #expect(String(decoding: header[124..<135], as: UTF8.self) == "00000000012")
    #expect(String(decoding: header[257..<262], as: UTF8.self) == "ustar" && header[156] == 48)
    var blank = header
    for index in 148..<156 { blank[index] = 32 }
    let sum = String(blank.reduce(0) { $0 + Int($1) }, radix: 8)
    #expect(String(decoding: header[148..<154], as: UTF8.self).hasSuffix(sum))
  }

  @Test("an archive never grows beyond its limit")
  func limit() throws {
    let scratch = ScratchDirectory()
    let path = scratch.path + "/x.tar"
    let archive = try TarArchive(path: path, time: 0, limitOctets: 10_000)
    #expect(try archive.add("small", [1, 2, 3]))
    #expect(try !archive.add("large", [UInt8](repeating: 7, count: 100_000)))
    #expect(try !archive.add("none", [1]))
    try archive.finish()
    let octets = try Files.read(path)
    #expect(octets.count <= 12_000 && octets.count % 512 == 0)
    #expect(octets.suffix(1_024).allSatisfy { $0 == 0 })
  }

  @Test("a bundle is for user 0 only, three are kept, and no supervisor is needed")
  func bundle() throws {
    let scratch = ScratchDirectory()
    let support = scratch.path + "/support"
    unsafe mkdir(support, 0o700)
    // The scratch directory removes what the supervisor makes, not this.
    defer { _ = try? FileManager.default.removeItem(atPath: support) }
    for day in 1...4 {
      try Files.replace("\(support)/ztb-support-2020010\(day)T000000Z.tar", with: [UInt8(day)])
    }
    try Files.replace("\(support)/ztb-support-20200105T000000Z.1999999999.new", with: [])
    try Files.replace(scratch.path + "/ztbd.log", with: Array("a line\n".utf8))
    let path = try SupportBundle.write(
      to: support, runDirectory: scratch.path + "/none", logDirectory: scratch.path)
    var status = stat()
    #expect(unsafe stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
    let names = try FileManager.default.contentsOfDirectory(atPath: support).sorted()
    #expect(names.count == 3 && names.first == "ztb-support-20200103T000000Z.tar")
    let text = String(decoding: try Files.read(path), as: UTF8.self)
    for name in ["version.txt", "overview.json", "nft-ruleset.txt", "log/ztbd.log", "a line"] {
      #expect(text.contains(name), "\(name)")
    }
  }

  @Test("a program that does not end is ended, one that is not there is named")
  func programs() {
    let slow = BoundedRun.output(
      of: "/bin/sleep", ["60"], limitOctets: 100, patience: .milliseconds(50))
    #expect(String(decoding: slow, as: UTF8.self).contains("cut off"))
    let endless = BoundedRun.output(
      of: "/bin/cat", ["/dev/zero"], limitOctets: 100, patience: .seconds(5))
    #expect(endless.count < 200)
    let absent = BoundedRun.output(of: "/no/such", [], limitOctets: 100, patience: .seconds(1))
    #expect(String(decoding: absent, as: UTF8.self).contains("not installed"))
  }
}
