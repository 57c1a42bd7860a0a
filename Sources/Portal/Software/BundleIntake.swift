import Crypto
import Update
import Wire

/// Checks a bundle that comes in pieces: header, signature, length and hash of each part. Nothing
/// of it is held but the header.
struct BundleIntake {
  /// Why octets are no bundle that the portal keeps; for people.
  struct Refusal: Error, Hashable {
    var words: String
  }

  /// The key that bundles must be signed with; nil: signatures are not checked.
  private let key: [UInt8]?
  private var head: [UInt8] = []
  private(set) var manifest: BundleManifest?
  /// Octets so far.
  private(set) var count: UInt64 = 0
  private var part = 0
  private var rest: UInt64 = 0
  private var digest: SHA256Stream?

  init(key: [UInt8]?) { self.key = key }

  /// Takes the next piece.
  mutating func take(_ piece: [UInt8]) throws(Refusal) {
    count += UInt64(piece.count)
    guard manifest == nil else { return try takeParts(piece[...]) }
    head += piece
    guard let header = try header() else { return }
    let parts = head[header.count...]
    head = []
    try begin(header)
    try takeParts(parts)
  }

  /// The manifest of the whole bundle; throws when something is missing.
  func finish() throws(Refusal) -> BundleManifest {
    guard let manifest else {
      throw Refusal(words: "\(BundleProblem.truncated(octets: head.count))")
    }
    guard part == manifest.parts.count else {
      throw Refusal(
        words: "the bundle ends within its part \(manifest.parts[part].name.rawValue); "
          + "fetch it again")
    }
    return manifest
  }

  /// The header, once enough is there.
  private func header() throws(Refusal) -> BundleHeader? {
    do throws(BundleProblem) {
      return try BundleHeader(parsing: head)
    } catch {
      switch error {
      case .truncated where head.count < BundleHeader.longestOctets: return nil
      case .noBundle where BundleHeader.magic.starts(with: head): return nil
      case .truncated, .noBundle, .format, .manifestLength: throw Refusal(words: "\(error)")
      }
    }
  }

  private mutating func begin(_ header: BundleHeader) throws(Refusal) {
    if let key, !Ed25519Key.verify(header.signature, of: header.signed, by: key) {
      throw Refusal(
        words: "the bundle is not signed with the portal's update key; take one of the vendor's")
    }
    let read: BundleManifest
    do { read = try header.manifest() } catch { throw Refusal(words: "\(error)") }
    guard read.product == BundleManifest.product else {
      throw Refusal(words: "the bundle is for \(read.product), not for \(BundleManifest.product)")
    }
    manifest = read
    try beginPart(read)
  }

  private mutating func beginPart(_ manifest: BundleManifest) throws(Refusal) {
    guard part < manifest.parts.count else {
      digest = nil
      return
    }
    rest = manifest.parts[part].size
    do { digest = try SHA256Stream() } catch { throw Refusal(words: "\(error)") }
  }

  private mutating func takeParts(_ octets: ArraySlice<UInt8>) throws(Refusal) {
    var octets = octets
    while !octets.isEmpty {
      guard let manifest, part < manifest.parts.count, let digest else {
        throw Refusal(words: "the bundle has octets behind its last part; fetch it again")
      }
      let taken = octets.prefix(Int(clamping: rest))
      digest.update(taken)
      octets = octets.dropFirst(taken.count)
      rest -= UInt64(taken.count)
      guard rest == 0 else { continue }
      let expected = manifest.parts[part]
      guard Hexadecimal.text(digest.finish()) == expected.sha256 else {
        throw Refusal(
          words: "part \(expected.name.rawValue) is damaged (its hash differs); fetch it again")
      }
      part += 1
      try beginPart(manifest)
    }
  }
}
