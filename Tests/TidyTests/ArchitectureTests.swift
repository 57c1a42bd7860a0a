import FoundationEssentials
import Testing

@Suite("Architecture")
struct ArchitectureTests {
  let sources = SourceTree.files(below: "Sources")

  @Test("the module table in Package.swift names every directory of Sources that holds Swift")
  func manifestIsComplete() {
    #expect(SourceTree.dependencies.count > 10, "the table was not found")
    #expect(Set(sources.map(\.target)) == Set(SourceTree.dependencies.keys))
  }

  @Test("a target imports only what the module table allows")
  func importsFollowTheTable() {
    let everywhere: Set = ["Glibc", "Synchronization"]
    for file in sources {
      let allowed = SourceTree.dependencies[file.target] ?? []
      for (module, line) in file.imports
      where !allowed.contains(module) && !everywhere.contains(module) {
        Issue.record("\(file.path):\(line) imports \(module)")
      }
    }
  }

  @Test("a pure target imports nothing but pure targets")
  func pureTargetsArePure() {
    for file in sources where SourceTree.pureTargets.contains(file.target) {
      for (module, line) in file.imports where !SourceTree.pureTargets.contains(module) {
        Issue.record("\(file.path):\(line) imports \(module)")
      }
    }
  }

  @Test("nobody imports Foundation or Dispatch, or uses tasks")
  func noHeavyRuntime() {
    for file in sources {
      for (module, line) in file.imports
      where module.hasPrefix("Foundation") || module == "Dispatch" {
        Issue.record("\(file.path):\(line) imports \(module)")
      }
      for (index, line) in file.lines.enumerated()
      where line.contains(/\bTask \{/) || line.contains(/\) async\b|\basync let\b/) {
        Issue.record("\(file.path):\(index + 1) uses Swift Concurrency")
      }
    }
  }
}

@Suite("Text")
struct TextTests {
  let everything = SourceTree.files(below: "Sources") + SourceTree.files(below: "Tests")

  @Test("no forced unwrap, cast or try, and no unfinished work")
  func noShortcuts() {
    // Spelt in pieces, so that this file does not find itself.
    let banned = ["try" + "!", "as" + "!", "TO" + "DO", "FIX" + "ME"]
    for file in everything {
      for (index, line) in file.lines.enumerated() {
        for word in banned where line.contains(word) {
          Issue.record("\(file.path):\(index + 1) contains \(word)")
        }
      }
    }
  }

  @Test("`try?` says in a comment why the error does not matter")
  func silencedErrorsAreExplained() {
    let word = /(^|[^A-Za-z])try\?/
    for file in SourceTree.files(below: "Sources") {
      for (index, line) in file.lines.enumerated()
      where line.contains(word) && !line.trimmed.hasPrefix("//") {
        let near = file.lines[max(0, index - 3)...index]
        if !near.contains(where: { $0.contains("//") }) {
          Issue.record("\(file.path):\(index + 1) drops an error without a reason")
        }
      }
    }
  }

  @Test("a file has at most 400 lines")
  func filesAreShort() {
    for file in everything where file.lines.count > 401 {
      Issue.record("\(file.path) has \(file.lines.count) lines")
    }
  }

  @Test("every public declaration has a documentation comment")
  func publicItemsAreDocumented() {
    let witnesses = [
      "static func <", "static func ==", "static func +", "static func -", "static func *",
      "static func /", "init(from reader", "func write(into", "func hash(into", "var description",
    ]
    for file in SourceTree.files(below: "Sources") {
      for (index, line) in file.lines.enumerated() {
        let text = line.trimmed
        guard text.hasPrefix("public "), !text.hasPrefix("public import"),
          !text.hasPrefix("public extension"),
          !witnesses.contains(where: { text.contains($0) })
        else { continue }
        // Attributes may stand between the comment and the declaration.
        var above = index - 1
        while above >= 0, file.lines[above].trimmed.hasPrefix("@") { above -= 1 }
        if above < 0 || !file.lines[above].trimmed.hasPrefix("///") {
          Issue.record("\(file.path):\(index + 1) has no documentation: \(text)")
        }
      }
    }
  }

  @Test("names of ports stand in profiles and tests only")
  func noPortLiterals() {
    for file in SourceTree.files(below: "Sources")
    where file.target != "ztb-lab" && !file.path.hasSuffix("Profile.swift") {
      for (index, line) in file.lines.enumerated()
      where !line.trimmed.hasPrefix("//") && line.contains(/"ge[0-9]"/) {
        Issue.record("\(file.path):\(index + 1) names a port: \(line.trimmed)")
      }
    }
  }

  @Test("every script and program explains itself with --help")
  func scriptsHaveHelp() throws {
    let scripts = try FileManager.default.contentsOfDirectory(
      atPath: SourceTree.root + "/Scripts")
    for name in scripts where name != "common.sh" {
      let text = SourceTree.text(of: "Scripts/" + name)
      #expect(text.contains("--help"), "Scripts/\(name)")
      #expect(text.hasPrefix("#!/usr/bin/env bash\n# "), "Scripts/\(name)")
    }
  }
}

extension Substring {
  /// Without the spaces around it.
  var trimmed: Substring {
    var result = drop { $0 == " " }
    while result.last == " " { result.removeLast() }
    return result
  }
}
