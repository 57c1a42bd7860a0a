import HTTP
import Messages

/// The nine steps, and at the end how they ended.
enum ProgressPage {
  private enum Limits {
    static let refreshSeconds = 2
  }

  /// The page for the state of things.
  static func page(_ context: PageContext, _ overview: Overview) -> HTTPResponse {
    let activation = overview.activation
    if activation.state == .activated { return CompletedPage.page(context, overview) }
    let hasFailed = !activation.failure.isEmpty
    let title = hasFailed ? "Activation has stopped" : "Activation is under way"
    return PageFrame.page(
      title, context, renewal: .live(withoutScriptSeconds: Limits.refreshSeconds),
      """
      <h1>\(title)</h1>
      \(lead(activation))\(hasFailed ? failure(context, activation) : .none)\(bar(activation))\
      <ol class="steps">
      \(Markup(activation.steps.map { step($0) }))</ol>

      """)
  }

  private static func lead(_ activation: ActivationStatus) -> Markup {
    let name = activation.gateway
    let who: Markup = name.isEmpty ? "" : " <strong>\(name)</strong>"
    let running = activation.steps.first { $0.state == .running }
    let now = running.map { ": \($0.name)" } ?? ""
    return """
      <p class="lead" role="status">Gateway\(who), step \(position(activation)) of \
      \(activation.steps.count)\(now).</p>

      """
  }

  /// The step that runs or has failed, else the last that is done.
  private static func position(_ activation: ActivationStatus) -> Int {
    activation.steps.first { $0.state == .running || $0.state == .failed }?.number
      ?? activation.steps.last { $0.state == .done || $0.state == .skipped }?.number ?? 1
  }

  private static func bar(_ activation: ActivationStatus) -> Markup {
    let past = activation.steps.count { $0.state == .done || $0.state == .skipped }
    return """
      <progress aria-label="Progress" value="\(past)" max="\(activation.steps.count)"></progress>

      """
  }

  private static func step(_ step: ActivationStepStatus) -> Markup {
    let (icon, words): (Markup, String) =
      switch step.state {
      case .waiting: ("<span class=\"dot\"></span>", "Waiting")
      case .running: ("<span class=\"spinner\"></span>", "Running")
      case .done: (Icons.done, "Done")
      case .failed: (Icons.failed, "Failed")
      case .skipped: (Icons.skipped, "Not needed")
      }
    let cause: Markup = step.cause.isEmpty ? "" : "<span class=\"cause\">\(step.cause)</span>"
    let current: Markup = step.state == .running ? " aria-current=\"step\"" : ""
    return """
      <li class="\(step.state.rawValue)"\(current)><span class="badge">\(icon)</span>\
      <span class="what"><span class="name">\(step.name)</span>\(cause)</span>\
      <span class="state">\(words)</span></li>

      """
  }

  private static func failure(_ context: PageContext, _ activation: ActivationStatus) -> Markup {
    let lines = Markup(activation.failure.map { "<p>\($0)</p>\n" })
    let remedy: Markup =
      activation.remedy.isEmpty ? "" : "<p class=\"remedy\">\(activation.remedy)</p>\n"
    let retry: Markup =
      activation.canRetry
      ? """
      <form method="post" action="/retry">
      <input type="hidden" name="token" value="\(context.token)">
      <button id="retry">Retry</button>
      </form>

      """ : ""
    return """
      <div class="note bad" role="alert">
      \(lines)\(remedy)</div>
      <div class="actions">
      \(retry)<a class="button plain" href="/settings">Network and proxy</a>
      <a class="button plain" href="/link">Use another link</a>
      </div>

      """
  }
}

/// The end of the way.
enum CompletedPage {
  private enum Limits {
    static let refreshSeconds = 10
  }

  /// Name and state of the gateway, renewed now and then.
  static func page(_ context: PageContext, _ overview: Overview) -> HTTPResponse {
    let name = overview.activation.gateway
    return PageFrame.page(
      "Activation is completed", context,
      renewal: .live(withoutScriptSeconds: Limits.refreshSeconds),
      """
      <div class="completed">
      \(Icons.large)
      <h1>Activation is completed</h1>
      <dl class="facts">
      <div><dt>Name</dt><dd>\(name)</dd></div>
      <div><dt>State</dt><dd>\(state(overview))</dd></div>
      \(portal(overview))</dl>
      <p class="hint">This gateway is managed in the portal now. You can unplug this computer.</p>
      </div>

      """)
  }

  private static func state(_ overview: Overview) -> String {
    guard let status = overview.status else { return "Initializing" }
    let word = status.state.prefix(1).uppercased() + status.state.dropFirst()
    let isAlone = status.state == "active" && status.ha != nil && status.ha?.peer == nil
    return isAlone ? "\(word), waiting for gateway 2" : word
  }

  private static func portal(_ overview: Overview) -> Markup {
    guard let controller = overview.controller else { return .none }
    let words =
      controller.connected
      ? "Connected" : "Not connected" + (controller.reason.isEmpty ? "" : ": \(controller.reason)")
    return "<div><dt>Portal</dt><dd>\(words)</dd></div>\n"
  }
}
