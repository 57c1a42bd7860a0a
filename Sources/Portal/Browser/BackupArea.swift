import HTTP
import JSON
import PortalPages

/// One site, backup and restore.
struct BackupArea {
  let visit: Visit
  let detail: SiteDetail

  private var service: PortalService { visit.service }
  private var site: String { "\(detail.site.id)" }

  /// The page.
  func answer() throws(PortalError) -> HTTPResponse { .html(try page(FormState())) }

  /// The backup as a file.
  func file() throws(PortalError) -> HTTPResponse {
    let withSecrets = visit.request.parameter("secrets") == "1"
    let value = try service.backup(
      detail.site.id, withSecrets: withSecrets, by: visit.user)
    let name = CheckedSite.slug(detail.site.name)
    return HTTPResponse.value(value)
      .with("Content-Disposition", "attachment; filename=\"\(name).json\"")
  }

  /// Restores what was sent.
  func restore() throws(PortalError) -> HTTPResponse {
    try visit.user.require(.manageSites)
    guard visit.isPost else { throw Visit.noPage }
    do throws(PortalError) {
      let restored = try service.restore(
        detail.site.id, try RestoreInput(try Fields(text: visit.form["file"])), by: visit.user)
      return visit.done(
        Paths.site(site), "The settings of \(restored.site.name) are restored from the backup.")
    } catch {
      guard error.status == 409 || error.word == "malformed" || !error.problems.isEmpty else {
        throw error
      }
      let form = FormState(
        problems: error.problems.isEmpty
          ? [FormProblem("", error.message)]
          : error.problems.map { FormProblem("", $0.message, subject: $0.path) })
      return .html(try page(form), status: error.status)
    }
  }

  private func page(_ form: FormState) throws(PortalError) -> String {
    var page = BackupPage(frame: visit.frame(), heading: SiteView.heading(detail))
    page.form = form
    for gateway in detail.gateways {
      page.versions += try service.documentVersions(of: gateway.id, by: visit.user).map {
        (gateway.name, $0.version, $0.made)
      }
    }
    page.versions.sort { $0.made > $1.made }
    return page.html
  }
}
