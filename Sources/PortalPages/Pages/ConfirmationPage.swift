/// A page that asks before something is done that hurts. With the script it appears as a dialog
/// over the page before; without it, it is a page of its own.
public struct ConfirmationPage: Sendable {
  /// Frame of the signed-in user.
  public var frame: Frame
  /// The question as a title: `Suspend paris-gw-01?`.
  public var title: String
  /// What will happen, one sentence each.
  public var effects: [String]
  /// The word or name to type; nil: pressing the button is enough.
  public var typed: String?
  /// The button: `Suspend gateway`.
  public var button: String
  /// Whether the button is red.
  public var isDangerous = true
  /// Where the form is posted.
  public var action: String
  /// Where Cancel leads.
  public var back: String
  /// More fields that travel with it.
  public var hidden: [(name: String, value: String)] = []
  /// What was typed, field `confirm`, and what was wrong.
  public var form = FormState()
  /// A choice to be made first (field name, label, value and label of each); nil: none.
  public var choice: (name: String, label: String, options: [(value: String, label: String)])?

  /// Joins what every question has.
  public init(
    frame: Frame, title: String, effects: [String], typed: String?, button: String,
    action: String, back: String
  ) {
    self.frame = frame
    self.title = title
    self.effects = effects
    self.typed = typed
    self.button = button
    self.action = action
    self.back = back
  }

  /// The document.
  public var html: String {
    let lines = effects.map { "<li>\($0)</li>" as Markup }
    let extra = hidden.map {
      "<input type=\"hidden\" name=\"\($0.name)\" value=\"\($0.value)\">" as Markup
    }
    let content: Markup = """
      <div class="card narrow" id="confirmation">\
      \(PostForm(action: action, csrf: frame.csrf).markup(
        """
        \(form.summary)<ul class="effects">\(lines)</ul>\(extra)\(choiceField)\(typedField)\
        <div class="buttons"><button class="\(isDangerous ? "danger" : "primary")" \
        type="submit">\(button)</button>\
        <a class="button" href="\(back)" data-cancel>Cancel</a></div>
        """))</div>
      """
    return Shell(frame: frame, area: nil, title: title).document(content)
  }

  private var typedField: Markup? {
    typed.map { word in
      form.input(Field("confirm", "Type \(word) to confirm").code.wide)
    }
  }

  private var choiceField: Markup? {
    choice.map { choice in
      form.select(
        Field(choice.name, choice.label), choice.options.map { Choice($0.value, $0.label) })
    }
  }
}
