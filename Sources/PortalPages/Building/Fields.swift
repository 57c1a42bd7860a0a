/// How wide a field is: it hints at what is expected.
enum FieldWidth: String {
  case short, medium, wide
}

/// A field of a form: name, label and what helps to fill it in.
struct Field {
  /// Name in the form; with "f-" before it, also the identifier.
  var name: String
  /// The label.
  var label: String
  /// One line below the label.
  var hint: String?
  /// The word "optional" stands beside the label.
  var isOptional = false
  /// How wide it is.
  var width = FieldWidth.medium
  /// `text`, `email`, `number`, `password` and so on.
  var type = "text"
  /// What browsers may fill in, such as `username`; `off` for all that are not about a person.
  var autocomplete = "off"
  /// Written in a face where 0 and O differ: addresses, codes.
  var isCode = false

  init(_ name: String, _ label: String, hint: String? = nil) {
    self.name = name
    self.label = label
    self.hint = hint
  }

  /// The same with a property changed; keeps forms readable as lists.
  func with<Value>(_ path: WritableKeyPath<Field, Value>, _ value: Value) -> Field {
    var copy = self
    copy[keyPath: path] = value
    return copy
  }

  var optional: Field { with(\.isOptional, true) }
  var code: Field { with(\.isCode, true) }
  var short: Field { with(\.width, .short) }
  var wide: Field { with(\.width, .wide) }
  var id: String { Field.identifier(name) }

  /// The identifier of the field of this name; names may hold what identifiers must not.
  static func identifier(_ name: String) -> String {
    "f-" + name.map { $0.isASCII && ($0.isLetter || $0.isNumber || ".-_".contains($0)) ? $0 : "_" }
  }
}

/// One of several values.
struct Choice {
  var value: String
  var label: String
  var hint: String?

  init(_ value: String, _ label: String, hint: String? = nil) {
    self.value = value
    self.label = label
    self.hint = hint
  }
}

extension FormState {
  /// An input with label, hint and problem. A password is never sent back to the browser.
  func input(_ field: Field) -> Markup {
    let value = field.type == "password" ? nil : self[field.name]
    let control: Markup = """
      <input class="\(field.isCode ? "code" : "plain")" id="\(field.id)" name="\(field.name)" \
      type="\(field.type)"\("value", value) autocomplete="\(field.autocomplete)" \
      spellcheck="false"\("required", if: !field.isOptional)\(described(field))>
      """
    return frame(field, control)
  }

  /// A list to choose one value from.
  func select(_ field: Field, _ choices: [Choice]) -> Markup {
    let options = choices.map { choice -> Markup in
      let isChosen = self[field.name] == choice.value
      return """
        <option value="\(choice.value)"\("selected", if: isChosen)>\(choice.label)</option>
        """
    }
    let control: Markup = """
      <select id="\(field.id)" name="\(field.name)"\(described(field))>\(options)</select>
      """
    return frame(field, control)
  }

  /// Radio buttons under one legend.
  func radios(_ field: Field, _ choices: [Choice]) -> Markup {
    let buttons = choices.map { choice -> Markup in
      box(field, choice, type: "radio", isSet: self[field.name] == choice.value)
    }
    return group(field, buttons)
  }

  /// Checkboxes under one legend; each sends `name=value`.
  func checkboxes(_ field: Field, _ choices: [Choice]) -> Markup {
    let boxes = choices.map { box(field, $0, type: "checkbox", isSet: has(field.name, $0.value)) }
    return group(field, boxes)
  }

  /// One checkbox that sends `name=yes`.
  func checkbox(_ field: Field) -> Markup {
    let choice = Choice("yes", field.label, hint: field.hint)
    let isSet = has(field.name, "yes")
    return """
      <div class="field \(field.width.rawValue)">\
      \(box(field, choice, type: "checkbox", isSet: isSet, id: field.id))\
      \(problemText(field))</div>
      """
  }

  /// The list of all problems, each a link to its field; nothing when there is none.
  var summary: Markup {
    guard !problems.isEmpty else { return .none }
    let items = problems.map { problem -> Markup in
      problem.path.isEmpty
        ? "<li>\(problem.listed)</li>"
        : """
        <li><a href="#\(Field.identifier(problem.path))">\(problem.listed)</a></li>
        """
    }
    let title = problems.count == 1 ? "One thing to correct" : "\(problems.count) things to correct"
    return """
      <div class="banner bad" role="alert">\(Icon.alert.markup)<div>\
      <p class="strong">\(title)</p><ul>\(items)</ul></div></div>
      """
  }

  private func frame(_ field: Field, _ control: Markup) -> Markup {
    """
    <div class="field \(field.width.rawValue)">\
    <label for="\(field.id)">\(field.label)\(optionalMark(field))</label>\
    \(control)\(hintText(field))\(problemText(field))</div>
    """
  }

  private func group(_ field: Field, _ boxes: [Markup]) -> Markup {
    """
    <fieldset class="field \(field.width.rawValue)" id="\(field.id)"\(described(field))>\
    <legend>\(field.label)\(optionalMark(field))</legend>\(hintText(field))\
    <div class="boxes">\(boxes)</div>\(problemText(field))</fieldset>
    """
  }

  private func box(
    _ field: Field, _ choice: Choice, type: String, isSet: Bool, id fixed: String? = nil
  ) -> Markup {
    let id = fixed ?? Field.identifier("\(field.name)-\(choice.value)")
    let hint = choice.hint.map { "<span class=\"hint\">\($0)</span>" as Markup }
    return """
      <label class="box" for="\(id)"><input type="\(type)" id="\(id)" name="\(field.name)" \
      value="\(choice.value)"\("checked", if: isSet)><span>\(choice.label)\(hint)</span></label>
      """
  }

  private func optionalMark(_ field: Field) -> Markup? {
    field.isOptional ? " <span class=\"optional\">optional</span>" : nil
  }

  private func hintText(_ field: Field) -> Markup? {
    field.hint.map { "<p class=\"hint\" id=\"\(field.id)-hint\">\($0)</p>" }
  }

  private func problemText(_ field: Field) -> Markup? {
    problem(field.name).map {
      "<p class=\"problem\" id=\"\(field.id)-problem\">\(Icon.alert.markup)\($0)</p>"
    }
  }

  /// ` aria-invalid=… aria-describedby=…`.
  private func described(_ field: Field) -> Markup {
    let isWrong = problem(field.name) != nil
    var texts: [String] = []
    if field.hint != nil { texts.append(field.id + "-hint") }
    if isWrong { texts.append(field.id + "-problem") }
    let list = texts.isEmpty ? nil : texts.joined(separator: " ")
    return "\("aria-invalid", isWrong ? "true" : nil)\("aria-describedby", list)"
  }
}

/// A form that changes something: it is posted, and carries the token of the session.
struct PostForm {
  var action: String
  var csrf: String
  var className = "form"
  /// Whether a file travels with it.
  var hasFile = false

  func markup(_ content: Markup) -> Markup {
    """
    <form class="\(className)" method="post" action="\(action)"\
    \("enctype", hasFile ? "multipart/form-data" : nil) novalidate>\
    <input type="hidden" name="csrf" value="\(csrf)">\(content)</form>
    """
  }
}
