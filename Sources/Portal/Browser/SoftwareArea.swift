import HTTP
import PortalPages
import Update

/// Administration › Settings › Software.
struct SoftwareArea {
  let visit: Visit
  /// What took the bundle that was sent.
  var upload: BundleUpload?

  private var service: PortalService { visit.service }

  /// Answers a request below `/settings/software`.
  func answer(_ way: ArraySlice<String>) throws(PortalError) -> HTTPResponse {
    switch (way.count, way.last, visit.isPost) {
    case (0, _, false): return .html(try page(FormState()))
    case (0, _, true): return try add()
    case (2, "default"?, _): return try makeDefault(way[way.startIndex])
    case (2, "delete"?, _): return try delete(way[way.startIndex])
    default: throw Visit.noPage
    }
  }

  private func page(_ form: FormState) throws(PortalError) -> String {
    let uses = try service.softwareUses()
    let rows = try service.listSoftware(by: visit.user).map { bundle in
      var row = SoftwarePage.Row(
        version: bundle.version.description, size: bundle.size, isVerified: bundle.isVerified,
        isDefault: bundle.isDefault, profiles: bundle.manifest.profiles,
        minimum: bundle.manifest.minimumVersion.description, added: bundle.added,
        user: bundle.user)
      row.uses = uses[bundle.version] ?? []
      return row
    }
    var page = SoftwarePage(
      frame: visit.frame(), rows: rows, limit: SoftwareTable.limit,
      limitMiB: SoftwareFolder.limitBytes >> 20)
    page.form = form
    return page.html
  }

  private func add() throws(PortalError) -> HTTPResponse {
    do throws(PortalError) {
      guard let upload else { throw .invalid("file", "choose the bundle first") }
      if let failure = upload.failure { throw failure }
      guard !upload.isEmpty else { throw .invalid("file", "choose the bundle first") }
      let added = try service.addSoftware(upload.file, by: visit.user)
      let check = added.isVerified ? "its signature is verified" : "its signature is not verified"
      return visit.done(Paths.software, "Version \(added.version) is added; \(check).")
    } catch {
      guard error.status != 403 else { throw error }
      return .html(try page(FormState(problems: error.formProblems)), status: error.status)
    }
  }

  private func makeDefault(_ version: String) throws(PortalError) -> HTTPResponse {
    let question = Question(
      title: "Make \(version) the default?",
      effects: ["Updates take it unless another version is named. No gateway is updated by this."],
      typed: nil, button: "Make default", back: Paths.software)
    return try visit.ask(question, .manageSoftware) { () throws(PortalError) in
      _ = try service.setDefaultSoftware(version, by: visit.user)
      return visit.done(Paths.software, "\(version) is the default.")
    }
  }

  private func delete(_ version: String) throws(PortalError) -> HTTPResponse {
    let question = Question(
      title: "Delete \(version)?",
      effects: ["Gateways cannot be updated to it any more. Those that run it keep it."],
      typed: nil, button: "Delete", back: Paths.software)
    return try visit.ask(question, .manageSoftware) { () throws(PortalError) in
      try service.deleteSoftware(version, by: visit.user)
      return visit.done(Paths.software, "\(version) is deleted.")
    }
  }
}
