import Crypto
import Glibc
import Linux
import Update

/// Puts a bundle into the slot that does not run.
///
/// Whatever ends it, at any moment: what runs stays what the loader starts. The entry of the new
/// version appears by one rename, after everything that it needs was read back from the disk.
///
/// The file may belong to somebody who changes it meanwhile (the agent fetched it). That is why the
/// hashes that count are those of what was read back, against a manifest that is held in memory.
struct SlotInstallation {
  /// Where a test may end it.
  enum Step: CaseIterable {
    /// Signature, verdict and every part of the file are right; nothing was written.
    case verified
    /// The loader finds the running version only.
    case entriesRemoved
    /// The root is on the disk.
    case rootWritten
    /// Its verity tree is.
    case verityWritten
    /// Both were read back.
    case slotRead
    /// The new entry is on the disk under a name that the loader does not look at.
    case entryWritten
    /// The loader finds it.
    case entryNamed
  }

  /// What people see of it.
  enum Progress: Hashable {
    /// The file is checked, per cent.
    case verifying(Int)
    /// The slot is written and read back, per cent.
    case writing(Int)
  }

  let place: InstallPlace
  /// Who has to have signed, 32 octets.
  let key: [UInt8]
  /// The version that it has to be; nil: any that may be installed.
  var wanted: SoftwareVersion?
  /// The state of the new entry; with no start left the loader waits until it is activated.
  var state = BootEntry.State.trial(left: BootEntry.trialStarts, done: 0)
  /// Told of each new per cent.
  var report: (Progress) -> Void = { _ in }
  /// Whether it is to end there, as by a power cut.
  var isCutAfter: (Step) -> Bool = { _ in false }

  /// Installs the bundle behind an open file; the version that it has.
  func install(from descriptor: Int32) throws(UpdateFailure) -> SoftwareVersion {
    let file = PieceReader(descriptor)
    let header = try header(file)
    // Octets that nobody signed are not interpreted.
    guard Ed25519Key.verify(header.signature, of: header.signed, by: key) else { throw .signature }
    let manifest = try judge(header)
    try checkParts(manifest, header, descriptor, file)
    try pass(.verified)
    let entries = BootEntries(partition: place.partition)
    // Their slot is about to hold something else.
    try installing { () throws(SystemError) in try entries.removeAll(except: place.running) }
    try pass(.entriesRemoved)
    try write(manifest, header, file, entries)
    return manifest.version
  }

  private func pass(_ step: Step) throws(UpdateFailure) {
    if isCutAfter(step) { throw .cut(step) }
  }

  // MARK: The file

  private func header(_ file: borrowing PieceReader) throws(UpdateFailure) -> BundleHeader {
    var prefix: [UInt8] = []
    _ = try unsafe file.read(from: 0, count: UInt64(BundleHeader.longestOctets)) { piece in
      unsafe prefix += piece
    }
    do throws(BundleProblem) {
      return try BundleHeader(parsing: prefix)
    } catch { throw .bundle(error) }
  }

  private func judge(_ header: BundleHeader) throws(UpdateFailure) -> BundleManifest {
    let manifest: BundleManifest
    do throws(ManifestProblems) {
      manifest = try header.manifest()
    } catch { throw .manifest(error) }
    let refusals = manifest.refusals(on: try place.target())
    guard refusals.isEmpty else { throw .refused(refusals) }
    if let wanted, wanted != manifest.version {
      throw .otherVersion(manifest.version, wanted: wanted)
    }
    return manifest
  }

  private func checkParts(
    _ manifest: BundleManifest, _ header: BundleHeader, _ descriptor: Int32,
    _ file: borrowing PieceReader
  ) throws(UpdateFailure) {
    let found = try installing { () throws(SystemError) in
      UInt64(try system("lseek") { lseek(descriptor, 0, SEEK_END) })
    }
    let expected = UInt64(header.count) + manifest.partOctets
    guard found == expected else { throw .length(found: found, expected: expected) }
    var meter = Meter(whole: manifest.partOctets) { report(.verifying($0)) }
    var offset = UInt64(header.count)
    for part in manifest.parts {
      let digest = try unsafe file.read(from: offset, count: part.size) { meter.add($0.count) }
      guard digest == part.sha256 else { throw .damaged(part.name) }
      offset += part.size
    }
  }

  // MARK: The disk

  private func write(
    _ manifest: BundleManifest, _ header: BundleHeader, _ file: borrowing PieceReader,
    _ entries: BootEntries
  ) throws(UpdateFailure) {
    var meter = Meter(whole: manifest.partOctets * 2) { report(.writing($0)) }
    var offset = UInt64(header.count)
    let temporary = entries.temporaryPath(manifest.version)
    for part in manifest.parts {
      if part.name == .uki {
        for written in manifest.parts where written.name != .uki {
          try readBack(written, place.device(written.name), &meter)
        }
        try pass(.slotRead)
      }
      let path = part.name == .uki ? temporary : place.device(part.name)
      try copy(part, at: offset, file, to: path, &meter)
      offset += part.size
      switch part.name {
      case .root: try pass(.rootWritten)
      case .verity: try pass(.verityWritten)
      case .uki: try readBack(part, path, &meter)
      }
    }
    try pass(.entryWritten)
    let path = entries.path(BootEntry(manifest.version, state))
    try installing { () throws(SystemError) in
      try system("rename", path) { unsafe rename(temporary, path) }
      try Files.synchronise(entries.directory)
    }
    try pass(.entryNamed)
  }

  private func copy(
    _ part: BundleManifest.Part, at offset: UInt64, _ file: borrowing PieceReader,
    to path: String, _ meter: inout Meter
  ) throws(UpdateFailure) {
    let create = part.name == .uki ? O_CREAT | O_TRUNC : 0
    let output = try installing { () throws(SystemError) in
      try Descriptor.open(path, O_WRONLY | create)
    }
    let number = output.rawValue
    _ = try unsafe file.read(from: offset, count: part.size) { piece throws(SystemError) in
      var rest = unsafe piece
      while let start = rest.baseAddress, unsafe !rest.isEmpty {
        let count = try system("write", path) {
          unsafe Glibc.write(number, start, rest.count)
        }
        unsafe rest = unsafe UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
      }
      meter.add(piece.count)
    }
    _ = try installing { () throws(SystemError) in try system("fsync", path) { fsync(number) } }
    withExtendedLifetime(output) {}
  }

  private func readBack(
    _ part: BundleManifest.Part, _ path: String, _ meter: inout Meter
  ) throws(UpdateFailure) {
    let reader: PieceReader
    do throws(SystemError) { reader = try PieceReader(pastCache: path) } catch {
      throw .system(error)
    }
    let digest = try unsafe reader.read(from: 0, count: part.size) { meter.add($0.count) }
    guard digest == part.sha256 else { throw .disk(part.name) }
  }
}

/// Counts octets and tells each new per cent once.
private struct Meter {
  private let whole: UInt64
  private let report: (Int) -> Void
  private var done: UInt64 = 0
  private var told = -1

  init(whole: UInt64, _ report: @escaping (Int) -> Void) {
    self.whole = whole
    self.report = report
  }

  mutating func add(_ count: Int) {
    done += UInt64(count)
    let percent = Int(done * 100 / whole)
    guard percent != told else { return }
    told = percent
    report(percent)
  }
}
