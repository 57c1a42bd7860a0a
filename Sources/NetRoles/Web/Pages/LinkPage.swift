import HTTP
import Messages

/// The first page: paste the link, or see it taken from the address bar.
enum LinkPage {
  /// The form; `refusal` says why the last link was not taken.
  static func page(
    _ context: PageContext, _ overview: Overview, refusal: String? = nil, status: Int = 200
  ) -> HTTPResponse {
    PageFrame.page(
      "Activate this gateway", context, status: status,
      """
      <h1>Activate this gateway</h1>
      \(alert(refusal ?? lastFailure(overview)))<p class="lead">Open the activation link of this \
      gateway in this browser, or paste it here. Nothing changes before you have seen what it \
      does.</p>
      <form method="post" action="/check">
      <input type="hidden" name="token" value="\(context.token)">
      <label for="link">Paste the whole link</label>
      <textarea id="link" name="link" rows="5" required spellcheck="false" autocomplete="off"
        autocapitalize="off" aria-describedby="link-hint" data-link\
      \("autofocus", if: refusal == nil)></textarea>
      <p class="hint" id="link-hint">It begins with <code>http://192.168.0.1/activate#ZTB1</code>. \
      Line breaks and spaces do not matter.</p>
      <div class="actions"><button>Continue</button></div>
      </form>
      \(cable(overview))<p class="hint">No link? An activation code is typed at the console: \
      <kbd>1</kbd>, then <kbd>1</kbd>.</p>

      """)
  }

  /// A box for what went wrong; nothing for nil.
  static func alert(_ text: String?) -> Markup {
    guard let text else { return .none }
    return "<div class=\"note bad\" role=\"alert\"><p>\(text)</p></div>\n"
  }

  /// What ended the last try for good.
  private static func lastFailure(_ overview: Overview) -> String? {
    let failure = overview.activation.failure
    return failure.isEmpty ? nil : (failure + [overview.activation.remedy]).joined(separator: " ")
  }

  /// A missing cable is worth knowing before anything is tried.
  private static func cable(_ overview: Overview) -> Markup {
    guard let wan = overview.wan, !wan.carrier else { return .none }
    return """
      <div class="note warn"><p>No cable is plugged into \(wan.port.uppercased()), the port to the \
      provider.</p></div>

      """
  }
}
