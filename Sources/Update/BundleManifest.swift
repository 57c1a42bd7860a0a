internal import JSON

/// What an update bundle says about itself; canonical JSON, signed as it stands in the file.
public struct BundleManifest: Hashable, Sendable {
  /// The product that every appliance of ours is.
  public static let product = "zt-branch"

  /// The parts of a bundle, in the order in which they follow its header.
  public enum PartName: String, Hashable, Sendable, CaseIterable {
    /// The root file system.
    case root
    /// Its verity tree.
    case verity
    /// Kernel, initial file system and command line as one program of the firmware.
    case uki
  }

  /// One part.
  public struct Part: Hashable, Sendable {
    /// Which one.
    public var name: PartName
    /// SHA-256 of its octets, 64 hexadecimal digits in lower case.
    public var sha256: String
    /// Octets.
    public var size: UInt64

    /// Joins the values.
    public init(_ name: PartName, sha256: String, size: UInt64) {
      self.name = name
      self.sha256 = sha256
      self.size = size
    }
  }

  /// The product it is for.
  public var product: String
  /// The version that it brings.
  public var version: SoftwareVersion
  /// The oldest version that it may be installed on.
  public var minimumVersion: SoftwareVersion
  /// Whether it may be installed on a newer version.
  public var allowsDowngrade: Bool
  /// The profiles it is for.
  public var profiles: [String]
  /// Hash of the verity tree's top, 64 hexadecimal digits in lower case.
  public var rootHash: String
  /// Root, verity, uki, in this order.
  public var parts: [Part]

  /// Joins the values; nothing is checked.
  public init(
    version: SoftwareVersion, minimumVersion: SoftwareVersion, allowsDowngrade: Bool,
    profiles: [String], rootHash: String, parts: [Part], product: String = Self.product
  ) {
    self.version = version
    self.minimumVersion = minimumVersion
    self.allowsDowngrade = allowsDowngrade
    self.profiles = profiles
    self.rootHash = rootHash
    self.parts = parts
    self.product = product
  }

  /// Reads a manifest; every problem is listed, each with its place.
  public init(parsing octets: [UInt8]) throws(ManifestProblems) {
    guard octets.count <= UpdateLimits.manifestOctets else {
      throw ManifestProblems("", "is longer than \(UpdateLimits.manifestOctets) octets")
    }
    let value: JSONValue
    do throws(JSONSyntaxError) {
      value = try JSONParser.parse(octets)
    } catch {
      throw ManifestProblems("", "\(error)")
    }
    // Whoever reads it otherwise than we do must not find something else in it.
    guard value.canonical == octets else {
      throw ManifestProblems("", "is not canonical JSON (sorted keys, no space)")
    }
    var reader = ManifestReader(value)
    let manifest = reader.manifest()
    guard let manifest, reader.problems.isEmpty else {
      throw ManifestProblems(list: reader.problems)
    }
    self = manifest
  }

  /// The one form that is signed.
  public var canonical: [UInt8] {
    JSONValue.object([
      .init("allowDowngrade", .bool(allowsDowngrade)),
      .init("minimumVersion", .text(minimumVersion)),
      .init(
        "parts",
        .array(
          parts.map {
            .object([
              .init("name", .string($0.name.rawValue)), .init("sha256", .string($0.sha256)),
              .init("size", .integer($0.size)),
            ])
          })),
      .init("product", .string(product)),
      .init("profiles", .array(profiles.map { .string($0) })),
      .init("rootHash", .string(rootHash)),
      .init("version", .text(version)),
    ]).canonical
  }

  /// Octets of every part together.
  public var partOctets: UInt64 { parts.reduce(0) { $0 + $1.size } }
}

/// What is wrong with a manifest: places and words.
public struct ManifestProblems: Error, Hashable, Sendable, CustomStringConvertible {
  /// One problem.
  public struct Problem: Hashable, Sendable, CustomStringConvertible {
    /// `parts[1].size`; empty: the manifest as a whole.
    public let path: String
    /// What is wrong with it.
    public let message: String

    public var description: String {
      path.isEmpty ? "manifest: \(message)" : "manifest: \(path): \(message)"
    }
  }

  /// At least one.
  public let list: [Problem]

  init(list: [Problem]) { self.list = list }

  init(_ path: String, _ message: String) { list = [Problem(path: path, message: message)] }

  public var description: String { list.map(\.description).joined(separator: "\n") }
}
