import Update

/// A bundle as the tests need it.
enum Sample {
  static let digest = String(repeating: "0123456789abcdef", count: 4)

  static func manifest(
    _ version: String = "1.2.3", minimum: String = "0.1.0", downgrade: Bool = false
  ) -> BundleManifest {
    BundleManifest(
      version: SoftwareVersion(version) ?? .init(0, 0, 0),
      minimumVersion: SoftwareVersion(minimum) ?? .init(0, 0, 0), allowsDowngrade: downgrade,
      profiles: ["vm", "zt400"], rootHash: digest,
      parts: [
        .init(.root, sha256: digest, size: 4_096), .init(.verity, sha256: digest, size: 512),
        .init(.uki, sha256: digest, size: 1_000),
      ])
  }

  /// ``manifest(_:minimum:downgrade:)`` as the format says; `DIGEST` stands for ``digest``.
  static let text =
    #"{"allowDowngrade":false,"minimumVersion":"0.1.0","parts":["#
    + #"{"name":"root","sha256":"DIGEST","size":4096},"#
    + #"{"name":"verity","sha256":"DIGEST","size":512},"#
    + #"{"name":"uki","sha256":"DIGEST","size":1000}],"product":"zt-branch","#
    + #""profiles":["vm","zt400"],"rootHash":"DIGEST","version":"1.2.3"}"#
}

extension String {
  /// The same with the first `old` replaced.
  func replacing(_ old: String, _ new: String) -> String {
    guard let range = firstRange(of: old) else { return self }
    return String(self[..<range.lowerBound]) + new + String(self[range.upperBound...])
  }
}
