import Update

/// A version of the appliance's software that the portal keeps.
struct Bundle: Hashable {
  var manifest: BundleManifest
  /// Octets of the whole file.
  var size: Int64
  /// Whether its signature was checked against the key that the portal was given.
  var isVerified: Bool
  /// Whether updates take it unless another one is named.
  var isDefault: Bool
  /// Seconds since 1970 when it was added.
  var added: Int64
  /// Who added it.
  var user: String

  var version: SoftwareVersion { manifest.version }
}
