/// A text that is made to be copied: selectable for everybody, with a button where scripts run.
struct CopyField {
  /// Identifier of the text.
  var id: String
  /// Large, for what people read out or type.
  var isBig = false

  /// The text and its button; `what` completes "Copy".
  func markup(_ text: String, what: String) -> Markup {
    """
    <p class="secret"><output class="\(isBig ? "big code" : "code")" id="\(id)">\(text)</output>\
    \(button(what))</p>
    """
  }

  /// The button alone, for a text that stands elsewhere.
  func button(_ what: String) -> Markup {
    """
    <button class="icon-button" type="button" data-copy="\(id)" title="Copy" hidden>\
    \(Icon.copy.markup)<span class="unseen">Copy \(what)</span></button>
    """
  }
}
