import Messages
import Wire

/// What the screen shows of an activation that is under way.
struct ActivationWatch {
  /// When it was begun to be shown.
  let began: Instant
  /// The overview that is awaited; nil: none.
  var request: UInt32?
  /// When the next is asked for, or this one given up.
  var deadline: Instant
  /// Steps of which a line was printed, and what it said.
  var shown: [Int: ActivationStepStatus.State] = [:]
  /// Whether keys are taken now: not those that were typed ahead of the activation.
  private(set) var isListening = true

  init(at now: Instant, hasTypeAhead: Bool) {
    began = now
    deadline = now
    isListening = !hasTypeAhead
  }

  /// Keys came. What was typed ahead, or so soon that nobody can have read a line, waits for the
  /// end: the `2` of a pasted procedure. A whole line typed later shows that somebody does not
  /// want to wait.
  mutating func notice(_ octets: ArraySlice<UInt8>, isFirst: Bool, at now: Instant) {
    if now < began + Limits.typeAheadGrace {
      isListening = false
    } else if isFirst || octets.contains(where: { $0 == 0x0d || $0 == 0x0a }) {
      isListening = true
    }
  }
}

/// The progress of an activation.
extension ConsoleMenu {
  /// Begins to show it.
  mutating func watch() {
    say(["The activation goes on by itself; 2 returns to the main menu meanwhile."])
    prompt = ""
    editor.clear()
    editor.isSecret = false
    state = .watching(ActivationWatch(at: now, hasTypeAhead: !pending.isEmpty))
  }

  /// Asks for the next picture; one that does not come is asked for again.
  mutating func expire(_ watch: ActivationWatch) {
    guard now >= watch.deadline else { return }
    var watch = watch
    watch.request = send(ControlRequest(.overview))
    watch.deadline = now + Limits.overviewPatience
    state = .watching(watch)
  }

  /// Takes a picture.
  mutating func take(_ answer: ControlAnswer, _ watch: ActivationWatch) {
    var watch = watch
    watch.request = nil
    watch.deadline = now + Limits.progressPeriod
    guard answer.done, let activation = answer.activation else {
      state = .watching(watch)
      return
    }
    overview = Overview(answer)
    interject(news(of: activation, &watch))
    state = .watching(watch)
    if activation.state == .activated {
      stopWatching(["Gateway \(overview.name) is activated."])
    } else if activation.hasFailed {
      let remedy = activation.remedy.isEmpty ? [] : [activation.remedy]
      stopWatching(activation.failure + remedy)
    } else if activation.state == .unactivated, now >= watch.began + Limits.activationBegins {
      stopWatching(["No activation is under way any more."])
    }
  }

  /// A line typed while progress is shown.
  mutating func choose(_ line: String, in watch: ActivationWatch) {
    switch line.lowercased().filter({ $0 != " " }) {
    case "": break
    case "2", "q": stopWatching()
    default:
      // For the menu that comes afterwards.
      kept += Array(line.utf8) + [0x0d]
      if kept.count > Limits.typedAheadOctets { kept = [] }
    }
  }

  /// Ends the show: with its result to the menu of activation, without to the main menu.
  mutating func stopWatching(_ result: [String]? = nil) {
    // Half a line that was typed is not lost.
    pending = kept + Array(editor.shown.utf8) + pending
    kept = []
    if !editor.isEmpty { print("\n") }
    guard let result else { return drawMenu(.main) }
    say(result)
    draw(.activate)
  }

  /// One line a step, when it begins or is over at once; and when it fails.
  private func news(of activation: ActivationStatus, _ watch: inout ActivationWatch) -> [String] {
    var lines: [String] = []
    let total = activation.steps.count
    for step in activation.steps where step.state != .waiting {
      let before = watch.shown[step.number]
      if before == .running && step.state == .running { break }
      guard before == nil || before != step.state && step.state == .failed else { continue }
      watch.shown[step.number] = step.state
      lines.append("Activation \(step.number)/\(total) \(step.name)\(words(step))")
      // What stands behind it is of the try before.
      if step.state == .running { break }
    }
    return lines
  }

  private func words(_ step: ActivationStepStatus) -> String {
    switch step.state {
    case .waiting, .running: " ..."
    case .done: step.cause.isEmpty ? "" : ": \(step.cause)"
    case .skipped: ": not needed"
    case .failed: ": failed"
    }
  }

  /// Says lines above what is being typed.
  private mutating func interject(_ lines: [String]) {
    guard !lines.isEmpty else { return }
    if !editor.isEmpty { print("\n") }
    say(lines)
    print(editor.shown)
  }
}
