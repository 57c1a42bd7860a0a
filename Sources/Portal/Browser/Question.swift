import HTTP
import PortalPages

/// Something that is asked once more before it is done.
struct Question {
  var title: String
  /// What will happen.
  var effects: [String]
  /// What must be typed; nil: pressing the button is enough.
  var typed: String?
  var button: String
  /// Where Cancel leads.
  var back: String

  init(title: String, effects: [String], typed: String?, button: String, back: String) {
    self.title = title
    self.effects = effects
    self.typed = typed
    self.button = button
    self.back = back
  }
}

extension Visit {
  /// Shows a question, or does what it is about when it was answered.
  func ask(
    _ question: Question, _ permission: Permission,
    _ perform: () throws(PortalError) -> HTTPResponse
  ) throws(PortalError) -> HTTPResponse {
    try user.require(permission)
    guard isPost else { return .html(page(question, FormState())) }
    do throws(PortalError) {
      if let typed = question.typed, form["confirm"] != typed {
        throw .invalid("confirm", "Type \(typed), exactly as it stands here.")
      }
      return try perform()
    } catch {
      return try again(error) { form in page(question, form) }
    }
  }

  private func page(_ question: Question, _ form: FormState) -> String {
    var page = ConfirmationPage(
      frame: frame(), title: question.title, effects: question.effects, typed: question.typed,
      button: question.button, action: request.path, back: question.back)
    page.isDangerous = question.typed != nil
    page.form = form
    return page.html
  }
}
