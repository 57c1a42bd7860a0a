import FoundationEssentials
import Testing

@Suite("Corpus of the fuzz targets")
struct CorpusTests {
  private static let root =
    String(
      #filePath.dropLast("/VRRPTests/CorpusTests.swift".count)) + "/Corpus/"

  private static func inputs(_ target: String) throws -> [[UInt8]] {
    try FileManager.default.contentsOfDirectory(atPath: root + target).sorted().map {
      try Array(Data(contentsOf: URL(filePath: root + target + "/" + $0)))
    }
  }

  @Test(
    "What fuzzing found is read, or refused, without a trap, and written back alike",
    arguments: ["advertisement", "heartbeat"])
  func replay(target: String) throws {
    let inputs = try Self.inputs(target)
    #expect(inputs.count >= 4)
    for input in inputs {
      let wrong =
        target == "heartbeat"
        ? DecoderOracle.heartbeat(input) : DecoderOracle.advertisement(input)
      #expect(wrong == nil)
    }
  }

  @Test("C29: 100 000 random packets and mutations of good ones trap nowhere")
  func random() throws {
    var random = SplitMix(29)
    let good = try Self.inputs("advertisement") + Self.inputs("heartbeat")
    for round in 0..<100_000 {
      var octets = good[random.below(good.count)]
      if round % 4 == 0 {
        octets = (0..<random.below(80)).map { _ in random.next() }
      }
      for _ in 0..<random.below(6) where !octets.isEmpty {
        octets[random.below(octets.count)] = random.next()
      }
      if random.below(8) == 0 { octets.removeLast(random.below(octets.count + 1)) }
      #expect(DecoderOracle.advertisement(octets) == nil)
      #expect(DecoderOracle.heartbeat(octets) == nil)
    }
  }
}
