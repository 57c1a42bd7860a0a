import Glibc
import Linux

/// The size of the connection tracking table, which all namespaces share and only the initial one
/// may change. What it was is recorded on disk before it is raised, so that every exit can restore
/// it: also that of the next lab, after a kill.
struct KernelLimits {
  /// The lab's directory.
  let record: String

  private static let names = ["nf_conntrack_max", "nf_conntrack_buckets"]
  private static let directory = "/proc/sys/net/netfilter/"
  private var file: String { record + "/kernel-limits" }

  /// Makes room for `entries`; throws ``LabError/missing(_:)`` where the kernel refuses.
  func raise(entries: Int) throws {
    let before = try KernelLimits.names.map { try KernelLimits.value($0) }
    guard before[0] < entries || before[1] < entries / 4 else { return }
    if !Programs.isReadable(file) {
      try Files.replace(file, with: Array("\(before[0]) \(before[1])".utf8))
    }
    do {
      try Files.set(KernelLimits.directory + "nf_conntrack_max", "\(max(before[0], entries))")
      try Files.set(
        KernelLimits.directory + "nf_conntrack_buckets", "\(max(before[1], entries / 2))")
    } catch {
      throw LabError.missing("the kernel does not let the tracking table grow: \(error)")
    }
  }

  /// Puts back what ``raise(entries:)`` changed; nothing when it was not called.
  func restore() {
    guard let bytes = try? Files.read(file) else { return }  // nothing was raised
    let values = String(decoding: bytes, as: UTF8.self).split(separator: " ")
    for (name, value) in zip(KernelLimits.names, values) {
      do {
        try Files.set(KernelLimits.directory + name, String(value))
      } catch { Output.error("could not restore \(name) to \(value): \(error)") }
    }
    unsafe unlink(file)
  }

  private static func value(_ name: String) throws -> Int {
    let text = String(decoding: try Files.read(directory + name), as: UTF8.self)
    guard let value = Int(text.filter(\.isNumber)) else {
      throw LabError.missing("\(name) cannot be read")
    }
    return value
  }
}
