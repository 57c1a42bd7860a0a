import Update

/// An update of a site as people see it.
struct UpdateDetail {
  var detail: SiteDetail
  /// The last one; nil: there was none.
  var update: SiteUpdate?
  /// What the gateways are now, in the order of their slots.
  var views: [NodeView]
  /// What to think about, such as two sites at the same time.
  var warnings: [String] = []
}

// MARK: Updating a site

extension PortalService {
  /// The last update of a site, and what its gateways run.
  func update(of site: Int64, by user: User) throws(PortalError) -> UpdateDetail {
    try user.require(.view)
    return try updateDetail(site)
  }

  /// Updates the gateways of a site one after another.
  ///
  /// - Parameters:
  ///   - version: nil: the default one.
  ///   - time: time of day, `HH:MM` UTC, within the next 24 hours; nil: now.
  func startUpdate(
    _ site: Int64, version: String?, time: String?, by user: User
  ) throws(PortalError) -> UpdateDetail {
    try user.require(.manageSoftware)
    let detail = try self.detail(site)
    let bundle = try wanted(version)
    let start = try startTime(time)
    if let open = try updates.find(site), open.phase.isOpen {
      throw .conflict(
        "\(detail.site.name) is being updated to \(open.version); cancel that first.")
    }
    try requireFit(bundle, detail)
    let update = SiteUpdate(
      site: site, version: bundle.version,
      members: detail.gateways.map { .init(id: $0.id, name: $0.name) }, start: start,
      user: user.name, at: now())
    if start == nil {
      let plan = SiteUpdate.Plan.make(update.members, viewsByID(detail), bundle.version)
      if case .failure(let obstacle) = plan { throw .conflict(obstacle.words) }
    }
    return try database.write { () throws(PortalError) in
      try updates.store(update)
      let at = start.map { "at \(UpdateSchedule(secondsSince1970: $0)) UTC" } ?? "now"
      try audit(user, "site.update", detail.site.name, "to \(bundle.version) \(at)")
      if start != nil {
        try event(
          site: site, "update", "Update to \(bundle.version) planned \(at)",
          cause: "by \(user.name)")
      }
      changed(.site(site))
      try observeUpdate(of: site)
      return try updateDetail(site)
    }
  }

  /// Stops an update: what a gateway was told already it still does, nothing more is begun.
  func cancelUpdate(_ site: Int64, by user: User) throws(PortalError) -> UpdateDetail {
    try user.require(.manageSoftware)
    let detail = try self.detail(site)
    guard let open = try updates.find(site), open.phase.isOpen else {
      throw .conflict("No update of \(detail.site.name) is under way.")
    }
    return try database.write { () throws(PortalError) in
      try audit(user, "site.update-cancel", detail.site.name, "to \(open.version)")
      try updateHears(.cancelled(by: user.name), of: site)
      return try updateDetail(site)
    }
  }

  /// Throws while a gateway of the site is away for an update: the other one must stay.
  func requireNoUpdate(_ site: Int64) throws(PortalError) {
    guard let update = try updates.find(site), update.phase == .running else { return }
    throw .conflict(
      "The site is being updated to \(update.version); wait until it is done, or cancel it.")
  }

  // MARK: What happens

  /// Has the update of a site look at its gateways.
  func observeUpdate(of site: Int64) throws(PortalError) {
    guard let update = try updates.find(site), update.phase.isOpen else { return }
    try updateHears(.observed(viewsByID(try detail(site))), of: site)
  }

  /// Hands an event to the update of a site, stores it, and does what follows.
  func updateHears(_ event: SiteUpdate.Event, of site: Int64) throws(PortalError) {
    guard var update = try updates.find(site), update.phase.isOpen else { return }
    let before = update
    let actions = update.handle(event, at: now())
    guard update != before || !actions.isEmpty else { return }
    try database.write { () throws(PortalError) in
      try updates.store(update)
      for action in actions { try perform(action, update) }
      changed(.site(site))
    }
  }

  private func perform(_ action: SiteUpdate.Action, _ update: SiteUpdate) throws(PortalError) {
    switch action {
    case .command(let id, let verb):
      let argument = verb == .update ? update.version.description : ""
      var user = User.portal
      user.name = update.user
      try queue(verb, argument, for: try gateways.find(id), by: user)
    case .note(let id, let text, let cause):
      try event(site: update.site, gateway: id, "update", text, cause: cause)
      Log.notice("update site=\(update.site) \"\(text)\" cause=\"\(cause)\"")
    }
  }

  /// Lets time pass for every update that waits or runs.
  func passUpdateTime() {
    do throws(PortalError) {
      for update in try updates.open() { try observeUpdate(of: update.site) }
    } catch { Log.error("update \(error.message)") }
  }

  /// After a start: what was under way goes on.
  func resumeUpdates() throws(PortalError) {
    let time = now()
    for var update in try updates.open() {
      let before = update
      update.resume(at: time)
      guard update != before else { continue }
      try database.write { () throws(PortalError) in try updates.store(update) }
    }
  }

  // MARK: Checks

  private func updateDetail(_ site: Int64) throws(PortalError) -> UpdateDetail {
    let detail = try self.detail(site)
    let update = try updates.find(site)
    return UpdateDetail(
      detail: detail, update: update, views: views(detail),
      warnings: try update.map { update throws(PortalError) in
        try warnings(update, detail)
      } ?? [])
  }

  private func viewsByID(_ detail: SiteDetail) -> [String: NodeView] {
    Dictionary(
      zip(detail.gateways.map(\.id), views(detail)), uniquingKeysWith: { first, _ in first })
  }

  private func views(_ detail: SiteDetail) -> [NodeView] {
    detail.gateways.map { gateway in
      let member = fleet[gateway.id]
      return NodeView(
        member?.status, gateway.life, at: member?.statusAt, stored: gateway.softwareVersion)
    }
  }

  private func wanted(_ version: String?) throws(PortalError) -> Bundle {
    if let version { return try software.find(version) }
    guard let preset = try software.all().first(where: \.isDefault) else {
      throw .invalid("version", "is missing, and no version is the default")
    }
    return preset
  }

  /// U2: the start can be at most 24 hours away; a time of day always is.
  private func startTime(_ text: String?) throws(PortalError) -> Int64? {
    guard let text, !text.isEmpty else { return nil }
    guard let schedule = UpdateSchedule(text) else {
      throw .invalid("at", "'\(text)' is no time of day; HH:MM, 00:00 to 23:59, UTC")
    }
    return schedule.next(after: now())
  }

  /// What the gateways would refuse anyway, before anything is begun.
  private func requireFit(_ bundle: Bundle, _ detail: SiteDetail) throws(PortalError) {
    var problems: [PortalError.Problem] = []
    for gateway in detail.gateways {
      guard gateway.isActivated else {
        throw .conflict("\(gateway.name) is not activated yet; its software comes with it.")
      }
      let room = Dictionary(
        BundleManifest.PartName.allCases.map { ($0, UInt64.max) },
        uniquingKeysWith: { first, _ in first })
      let target = UpdateTarget(
        version: SoftwareVersion(gateway.softwareVersion) ?? SoftwareVersion(0, 0, 0),
        profile: gateway.platform, room: room)
      for refusal in bundle.manifest.refusals(on: target) {
        if case .sameVersion = refusal { continue }
        problems.append(.init("version", "\(gateway.name): \(refusal)"))
      }
    }
    if !problems.isEmpty { throw .invalid(problems) }
  }

  /// U4: gateways that may stand in for each other should start an hour apart. Those of a pair
  /// never start together, so this is about sites with one gateway.
  private func warnings(
    _ update: SiteUpdate, _ detail: SiteDetail
  ) throws(PortalError) -> [String] {
    guard update.phase == .scheduled, let start = update.start, update.members.count == 1 else {
      return []
    }
    let own = UpdateSchedule(secondsSince1970: start)
    var names: [String] = []
    for other in try updates.open() where other.site != update.site && other.members.count == 1 {
      guard let time = other.start.map({ UpdateSchedule(secondsSince1970: $0) }),
        own.distance(to: time) < UpdateSchedule.spacingMinutes
      else { continue }
      names.append("\(try sites.find(other.site).name) at \(time)")
    }
    guard !names.isEmpty else { return [] }
    let shown = names.sorted().prefix(3).joined(separator: ", ")
    let more = names.count > 3 ? " and \(names.count - 3) more" : ""
    return [
      "Less than \(UpdateSchedule.spacingMinutes) min from \(shown)\(more): leave at least an hour "
        + "between gateways that stand in for each other, so that one has proven itself first."
    ]
  }
}
