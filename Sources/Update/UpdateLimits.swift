/// Bounds of what is read before anything in it is believed.
public enum UpdateLimits {
  /// Longest manifest, octets.
  public static let manifestOctets = 65_536
  /// Largest part of a bundle, octets; more than any slot has.
  public static let partOctets: UInt64 = 1 << 30
  /// Profiles that one bundle may be for.
  public static let profiles = 64
  /// Longest name of a product or profile, octets.
  public static let nameOctets = 64
}
