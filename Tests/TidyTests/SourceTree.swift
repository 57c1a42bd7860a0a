import FoundationEssentials

/// One Swift file of the project.
struct SourceFile: CustomStringConvertible {
  /// The target whose directory holds it.
  let target: String
  /// Path from the top of the repository.
  let path: String
  let lines: [Substring]

  var description: String { path }

  /// The modules that the file imports, with the line number of each.
  var imports: [(module: String, line: Int)] {
    lines.enumerated().compactMap { index, line in
      let words = line.split(separator: " ")
      guard let position = words.firstIndex(of: "import"), position <= 2,
        !line.hasPrefix("//"), !line.hasPrefix(" "), let module = words.last
      else { return nil }
      return (String(module), index + 1)
    }
  }
}

/// The repository as the tidy tests see it.
enum SourceTree {
  static let root = String(#filePath.dropLast("/Tests/TidyTests/SourceTree.swift".count))

  /// Every Swift file below `directory`.
  static func files(below directory: String) -> [SourceFile] {
    let base = root + "/" + directory
    guard let paths = try? FileManager.default.subpathsOfDirectory(atPath: base) else { return [] }
    return paths.filter { $0.hasSuffix(".swift") }.sorted().map { path in
      SourceFile(
        target: String(path.prefix { $0 != "/" }), path: "\(directory)/\(path)",
        lines: text(of: "\(directory)/\(path)").split(
          separator: "\n", omittingEmptySubsequences: false))
    }
  }

  /// The contents of a file, empty when it cannot be read.
  static func text(of path: String) -> String {
    guard let data = FileManager.default.contents(atPath: root + "/" + path) else { return "" }
    return String(decoding: data, as: UTF8.self)
  }

  /// Target name to what it may import, read from the module table in `Package.swift`.
  static let dependencies: [String: Set<String>] = {
    var table: [String: Set<String>] = [:]
    let manifest = text(of: "Package.swift")
    guard let start = manifest.firstRange(of: "let layers") else { return table }
    var rest = manifest[start.lowerBound...]
    while let open = rest.firstRange(of: /\b(pure|system|program|library)\(/) {
      guard let close = rest[open.upperBound...].firstIndex(of: ")") else { break }
      let names = rest[open.upperBound..<close].split(
        separator: "\"", omittingEmptySubsequences: false
      )
      .enumerated().filter { $0.offset % 2 == 1 }.map { String($0.element) }
      if let name = names.first, !rest[open].hasPrefix("library") {
        table[name] = Set(names.dropFirst())
      }
      rest = rest[close...]
    }
    return table
  }()

  /// The targets that see neither clock, descriptor, Foundation nor C.
  static let pureTargets: Set<String> = [
    "Wire", "JSON", "HTTP", "VRRP", "Netlink", "Supervision", "SessionSync", "Policy",
    "Configuration", "Messages", "Activation", "ConsoleMenu", "PortalPages", "Simulation",
  ]
}
