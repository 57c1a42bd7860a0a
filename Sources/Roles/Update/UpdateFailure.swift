import Crypto
import Linux
import Update

/// Why a bundle was not installed. What runs stays as it is.
enum UpdateFailure: Error, CustomStringConvertible {
  /// A file or device could not be used.
  case system(SystemError)
  /// The cryptographic library failed.
  case library(CryptoError)
  /// It is no bundle.
  case bundle(BundleProblem)
  /// Nobody whom this appliance trusts has signed it.
  case signature
  /// It is signed, but its manifest makes no sense.
  case manifest(ManifestProblems)
  /// It is signed, but not for this appliance as it is.
  case refused([UpdateRefusal])
  /// It is signed and fits, but is another version than was asked for.
  case otherVersion(SoftwareVersion, wanted: SoftwareVersion)
  /// It ends too early, or goes on behind its last part.
  case length(found: UInt64, expected: UInt64)
  /// A part is not what was signed.
  case damaged(BundleManifest.PartName)
  /// What was written is not what is read back.
  case disk(BundleManifest.PartName)
  /// A test ended it there.
  case cut(SlotInstallation.Step)

  var description: String {
    switch self {
    case .system(let error): "\(error)"
    case .library(let error): "\(error)"
    case .bundle(let problem): "\(problem)"
    case .signature:
      "the signature is not the manufacturer's; take the bundle from the manufacturer or the portal"
    case .manifest(let problems): problems.list.map(\.description).joined(separator: "; ")
    case .refused(let refusals): refusals.map(\.description).joined(separator: "; ")
    case .otherVersion(let found, let wanted):
      "the bundle is \(found), not \(wanted); choose the version that it has"
    case .length(let found, let expected):
      "the bundle has \(found) octets instead of \(expected); fetch it again"
    case .damaged(let part): "\(part.rawValue) is not what was signed; fetch the bundle again"
    case .disk(let part):
      "\(part.rawValue) was written, but reads back differently: the disk fails; replace it"
    case .cut(let step): "ended after \(step)"
    }
  }
}

/// Makes system calls whose failure ends an installation.
func installing<Result: ~Copyable>(
  _ body: () throws(SystemError) -> Result
) throws(UpdateFailure) -> Result {
  do throws(SystemError) { return try body() } catch { throw .system(error) }
}
