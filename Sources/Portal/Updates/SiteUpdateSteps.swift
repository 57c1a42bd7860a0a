import Activation
import Update

extension SiteUpdate {
  /// One step of one gateway.
  struct Step: Hashable {
    /// What is done.
    enum Kind: String, Hashable, CaseIterable {
      /// Fetch the version and write it into the other slot.
      case install
      /// Hand the active role to the other gateway.
      case handOver = "hand-over"
      /// Restart into the version.
      case activate
      /// The version proves itself, and the gateway is what it was again.
      case prove
    }

    var kind: Kind
    var gateway: String

    init(_ kind: Kind, _ gateway: String) {
      self.kind = kind
      self.gateway = gateway
    }

    /// The command that it takes; nil: none.
    var verb: QueuedCommand.Verb? {
      switch kind {
      case .install: .update
      case .handOver: .switchover
      case .activate: .updateActivate
      case .prove: nil
      }
    }

    /// What to tell people when it is done.
    func doneWords(_ version: SoftwareVersion) -> String {
      switch kind {
      case .install: "Version \(version) is installed"
      case .handOver: "The active role is handed over"
      case .activate: "Restarted into version \(version)"
      case .prove: "Version \(version) has proven itself"
      }
    }

    /// What is under way, for people.
    var words: String {
      switch kind {
      case .install: "installing"
      case .handOver: "handing over the active role"
      case .activate: "restarting"
      case .prove: "proving itself"
      }
    }
  }

  /// Bounds of the steps, in seconds.
  enum Limits {
    /// 512 MiB over a line of 1 Mbit/s take 72 minutes.
    static let install: Int64 = 7_200
    /// Sessions get in step within seconds.
    static let handOver: Int64 = 600
    /// Leaving, and starting up to the first word; three starts at most, each with its health
    /// period, come before a return is told.
    static let activate: Int64 = 2_700
    /// The health period of the gateway is 2 minutes, its patience 10.
    static let prove: Int64 = 2_700
    /// A refusal may be the answer to a command that was told twice; it counts when nothing else
    /// is seen for this long.
    static let refusal: Int64 = 45

    static func seconds(_ kind: Step.Kind) -> Int64 {
      switch kind {
      case .install: install
      case .handOver: handOver
      case .activate: activate
      case .prove: prove
      }
    }
  }

  /// What became of a step by now.
  enum Outcome: Hashable {
    case waiting
    case tell(QueuedCommand.Verb)
    case done
    case failed(String)
  }

  /// The other gateway of a pair; nil: there is none.
  func partner(of id: String) -> String? { members.first { $0.id != id }?.id }

  func outcome(of step: Step, _ views: [String: NodeView], _ now: Int64) -> Outcome {
    let view = views[step.gateway] ?? NodeView(state: .disconnected)
    let outcome: Outcome =
      switch step.kind {
      case .install: install(step, view)
      case .handOver: handOver(step, view, views)
      case .activate: activate(step, view, views)
      case .prove: prove(step, view)
      }
    guard outcome == .waiting else { return outcome }
    let goesOn = view.update?.isInstalling == true && view.update?.version == version.description
    if let refusal, let refusedAt, !goesOn, now >= refusedAt + Limits.refusal {
      return .failed("\(name(step.gateway)) refused: \(refusal)")
    }
    if now >= since + Limits.seconds(step.kind) {
      return .failed(
        "\(name(step.gateway)) was not done with \(step.words) within "
          + "\(Limits.seconds(step.kind) / 60) minutes; it is \(Self.words(view))")
    }
    return .waiting
  }

  // MARK: Steps

  private func install(_ step: Step, _ view: NodeView) -> Outcome {
    guard view.isHeard else { return .waiting }
    if runs(view) || isOurs(view, "installed") { return .done }
    guard isTold else { return .tell(.update) }
    return isOurs(view, "failed") && isFresh(view) ? .failed(told(step, view)) : .waiting
  }

  private func handOver(_ step: Step, _ view: NodeView, _ views: [String: NodeView]) -> Outcome {
    guard let partner = partner(of: step.gateway), let other = views[partner] else {
      return .waiting
    }
    guard view.isHeard, other.isHeard else { return .waiting }
    if view.state == .standby, view.isReady, other.state == .active { return .done }
    let isReady = view.state == .active && other.state == .standby && other.isReady
    return isReady && !isTold ? .tell(.switchover) : .waiting
  }

  private func activate(_ step: Step, _ view: NodeView, _ views: [String: NodeView]) -> Outcome {
    guard view.isHeard else { return .waiting }
    if runs(view) { return .done }
    if let other = partner(of: step.gateway).map({ views[$0] }), !isTold {
      // Never two members down at once: this one may leave only while the other one forwards.
      guard let other, other.isHeard, other.state == .active, !other.isTrial,
        view.state == .standby
      else { return .waiting }
    }
    if !isTold {
      return isOurs(view, "installed")
        ? .tell(.updateActivate)
        : .failed("\(name(step.gateway)) does not have \(version) installed any more")
    }
    let isOver = isOurs(view, "returned") || isOurs(view, "failed")
    return isOver ? .failed(told(step, view)) : .waiting
  }

  private func prove(_ step: Step, _ view: NodeView) -> Outcome {
    guard view.isHeard, !view.version.isEmpty else { return .waiting }
    guard runs(view) else {
      let reason =
        isOurs(view, "returned")
        ? told(step, view) : "\(name(step.gateway)) runs \(view.version) again"
      return .failed(reason)
    }
    guard !view.isTrial else { return .waiting }
    let wanted: GatewayState = members.count > 1 ? .standby : .standalone
    return view.state == wanted && view.isReady ? .done : .waiting
  }

  // MARK: Words

  private func runs(_ view: NodeView) -> Bool { view.version == version.description }

  /// Whether the gateway says this of our version. One that fails early does not know it yet.
  private func isOurs(_ view: NodeView, _ state: String) -> Bool {
    guard let update = view.update, update.state == state else { return false }
    return update.version == version.description || update.version.isEmpty
  }

  /// Whether the gateway said so after it answered the command: before, it is about an older update.
  private func isFresh(_ view: NodeView) -> Bool {
    guard let answeredAt = takenAt ?? refusedAt, let reportedAt = view.reportedAt else {
      return false
    }
    return reportedAt > answeredAt
  }

  private func told(_ step: Step, _ view: NodeView) -> String {
    let state = view.update?.state == "returned" ? "went back to \(view.version)" : "failed"
    let reason = view.update?.reason ?? ""
    return "\(name(step.gateway)) \(state)" + (reason.isEmpty ? "" : ": \(reason)")
  }

  private static func words(_ view: NodeView) -> String {
    let trial = view.isTrial ? ", on trial" : ""
    let version = view.version.isEmpty ? "" : " with version \(view.version)\(trial)"
    let cause = view.cause.isEmpty ? "" : " (\(view.cause))"
    return "\(view.state.rawValue)\(cause)\(version)"
  }
}
