import HTTP
import Messages

/// A page of one message.
enum MessagePage {
  private enum Limits {
    static let refreshSeconds = 3
  }

  /// Something was refused; `back` leads to where one can go on.
  static func refusal(
    _ context: PageContext?, status: Int, _ reason: String, back: String = "/"
  ) -> HTTPResponse {
    PageFrame.page(
      "Not done", context, status: status,
      """
      <h1>This was not done</h1>
      \(LinkPage.alert(reason))<div class="actions"><a class="button" href="\(back)">Go on</a></div>

      """)
  }

  /// The supervisor does not answer: it starts, or is being restarted.
  static var busy: HTTPResponse {
    PageFrame.page(
      "One moment", nil, status: 503,
      renewal: .live(withoutScriptSeconds: Limits.refreshSeconds),
      """
      <h1>One moment</h1>
      <p class="lead" role="status">The appliance is starting. This page goes on by itself.</p>

      """)
  }

  /// Nobody is here.
  static func notFound(_ context: PageContext) -> HTTPResponse {
    PageFrame.page(
      "Not found", context, status: 404,
      """
      <h1>There is no such page</h1>
      <div class="actions"><a class="button" href="/">To the activation</a></div>

      """)
  }
}
