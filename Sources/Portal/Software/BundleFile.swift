import Glibc
import Linux
import Update

/// A bundle on its way into the folder: written and checked piece by piece. It goes with this
/// object, unless it was kept.
final class BundleFile {
  private let folder: SoftwareFolder
  private let temporary: String
  private var file: Descriptor?
  private var intake: BundleIntake
  private var manifest: BundleManifest?
  /// What went wrong; the rest is not looked at.
  private(set) var failure: PortalError?

  /// Begins an empty file.
  init(_ folder: SoftwareFolder) {
    self.folder = folder
    temporary = folder.temporary()
    intake = BundleIntake(key: folder.key)
    do throws(SystemError) {
      file = try Descriptor.open(temporary, O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600)
    } catch { failure = Self.failure(error) }
  }

  deinit { unsafe unlink(temporary) }

  /// Takes the next piece; after a failure it goes nowhere.
  func take(_ piece: [UInt8]) {
    guard failure == nil else { return }
    guard Int(clamping: intake.count) + piece.count <= SoftwareFolder.limitBytes else {
      return fail(.tooLarge)
    }
    do throws(BundleIntake.Refusal) {
      try intake.take(piece)
    } catch { return fail(.invalid("", error.words)) }
    do throws(SystemError) {
      var rest = piece[...]
      while !rest.isEmpty, let count = try file?.write(rest) { rest = rest.dropFirst(count) }
    } catch { fail(Self.failure(error)) }
  }

  /// Everything has come: throws what is wrong with it, and returns when it is on the disk. That
  /// may take a second, so it is done before the transaction that keeps it.
  func complete() throws(PortalError) {
    if let failure { throw failure }
    do throws(BundleIntake.Refusal) {
      manifest = try intake.finish()
    } catch { throw .invalid("", error.words) }
    do throws(SystemError) { try Files.synchronise(temporary) } catch {
      throw Self.failure(error)
    }
  }

  /// Puts a bundle that is complete where it belongs.
  ///
  /// - Parameter accept: throws when the version is not wanted; nothing is kept then.
  func keep(
    _ accept: (BundleManifest, Int64) throws(PortalError) -> Void
  ) throws(PortalError) {
    guard let manifest else { throw .broken }
    try accept(manifest, Int64(clamping: intake.count))
    do throws(SystemError) {
      let place = folder.file(manifest.version)
      try system("rename", place) { unsafe rename(temporary, place) }
      try Files.synchronise(folder.path)
    } catch { throw Self.failure(error) }
  }

  private func fail(_ error: PortalError) {
    failure = error
    file = nil
    // A disk that is full has room again at once.
    unsafe unlink(temporary)
  }

  private static func failure(_ error: SystemError) -> PortalError {
    Log.error("software \(error)")
    guard error.code == ENOSPC || error.code == EDQUOT else { return .broken }
    return PortalError(
      status: 507, word: "no-room",
      message: "The portal's disk is full; delete a version, or make room there.")
  }
}

extension PortalError {
  /// A bundle beyond the limit.
  static let tooLarge = PortalError(
    status: 413, word: "too-large",
    message: "A bundle has at most \(SoftwareFolder.limitBytes >> 20) MiB.")
}
