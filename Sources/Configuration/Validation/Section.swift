import JSON
import Wire

/// One object of the document while it is read: knows its path, reports unknown and repeated keys,
/// and turns each value into a typed one or a problem with a stand-in.
///
/// The stand-in never gets out: a document with a problem is refused, and rules that compare
/// values ask ``ProblemList/isClean(_:)`` first.
struct Section {
  enum Limits {
    /// Elements of a list or named object where nothing else is said.
    static let elements = 1000
    /// Characters of a name that a path shows; the names that are allowed are shorter.
    static let nameCharacters = 64
  }

  let path: String
  let problems: ProblemList
  private var values: [String: JSONValue] = [:]

  /// Opens `value`; `keys` are all that it may hold. Nil with a problem when it is no object.
  init?(_ value: JSONValue, path: String, keys: [String], _ problems: ProblemList) {
    guard case .object(let members) = value else {
      problems.add(path, "\(value.kind) is not an object")
      return nil
    }
    self.path = path
    self.problems = problems
    for member in members {
      let place = join(member.key)
      if !keys.contains(member.key) {
        problems.add(place, "unknown key; known are \(keys.joined(separator: ", "))")
      } else if values.updateValue(member.value, forKey: member.key) != nil {
        problems.add(place, "the key is given twice; keep one")
      }
    }
  }

  /// The path of a key.
  func join(_ key: String) -> String { Section.join(path, key) }

  /// The path of a key below a path; a key that is no plain word is put in quotes, a long one cut.
  static func join(_ path: String, _ name: String) -> String {
    let shown = name.unicodeScalars.prefix(Limits.nameCharacters)
    let key = shown.endIndex == name.endIndex ? name : String(shown) + "…"
    let plain = !key.isEmpty && key.utf8.allSatisfy { isWordOctet($0) }
    let name = plain ? key : JSONValue.string(key).pretty.dropLast().description
    return path.isEmpty ? name : "\(path).\(name)"
  }

  /// The value of a key, nil when it is `null` or left out.
  func optional(_ key: String) -> JSONValue? {
    let value = values[key]
    return value == .null ? nil : value
  }

  /// Reads a value by `convert`; `expected` completes the sentence "… is not …".
  func read<T>(
    _ key: String, _ expected: String, default preset: T? = nil, standIn: T,
    _ convert: (JSONValue) -> T?
  ) -> T {
    guard let value = optional(key) else {
      if let preset, values[key] == nil { return preset }
      problems.add(join(key), "\(values[key] == nil ? "missing" : "null"); must be \(expected)")
      return standIn
    }
    return Section.convert(value, join(key), expected, problems, convert) ?? standIn
  }

  /// Reads a value that may be `null` or left out.
  func readOptional<T>(
    _ key: String, _ expected: String, _ convert: (JSONValue) -> T?
  ) -> T? {
    guard let value = optional(key) else { return nil }
    return Section.convert(value, join(key), expected, problems, convert)
  }

  /// Reads each element of a list; `nonEmpty` makes an empty one a problem.
  func list<T>(
    _ key: String, default preset: [T]? = nil, nonEmpty: Bool = false,
    limit: Int = Limits.elements, _ element: (JSONValue, String) -> T?
  ) -> [T] {
    let values: [JSONValue]? = read(
      key, "a list", default: preset.map { _ in nil }, standIn: nil
    ) { if case .array(let values) = $0 { values } else { nil } }
    guard let values else { return preset ?? [] }
    if nonEmpty && values.isEmpty {
      problems.add(join(key), "the list is empty; name at least one")
    }
    reportExcess(values.count, limit, join(key))
    return values.prefix(limit).enumerated().compactMap { element($1, "\(join(key))[\($0)]") }
  }

  /// Reads a list of simple values.
  func list<T>(
    _ key: String, of expected: String, default preset: [T]? = nil, nonEmpty: Bool = false,
    limit: Int = Limits.elements, _ convert: (JSONValue) -> T?
  ) -> [T] {
    list(key, default: preset, nonEmpty: nonEmpty, limit: limit) { value, path in
      Section.convert(value, path, expected, problems, convert)
    }
  }

  /// The members of an object whose keys are names given by the author; none when left out.
  func named(
    _ key: String, required: Bool = false, limit: Int = Limits.elements
  ) -> [(name: String, path: String, JSONValue)] {
    let none: [JSONValue.Member]? = required ? nil : []
    let all = read(key, "an object", default: none, standIn: []) {
      if case .object(let members) = $0 { members } else { nil }
    }
    reportExcess(all.count, limit, join(key))
    let members = all.prefix(limit)
    var seen: Set<String> = []
    for member in members {
      let place = Section.join(join(key), member.key)
      if !seen.insert(member.key).inserted {
        problems.add(place, "the key is given twice; keep one")
      } else if !Text.isName(member.key) {
        problems.add(place, "the name is not \(Text.nameRule)")
      }
    }
    return members.map { ($0.key, Section.join(join(key), $0.key), $0.value) }
  }

  private func reportExcess(_ count: Int, _ limit: Int, _ path: String) {
    if count > limit { problems.add(path, "\(count) are more than the \(limit) supported") }
  }

  /// Opens an object that must be there.
  func section(_ key: String, keys: [String]) -> Section? {
    guard let value = optional(key) else {
      problems.add(join(key), "missing; must be an object with \(keys.joined(separator: ", "))")
      return nil
    }
    return Section(value, path: join(key), keys: keys, problems)
  }

  /// Opens an object that may be `null` or left out.
  func optionalSection(_ key: String, keys: [String]) -> Section? {
    optional(key).flatMap { Section($0, path: join(key), keys: keys, problems) }
  }

  static func convert<T>(
    _ value: JSONValue, _ path: String, _ expected: String, _ problems: ProblemList,
    _ convert: (JSONValue) -> T?
  ) -> T? {
    if let converted = convert(value) { return converted }
    problems.add(path, "\(value.excerpt) is not \(expected)")
    return nil
  }
}
