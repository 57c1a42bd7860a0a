internal import Wire

/// What stands before the parts of an update bundle.
///
///     octets 0…7    `ZTBUNDLE`
///     8…11          format, 1
///     12…15         length N of the manifest, 1…65 536
///     16…16+N-1     manifest, canonical JSON
///     then 64       Ed25519 signature over everything before it
///
/// Numbers are in network order. The manifest is not looked at here: its signature comes first.
public struct BundleHeader: Hashable, Sendable {
  /// What a bundle begins with.
  public static let magic = Array("ZTBUNDLE".utf8)
  /// The one format there is.
  public static let format: UInt32 = 1
  /// Octets of the signature.
  public static let signatureOctets = 64
  /// No header is longer.
  public static let longestOctets = 16 + UpdateLimits.manifestOctets + signatureOctets

  /// What the signature is over.
  public let signed: [UInt8]
  /// The signature.
  public let signature: [UInt8]

  /// Makes the header of a manifest; `sign` gets what the signature is over.
  public init(
    _ manifest: BundleManifest, sign: (_ message: [UInt8]) -> [UInt8]
  ) {
    let octets = manifest.canonical
    var writer = ByteWriter()
    writer.octets(Self.magic)
    writer.uint32(Self.format)
    writer.uint32(UInt32(octets.count))
    writer.octets(octets)
    signed = writer.bytes
    signature = sign(writer.bytes)
  }

  /// Reads the header from the first octets of a bundle; ``longestOctets`` of them are enough.
  public init(parsing prefix: [UInt8]) throws(BundleProblem) {
    guard prefix.starts(with: Self.magic) else { throw .noBundle }
    var reader = ByteReader(prefix)
    let numbers: (format: UInt32, length: UInt32)
    do throws(WireError) {
      _ = try reader.octets(Self.magic.count)
      numbers = (try reader.uint32(), try reader.uint32())
    } catch { throw .truncated(octets: prefix.count) }
    guard numbers.format == Self.format else { throw .format(numbers.format) }
    guard (1...UInt32(UpdateLimits.manifestOctets)).contains(numbers.length) else {
      throw .manifestLength(numbers.length)
    }
    do throws(WireError) {
      _ = try reader.octets(Int(numbers.length))
      signed = Array(prefix[..<reader.offset])
      signature = Array(try reader.octets(Self.signatureOctets))
    } catch { throw .truncated(octets: prefix.count) }
  }

  /// The header as it stands in a file; the parts follow at once.
  public var octets: [UInt8] { signed + signature }

  /// Where the first part begins.
  public var count: Int { signed.count + signature.count }

  /// Reads the manifest. For callers who have verified ``signature``.
  public func manifest() throws(ManifestProblems) -> BundleManifest {
    try BundleManifest(parsing: Array(signed[16...]))
  }
}

/// Why octets are no bundle.
public enum BundleProblem: Error, Hashable, Sendable, CustomStringConvertible {
  /// It does not begin like one.
  case noBundle
  /// A format of the future.
  case format(UInt32)
  /// The manifest is empty or too long.
  case manifestLength(UInt32)
  /// It ends within its header.
  case truncated(octets: Int)

  public var description: String {
    switch self {
    case .noBundle: "this is no update bundle; take the file whose name ends in .ztb"
    case .format(let number):
      "the bundle has format \(number), this version reads 1; update to a version between first"
    case .manifestLength(let length):
      "the manifest has \(length) octets, not 1…\(UpdateLimits.manifestOctets); "
        + "the file is damaged, fetch it again"
    case .truncated(let octets):
      "the bundle ends after \(octets) octets, within its header; fetch it again"
    }
  }
}
