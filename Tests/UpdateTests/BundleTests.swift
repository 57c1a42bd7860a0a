import Testing
import Update

@Suite struct BundleTests {
  @Test("a manifest is written as the contract says, and read back")
  func golden() throws {
    let octets = Array(
      (0..<4).reduce(Sample.text) { text, _ in
        text.replacing("DIGEST", Sample.digest)
      }.utf8)
    #expect(Sample.manifest().canonical == octets)
    #expect(try BundleManifest(parsing: octets) == Sample.manifest())
    #expect(Sample.manifest().partOctets == 5_608)
  }

  static let wrong: [(String, String, String)] = [
    ("false", "0", "manifest: allowDowngrade: must be true or false"),
    ("\"0.1.0\"", "\"0.1\"", "manifest: minimumVersion: must be a version such as 1.2.3"),
    ("1000", "0", "manifest: parts[2].size: must be 1…1073741824"),
    ("1000", "-1", "manifest: parts[2].size: must be 1…1073741824"),
    ("1000", "1.5", "manifest: parts[2].size: must be 1…1073741824"),
    ("512", "1073741825", "manifest: parts[1].size: must be 1…1073741824"),
    ("\"uki\"", "\"root\"", "manifest: parts[2].name: must be uki"),
    ("[\"vm\",\"zt400\"]", "[]", "manifest: profiles: must be a list of 1…64 names"),
    ("\"zt400\"", "\"vm\"", "manifest: profiles[1]: vm is there twice"),
    ("\"zt400\"", "7", "manifest: profiles[1]: must be a word of 1…64 characters"),
    ("\"zt-branch\"", "\"\"", "manifest: product: must be a word of 1…64 characters"),
    ("\"version\":", "\"versioo\":", "manifest: version: is missing"),
    ("\"1.2.3\"}", "\"1.2.3\",\"x\":1}", "manifest: x: is not known"),
    ("{", " {", "manifest: is not canonical JSON (sorted keys, no space)"),
  ]

  @Test("what is wrong is named with its place", arguments: wrong)
  func problems(_ old: String, _ new: String, _ words: String) {
    let text = String(decoding: Sample.manifest().canonical, as: UTF8.self)
    let octets = Array(text.replacing(old, new).utf8)
    let error = #expect(throws: ManifestProblems.self) { try BundleManifest(parsing: octets) }
    #expect(error?.list.map(\.description).contains(words) == true, "\(String(describing: error))")
  }

  @Test("every problem is told at once")
  func several() {
    let text = String(decoding: Sample.manifest().canonical, as: UTF8.self)
      .replacing("false", "1").replacing("512", "0").replacing(Sample.digest, "ABC")
    let error = #expect(throws: ManifestProblems.self) {
      try BundleManifest(parsing: Array(text.utf8))
    }
    #expect(error?.list.count == 3)
  }

  @Test("a header is read back, whatever follows it")
  func header() throws {
    let signature = [UInt8](repeating: 7, count: 64)
    let header = BundleHeader(Sample.manifest()) { _ in signature }
    #expect(Array(header.octets[..<8]) == Array("ZTBUNDLE".utf8))
    #expect(Array(header.octets[8..<12]) == [0, 0, 0, 1])
    let read = try BundleHeader(parsing: header.octets + [1, 2, 3])
    #expect(read == header)
    #expect(read.count == header.octets.count)
    #expect(try read.manifest() == Sample.manifest())
  }

  @Test("every truncation of a header is refused")
  func truncations() {
    let header = BundleHeader(Sample.manifest()) { _ in [UInt8](repeating: 7, count: 64) }
    for count in 0..<header.count {
      let problem: BundleProblem = count < 8 ? .noBundle : .truncated(octets: count)
      #expect(throws: problem) { try BundleHeader(parsing: Array(header.octets[..<count])) }
    }
  }

  @Test("sizes are bounded before anything is read")
  func bounds() {
    let start = BundleHeader.magic + [0, 0, 0, 1]
    #expect(throws: BundleProblem.manifestLength(0)) {
      try BundleHeader(parsing: start + [0, 0, 0, 0])
    }
    #expect(throws: BundleProblem.manifestLength(65_537)) {
      try BundleHeader(parsing: start + [0, 1, 0, 1])
    }
    #expect(throws: BundleProblem.manifestLength(.max)) {
      try BundleHeader(parsing: start + [255, 255, 255, 255])
    }
    #expect(throws: BundleProblem.format(2)) {
      try BundleHeader(parsing: BundleHeader.magic + [0, 0, 0, 2, 0, 0, 0, 1])
    }
  }

  @Test("octets that were changed at random are refused or read as what they say")
  func hostile() {
    var random = SplitMix(seed: 4)
    let octets = Sample.manifest().canonical
    for _ in 0..<10_000 {
      var changed = octets
      for _ in 0...random.next() % 3 {
        changed[Int(random.next() % UInt64(octets.count))] = UInt8(
          truncatingIfNeeded: random.next())
      }
      guard let manifest = try? BundleManifest(parsing: changed) else { continue }
      #expect(manifest.canonical == changed)
    }
  }
}

/// Random numbers with a seed (SplitMix64).
struct SplitMix: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    return value ^ value >> 31
  }
}
