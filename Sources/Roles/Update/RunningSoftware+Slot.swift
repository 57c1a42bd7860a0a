import Linux

/// Where it runs from, and how it was started.
extension RunningSoftware {
  /// The slot that runs, as the first program wrote it down; empty outside the appliance.
  static func slot(runDirectory: String) -> String {
    // Without the file it is not the appliance.
    guard let octets = try? Files.read(runDirectory + "/boot", limitBytes: 4_096) else { return "" }
    let lines = String(decoding: octets, as: UTF8.self).split(separator: "\n")
    let slot = lines.first { $0.hasPrefix("slot=") }?.dropFirst(5)
    return slot == "a" || slot == "b" ? slot.map { String($0) } ?? "" : ""
  }

  /// How long a new version has to be healthy, by the kernel's command line.
  static func healthSeconds(commandLine: String) -> Int? {
    let words = commandLine.split { $0 == " " || $0 == "\n" }
    return words.last { $0.hasPrefix("ztb.bless=") }
      .flatMap { Int($0.dropFirst(10)) }
      .flatMap { (1...86_400).contains($0) ? $0 : nil }
  }
}
