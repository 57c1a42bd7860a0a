import Configuration
import Testing

@Suite struct HostileDocumentTests {
  @Test("every truncation of a document is refused, none traps")
  func truncation() {
    let text = Array(Sample.text.utf8)
    for length in text.indices {
      #expect(throws: ConfigurationProblems.self) {
        try ConfigurationDocument(parsing: Array(text.prefix(length)))
      }
    }
  }

  @Test("documents with one octet changed are accepted or refused, never trap")
  func mutation() {
    var generator = SeededGenerator(seed: 7112)
    let text = Array(Sample.text.utf8)
    for _ in 0..<3_000 {
      var changed = text
      let place = Int.random(in: changed.indices, using: &generator)
      changed[place] = UInt8.random(in: 0...255, using: &generator)
      // Both outcomes are fine; the test is that there is one.
      _ = try? ConfigurationDocument(parsing: changed)
    }
  }
}

/// SplitMix64: the same numbers for the same seed.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
