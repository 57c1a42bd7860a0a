import Activation
import Glibc
import JSON
import Linux

/// What `Scripts/image` made, as `Scripts/test appliance` lays it out: a directory for each build.
struct ApplianceImages {
  /// Absolute path of the builds.
  let directory: String
  /// Absolute path of the keys that they are signed with.
  let keys: String

  /// One call of `Scripts/image`.
  enum Build: String, CaseIterable {
    /// The disk out of the carton, and the files for a direct start.
    case first
    /// The bundle that it is updated to.
    case second
    /// A bundle whose supervisor ends at once.
    case crashing

    /// The version that it was given.
    var version: String {
      switch self {
      case .first: "1.0.0"
      case .second: "2.0.0"
      case .crashing: "3.0.0"
      }
    }
  }

  /// The appliance with the disk of a build.
  func appliance(_ build: Build, _ start: Appliance.Start) throws -> Appliance {
    try Appliance(
      directory: "\(directory)/\(build.rawValue)", version: build.version, start: start)
  }

  /// The update bundle of a build; throws ``LabError/missing(_:)`` where it is not there.
  func bundle(_ build: Build) throws -> String {
    let path = "\(directory)/\(build.rawValue)/ztb-\(build.version).ztb"
    guard Programs.isReadable(path) else {
      throw LabError.missing("\(path) is not built; see Scripts/test appliance")
    }
    return path
  }

  /// A token for the emergency shell of the box with this serial number, good for an hour.
  func emergencyToken(serial: String, _ host: Host) throws -> String {
    let key = "\(keys)/update.key"
    guard Programs.isReadable(key) else {
      throw LabError.missing("\(key) is not there: no token for a shell can be signed")
    }
    let payload = JSONValue.of(
      ("expires", .integer(time(nil) + 3600)), ("purpose", .string("emergency-shell")),
      ("serial", .string(serial)))
    let signed = "ZTE1.\(Base64URL.encode(payload.canonical))"
    try host.write("/run/token", signed)
    try host.run([
      "openssl", "pkeyutl", "-sign", "-rawin", "-inkey", key, "-in", "/run/token", "-out",
      "/run/signature",
    ])
    let signature = try host.inside { try Files.read("/run/signature") }
    return "\(signed).\(Base64URL.encode(signature))"
  }
}
