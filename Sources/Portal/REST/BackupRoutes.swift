import HTTP
import JSON

/// Backup and restore of a site, and the documents that gateways were given.
enum BackupRoutes {
  static let all: [RESTRoute] = [
    RESTRoute("GET", "sites/{id}/backup", "The settings of a site as a file; ?secrets=1") {
      call throws(PortalError) in
      let withSecrets = try call.query("secrets") ?? 0
      return .value(
        try call.service.backup(
          try call.number("id"), withSecrets: withSecrets != 0, by: try call.user()))
    },
    RESTRoute("POST", "sites/{id}/restore", "Gives a site the settings of a backup") {
      call throws(PortalError) in
      let restored = try call.service.restore(
        try call.number("id"), try RestoreInput(try call.fields()), by: try call.user())
      return .value(RESTForm.site(restored))
    },
    RESTRoute("GET", "gateways/{id}/documents", "The configurations a gateway was given") {
      call throws(PortalError) in
      let list = try call.service.documentVersions(of: call.text("id"), by: try call.user())
      return .value(
        .of([
          "documents": .array(
            list.map {
              .of(["version": .integer($0.version), "made": RESTForm.time($0.made)])
            })
        ]))
    },
    RESTRoute("GET", "gateways/{id}/documents/{version}", "One of these configurations") {
      call throws(PortalError) in
      let text = try call.service.document(
        of: call.text("id"), version: try call.number("version"), by: try call.user())
      return .json(Array(text.utf8))
    },
  ]
}
