import Crypto
import Glibc
import Update
import Wire

@testable import Portal

/// Bundles as the tests need them, signed with a key of their own.
struct TestBundle {
  static let key = [UInt8](repeating: 7, count: 32)

  static func publicKey() throws -> [UInt8] { try Ed25519Key(seed: key).publicKey }

  /// A bundle whose root has `size` octets.
  static func make(
    _ version: String = "1.2.3", size: Int = 5_000, minimum: String = "0.1.0",
    profiles: [String] = ["vm", "zt400"], key: [UInt8] = Self.key, product: String = "zt-branch"
  ) throws -> [UInt8] {
    let sizes: [(BundleManifest.PartName, Int)] = [(.root, size), (.verity, 300), (.uki, 700)]
    let parts = sizes.map { name, size in
      (name, [UInt8](repeating: UInt8(truncatingIfNeeded: size), count: size))
    }
    let manifest = BundleManifest(
      version: SoftwareVersion(version) ?? .init(0, 0, 0),
      minimumVersion: SoftwareVersion(minimum) ?? .init(0, 0, 0), allowsDowngrade: false,
      profiles: profiles, rootHash: String(repeating: "ab", count: 32),
      parts: parts.map {
        .init($0.0, sha256: Hexadecimal.text(sha256($0.1)), size: UInt64($0.1.count))
      }, product: product)
    let signer = try Ed25519Key(seed: key)
    // A key that was made signs.
    let header = BundleHeader(manifest) { (try? signer.sign($0)) ?? [] }
    return parts.reduce(header.octets) { $0 + $1.1 }
  }
}

/// A folder for software that goes with its owner.
final class TestFolder {
  let path = "/tmp/ztb-portal-software-\(getpid())-\(UInt64.random(in: 0 ... .max))"
  let folder: SoftwareFolder

  init(isKeyed: Bool = true) throws {
    folder = try SoftwareFolder(path: path, key: isKeyed ? TestBundle.publicKey() : nil)
  }

  deinit { TemporaryFiles.removeFolder(path) }
}

extension TestPortal {
  /// Adds a bundle in pieces of `piece` octets.
  @discardableResult
  func addSoftware(
    _ octets: [UInt8], piece: Int = 1_000, by user: User? = nil
  ) throws -> Bundle {
    let user = user ?? admin
    let file = try service.receiveSoftware(by: user)
    var rest = octets[...]
    while !rest.isEmpty {
      file.take(Array(rest.prefix(piece)))
      rest = rest.dropFirst(piece)
    }
    return try service.addSoftware(file, by: user)
  }
}
