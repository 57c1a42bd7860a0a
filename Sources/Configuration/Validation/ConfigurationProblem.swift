/// One thing that is wrong with a configuration document.
public struct ConfigurationProblem: Hashable, Sendable {
  /// Where, such as `ha.vrrp.groupId`, `lan[0].address`, or `line 3 column 7` when the text is no
  /// JSON. Empty for the document as a whole.
  public let path: String
  /// What is wrong and how to mend it, such as `300 is not in 1…255`.
  public let message: String
}

extension ConfigurationProblem: CustomStringConvertible {
  /// `path: message`.
  public var description: String { path.isEmpty ? message : "\(path): \(message)" }
}

/// Everything that is wrong with a document, in the order of the document's sections.
public struct ConfigurationProblems: Error, Hashable, Sendable {
  /// At least one.
  public let problems: [ConfigurationProblem]
}

extension ConfigurationProblems: CustomStringConvertible {
  /// One line per problem.
  public var description: String { problems.map(\.description).joined(separator: "\n") }
}

/// Problems as they are found. Reading goes on after each, so that one look shows all of them.
final class ProblemList {
  /// Enough for any document that people write, and a bound on the work for one they did not.
  static let limit = 200

  private(set) var problems: [ConfigurationProblem] = []

  /// Whether further problems are left out.
  var isFull: Bool { problems.count >= ProblemList.limit }

  /// Adds a problem; a second one at the same path would be a consequence of the first.
  func add(_ path: String, _ message: String) {
    guard !isFull, !problems.contains(where: { $0.path == path }) else { return }
    problems.append(ConfigurationProblem(path: path, message: message))
  }

  /// Whether values can be compared: nothing is wrong at, above or below any of these paths.
  func isClean(_ paths: String...) -> Bool {
    paths.allSatisfy { path in
      !problems.contains { problem in
        ProblemList.holds(problem.path, path) || ProblemList.holds(path, problem.path)
      }
    }
  }

  /// Whether `inner` is `outer` or lies in it.
  private static func holds(_ outer: String, _ inner: String) -> Bool {
    guard inner.hasPrefix(outer) else { return false }
    let next = inner.dropFirst(outer.count).first
    return next == nil || next == "." || next == "[" || outer.isEmpty
  }
}
