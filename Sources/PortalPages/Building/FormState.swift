public import HTTP

/// What is wrong with one field of a form.
public struct FormProblem: Hashable, Sendable {
  /// The name of the field; empty: the form as a whole.
  public var path: String
  /// What is wrong and how to mend it; may begin in the middle, as in `is missing`.
  public var message: String
  /// What the field is called in the list of all problems; empty: the message says it.
  public var subject: String

  /// Joins the parts.
  public init(_ path: String, _ message: String, subject: String = "") {
    self.path = path
    self.message = message
    self.subject = subject
  }

  /// For the list at the top of the form: `Gateway 2, name: is the name of gateway 1 too`.
  var listed: String { subject.isEmpty ? message : subject + ": " + message }

  /// For the place beside the field.
  var atField: String { message.prefix(1).uppercased() + message.dropFirst() }
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

  func problem(_ name: String) -> String? { problems.first { $0.path == name }?.atField }
}
