public import HTTP

/// What is wrong with one field of a form.
public struct FormProblem: Hashable, Sendable {
  /// The name of the field; empty: the form as a whole.
  public var path: String
  /// One sentence that says what to do.
  public var message: String

  /// Joins the two.
  public init(_ path: String, _ message: String) {
    self.path = path
    self.message = message
  }
}

/// What stands in a form: the stored values at first, later what was typed, with the problems.
public struct FormState: Hashable, Sendable {
  /// Names and values; a name may stand more than once (checkboxes).
  public var values: [HTTPField]
  /// What is to be corrected.
  public var problems: [FormProblem]

  /// Joins the two; an empty form without arguments.
  public init(_ values: [HTTPField] = [], problems: [FormProblem] = []) {
    self.values = values
    self.problems = problems
  }

  /// The first value of a field, else the empty string.
  public subscript(name: String) -> String { values[name] ?? "" }

  /// Whether a checkbox with this value is set.
  public func has(_ name: String, _ value: String) -> Bool {
    values.contains(HTTPField(name, value))
  }

  func problem(_ name: String) -> String? { problems.first { $0.path == name }?.message }
}
