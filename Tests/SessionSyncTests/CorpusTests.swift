import FoundationEssentials
import Testing

@Suite("Corpus of the fuzz targets")
struct CorpusTests {
  @Test(
    "what fuzzing found, whole and cut, is read or refused without a trap, and written back alike",
    arguments: ["record", "frame"])
  func replay(_ target: String) throws {
    let root = #filePath.dropLast("/SessionSyncTests/CorpusTests.swift".count)
    let directory = String(root) + "/Corpus/\(target)"
    let names = try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
    #expect(names.count >= 4)
    for name in names {
      let input = try Array(Data(contentsOf: URL(filePath: directory + "/" + name)))
      for count in stride(from: input.count, through: 0, by: -1) {
        let octets = Array(input.prefix(count))
        #expect(
          (target == "record" ? StreamOracle.records(octets[...]) : StreamOracle.frames(octets))
            == nil, "\(name), \(count) octets")
      }
    }
  }
}
