import Linux

/// Every process of the machine with what it may do.
enum ProcessList {
  /// A line each: process, user, effective capabilities, whether it can gain others, how its
  /// system calls are filtered (2: by a program), name.
  static var text: String {
    let lines = Directory.names("/proc").compactMap { Int32($0) }.sorted().compactMap(line)
    return (["pid uid capabilities no-new-privileges seccomp name"] + lines)
      .joined(separator: "\n") + "\n"
  }

  private static func line(_ process: Int32) -> String? {
    // It may have ended meanwhile.
    guard let octets = try? Files.read("/proc/\(process)/status", limitBytes: 65_536) else {
      return nil
    }
    var fields: [Substring: Substring] = [:]
    for line in String(decoding: octets, as: UTF8.self).split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2 else { continue }
      fields[parts[0]] = parts[1].split(whereSeparator: \.isWhitespace).first
    }
    // The kernel's own threads have no memory.
    guard fields["VmSize"] != nil else { return nil }
    let shown = ["Uid", "CapEff", "NoNewPrivs", "Seccomp", "Name"].map { fields[$0[...]] ?? "-" }
    return "\(process) " + shown.joined(separator: " ")
  }
}
