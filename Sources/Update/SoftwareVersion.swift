/// A version of the appliance's software: three numbers, as in semantic versioning 2.0.0, without
/// pre-release words.
public struct SoftwareVersion: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// Grows when something is not compatible.
  public var major: UInt16
  /// Grows with features.
  public var minor: UInt16
  /// Grows with repairs.
  public var patch: UInt16

  /// Joins the numbers.
  public init(_ major: UInt16, _ minor: UInt16, _ patch: UInt16) {
    self.major = major
    self.minor = minor
    self.patch = patch
  }

  /// Reads `1.20.3`; nil for anything else, also for a number with leading zeros or above 65 535.
  public init?(_ text: some StringProtocol) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { part -> UInt16? in
      guard part.allSatisfy({ $0.isASCII && $0.isNumber }), part == "0" || part.first != "0" else {
        return nil
      }
      return UInt16(part)
    }
    guard parts.count == 3, numbers.count == 3 else { return nil }
    self.init(numbers[0], numbers[1], numbers[2])
  }

  /// `1.20.3`.
  public var description: String { "\(major).\(minor).\(patch)" }

  /// By the numbers, the first one first.
  public static func < (one: SoftwareVersion, other: SoftwareVersion) -> Bool {
    (one.major, one.minor, one.patch) < (other.major, other.minor, other.patch)
  }
}
