import Activation
import Update

extension SiteUpdate {
  /// Why an update cannot begin.
  struct Obstacle: Error, Hashable {
    /// For people: what is in the way, and what helps.
    var words: String
  }

  /// The order of the steps.
  enum Plan {
    /// Alone: install, activate, prove. A pair: the standby does so first, then the other one
    /// installs, hands the active role over, and follows. A gateway that runs the version already
    /// is left alone.
    static func make(
      _ members: [Member], _ views: [String: NodeView], _ version: SoftwareVersion
    ) -> Result<[Step], Obstacle> {
      for member in members {
        if let words = obstacle(member, views[member.id]) {
          return .failure(Obstacle(words: words))
        }
      }
      let order: [Member]
      switch sorted(members, views) {
      case .success(let found): order = found
      case .failure(let obstacle): return .failure(obstacle)
      }
      var steps: [Step] = []
      for member in order where views[member.id]?.version != version.description {
        let isActive = views[member.id]?.state == .active
        steps.append(Step(.install, member.id))
        if members.count > 1, isActive { steps.append(Step(.handOver, member.id)) }
        steps += [Step(.activate, member.id), Step(.prove, member.id)]
      }
      return steps.isEmpty
        ? .failure(Obstacle(words: "Every gateway runs \(version) already.")) : .success(steps)
    }

    private static func obstacle(_ member: Member, _ view: NodeView?) -> String? {
      guard let view, view.isHeard else {
        return "\(member.name) is not in contact with the portal."
      }
      if view.isTrial {
        return "\(member.name) has \(view.version) on trial; wait until it is kept."
      }
      if let update = view.update, update.isInstalling {
        return "\(member.name) is \(update.state) \(update.version) already; wait until it is done."
      }
      return view.state.isServing
        ? nil : "\(member.name) is \(view.state.rawValue); update it when it works."
    }

    /// The standby first.
    private static func sorted(
      _ members: [Member], _ views: [String: NodeView]
    ) -> Result<[Member], Obstacle> {
      guard members.count > 1 else { return .success(members) }
      guard let active = members.first(where: { views[$0.id]?.state == .active }),
        let standby = members.first(where: { views[$0.id]?.state == .standby })
      else {
        return .failure(
          Obstacle(words: "A pair is updated when one gateway is Active and one Standby."))
      }
      guard views[standby.id]?.isReady == true else {
        return .failure(
          Obstacle(words: "The sessions of \(standby.name) are not in step; wait until they are."))
      }
      return .success([standby, active])
    }
  }
}
