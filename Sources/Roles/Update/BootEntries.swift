import Glibc
import Linux
import Update

/// The versions that the boot loader finds, as files on the EFI system partition.
struct BootEntries {
  /// `EFI/Linux` of the partition.
  let directory: String
  /// Stays mounted as long as somebody has these entries.
  private let mounted: BootPartition?

  /// - Parameters:
  ///   - partition: where the EFI system partition is mounted.
  ///   - mounted: what unmounts it at its end; nil: nobody does.
  init(partition: String, mounted: BootPartition? = nil) {
    directory = partition + "/EFI/Linux"
    self.mounted = mounted
  }

  /// Every entry of ours.
  var all: [BootEntry] { Directory.names(directory).compactMap { BootEntry(fileName: $0) } }

  /// The entry of a version; the blessed one where a power cut left two names.
  func entry(of version: SoftwareVersion) -> BootEntry? {
    let entries = all.filter { $0.version == version }
    return entries.first { !$0.isTrial } ?? entries.first
  }

  /// Where the file of an entry is.
  func path(_ entry: BootEntry) -> String { "\(directory)/\(entry)" }

  /// A name that the loader does not look at.
  func temporaryPath(_ version: SoftwareVersion) -> String { "\(directory)/ztb_\(version).new" }

  /// Gives an entry another state, for good.
  func rename(_ entry: BootEntry, to state: BootEntry.State) throws(SystemError) {
    let new = BootEntry(entry.version, state)
    guard new != entry else { return }
    try system("rename", path(entry)) { unsafe Glibc.rename(path(entry), path(new)) }
    try Files.synchronise(directory)
  }

  /// Whether the loader finds another version that has proven itself, once `version` is exhausted.
  func hasFallback(for version: SoftwareVersion) -> Bool {
    // One that has made place is the newer of two without a start left, and comes first.
    all.contains { $0.version != version && (!$0.isTrial || $0.state == .trial(left: 0, done: 0)) }
  }

  /// Removes what an installation left half; the names.
  func removeUnfinished() throws(SystemError) -> [String] {
    let names = Directory.names(directory).filter { $0.hasSuffix(".new") }
    for name in names {
      try system("unlink", name) { unsafe unlink("\(directory)/\(name)") }
    }
    if !names.isEmpty { try Files.synchronise(directory) }
    return names
  }

  /// Removes what is not of the given version, and what an installation left half.
  func removeAll(except version: SoftwareVersion) throws(SystemError) {
    let unfinished = Directory.names(directory).filter { $0.hasSuffix(".new") }
    let others = all.filter { $0.version != version }.map(\.description)
    for name in unfinished + others {
      try system("unlink", name) { unsafe unlink("\(directory)/\(name)") }
    }
    try Files.synchronise(directory)
  }

  /// Has the loader start `version` next instead of `running`.
  ///
  /// The loader takes the newest entry whose counter is not used up. An older version is preferred
  /// by using up the counter of what runs; that comes last, so that at each moment some version
  /// that has proven itself is found first or second.
  func prefer(
    _ version: SoftwareVersion, as state: BootEntry.State, over running: SoftwareVersion
  ) throws(SystemError) {
    guard let entry = entry(of: version) else {
      throw SystemError(call: "open", code: ENOENT, subject: "\(directory)/ztb_\(version).efi")
    }
    try rename(entry, to: state)
    guard version < running, let own = self.entry(of: running) else { return }
    try rename(own, to: .trial(left: 0, done: 0))
  }
}
