import Linux

/// Memory of the machine, as the kernel counts it.
struct MemoryUse {
  /// All of it.
  let totalMebibytes: Int
  /// What cannot be had by dropping caches.
  let usedMebibytes: Int

  /// Now; zeros where the kernel does not tell.
  static var now: MemoryUse {
    let text = (try? Files.read("/proc/meminfo", limitBytes: 16_384)) ?? []
    return MemoryUse(String(decoding: text, as: UTF8.self))
  }

  /// Reads `/proc/meminfo`.
  init(_ text: String) {
    func kibibytes(_ name: String) -> Int {
      let line = text.split(separator: "\n").first { $0.hasPrefix(name + ":") } ?? ""
      return Int(line.filter(\.isNumber)) ?? 0
    }
    totalMebibytes = kibibytes("MemTotal") / 1_024
    usedMebibytes = (kibibytes("MemTotal") - kibibytes("MemAvailable")) / 1_024
  }
}
