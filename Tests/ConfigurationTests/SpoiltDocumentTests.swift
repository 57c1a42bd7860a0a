import Configuration
import JSON
import Testing

/// The sample with one place spoilt, at every place.
@Suite("Spoilt documents")
struct SpoiltDocumentTests {
  /// A document that is wrong at one place.
  private struct Spoilt {
    /// Path of the place, as problems give it.
    let path: String
    let value: JSONValue
  }

  /// What an author would write who expects his text to reach nft or a shell.
  private static let injections = [
    "a\"; add table inet pwn; #", "a\nflush ruleset", "lan }; delete table inet ztb; {",
    "$(reboot)",
    "ge2 . 0.0.0.0/0 : goto ok", "`id`", "lan;", "@pol", "\u{0}", "ge2\\", "lan,wan", "*",
  ]

  private static let otherTypes: [JSONValue] = [
    .null, .bool(true), .number("-1"), .number("1.5"), .number("1e400"),
    .number("99999999999999999999"), .string(""), .string("x"), .array([]), .array([.array([])]),
    .object([]), .object([.init("x", .null)]),
  ]

  private static let sample: JSONValue = {
    do { return try JSONParser.parse(Array(Sample.text.utf8)) } catch {
      preconditionFailure("\(error)")
    }
  }()

  @Test("no text of the author's policy may hold what means something to nft or a shell")
  func injections() {
    let policy = Self.sample["policy"] ?? .null
    let spoilt = Self.spoil(policy, "policy") { value in
      if case .string = value { Self.injections.map { .string($0) } } else { [] }
    }
    #expect(spoilt.count > 12 * Self.injections.count)
    for spoilt in spoilt { Self.expectRefusal(spoilt) }
  }

  @Test("neither may a name")
  func injectedNames() {
    let policy = Self.sample["policy"] ?? .null
    let spoilt = Self.spoil(policy, "policy") { value in
      guard case .object(var members) = value, !members.isEmpty else { return [] }
      return Self.injections.map { text in
        members[0].key = text
        return .object(members)
      }
    }
    #expect(spoilt.count > 7 * Self.injections.count)
    for spoilt in spoilt { Self.expectRefusal(spoilt) }
  }

  @Test("a value of another type is refused at its place, or means what is left out")
  func types() {
    let policy = Self.sample["policy"] ?? .null
    for spoilt in Self.spoil(policy, "policy", with: { _ in Self.otherTypes }) {
      for problem in Self.problems(spoilt) {
        #expect(problem.path.hasPrefix("policy"), "\(spoilt.path): \(problem)")
      }
    }
    // Elsewhere what one value says may be wrong with another; each problem has a place.
    for spoilt in Self.spoil(Self.sample, "", with: { _ in Self.otherTypes })
    where spoilt.path != "" {
      #expect(Self.problems(spoilt).allSatisfy { !$0.path.isEmpty }, "\(spoilt.path)")
    }
  }

  @Test("a key that is given twice is refused wherever it is")
  func repeatedKeys() {
    let spoilt = Self.spoil(Self.sample, "") { value in
      guard case .object(let members) = value, let first = members.first else { return [] }
      return [.object(members + [first])]
    }
    #expect(spoilt.count > 15)
    for spoilt in spoilt {
      let twice = Self.problems(spoilt).filter { $0.message == "the key is given twice; keep one" }
      #expect(twice.count == 1 && twice[0].path.hasPrefix(spoilt.path), "\(spoilt.path)")
    }
  }

  private static func expectRefusal(_ spoilt: Spoilt) {
    let problems = problems(spoilt)
    #expect(!problems.isEmpty, "\(spoilt.path)")
    for problem in problems {
      #expect(problem.path.hasPrefix("policy"), "\(spoilt.path): \(problem)")
      #expect(!"\(problem)".contains("\n"), "\(spoilt.path)")
    }
  }

  /// What is wrong with the sample when a part of it is replaced; nothing when it is accepted.
  private static func problems(_ spoilt: Spoilt) -> [ConfigurationProblem] {
    do throws(ConfigurationProblems) {
      _ = try ConfigurationDocument(parsing: Array(spoilt.value.pretty.utf8))
      return []
    } catch { return error.problems }
  }

  /// The whole document for each way to spoil each value within `part`, which is at `path`.
  private static func spoil(
    _ part: JSONValue, _ path: String, with ways: (JSONValue) -> [JSONValue]
  ) -> [Spoilt] {
    variants(part, path, ways).map { variant in
      guard !path.isEmpty, case .object(var members) = sample,
        let index = members.firstIndex(where: { $0.key == path })
      else { return variant }
      members[index].value = variant.value
      return Spoilt(path: variant.path, value: .object(members))
    }
  }

  private static func variants(
    _ value: JSONValue, _ path: String, _ ways: (JSONValue) -> [JSONValue]
  ) -> [Spoilt] {
    var found = ways(value).map { Spoilt(path: path, value: $0) }
    switch value {
    case .array(var elements):
      for (index, element) in elements.enumerated() {
        for variant in variants(element, "\(path)[\(index)]", ways) {
          elements[index] = variant.value
          found.append(Spoilt(path: variant.path, value: .array(elements)))
        }
        elements[index] = element
      }
    case .object(var members):
      for (index, member) in members.enumerated() {
        let place = path.isEmpty ? member.key : "\(path).\(member.key)"
        for variant in variants(member.value, place, ways) {
          members[index].value = variant.value
          found.append(Spoilt(path: variant.path, value: .object(members)))
        }
        members[index].value = member.value
      }
    default: break
    }
    return found
  }
}
