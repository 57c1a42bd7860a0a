import Activation
import HTTP
import JSON
import Update

/// Settings › Software, and updates of sites.
enum SoftwareRoutes {
  static let all: [RESTRoute] = [
    RESTRoute("GET", "software", "The versions that the portal keeps") { call throws(PortalError) in
      let list = try call.service.listSoftware(by: try call.user())
      let uses = try call.service.softwareUses()
      return .value(
        .of([
          "limit": .integer(SoftwareTable.limit),
          "software": .array(list.map { RESTForm.software($0, uses[$0.version] ?? []) }),
        ]))
    },
    RESTRoute("POST", "software", "Adds a version; the body is its bundle") {
      call throws(PortalError) in
      guard let upload = call.upload as? BundleUpload else {
        throw .malformed("The body must be a bundle, the file whose name ends in .ztb.")
      }
      let added = try call.service.addSoftware(upload.file, by: try call.user())
      return .value(RESTForm.software(added, []), status: 201)
    },
    RESTRoute("DELETE", "software/{version}", "Removes a version") { call throws(PortalError) in
      try call.service.deleteSoftware(call.text("version"), by: try call.user())
      return .noContent
    },
    RESTRoute("PUT", "software/{version}/default", "Makes a version the default") {
      call throws(PortalError) in
      let bundle = try call.service.setDefaultSoftware(
        call.text("version"), by: try call.user())
      return .value(RESTForm.software(bundle, []))
    },
    RESTRoute("GET", "sites/{id}/update", "How far the update of a site is") {
      call throws(PortalError) in
      .value(
        RESTForm.update(try call.service.update(of: try call.number("id"), by: try call.user())))
    },
    RESTRoute(
      "POST", "sites/{id}/update", "Updates the gateways one after another: version, at (HH:MM)"
    ) { call throws(PortalError) in
      let fields = try call.fields()
      let version = fields.optionalText("version")
      let time = fields.optionalText("at")
      try fields.finish("version", "at")
      let begun = try call.service.startUpdate(
        try call.number("id"), version: version, time: time, by: try call.user())
      return .value(RESTForm.update(begun), status: 202)
    },
    RESTRoute("POST", "sites/{id}/update/cancel", "Stops the update of a site") {
      call throws(PortalError) in
      .value(
        RESTForm.update(
          try call.service.cancelUpdate(try call.number("id"), by: try call.user())))
    },
  ]
}

extension RESTForm {
  static func software(_ bundle: Bundle, _ uses: [String]) -> JSONValue {
    let manifest = bundle.manifest
    return .of([
      "version": .text(bundle.version), "default": .bool(bundle.isDefault),
      "verified": .bool(bundle.isVerified), "size": .integer(bundle.size),
      "added": time(bundle.added), "user": .string(bundle.user),
      "minimumVersion": .text(manifest.minimumVersion),
      "allowDowngrade": .bool(manifest.allowsDowngrade),
      "profiles": .texts(manifest.profiles), "rootHash": .string(manifest.rootHash),
      "parts": .array(
        manifest.parts.map {
          .of([
            "name": .string($0.name.rawValue), "size": .integer($0.size),
            "sha256": .string($0.sha256),
          ])
        }), "uses": .texts(uses),
    ])
  }

  static func update(_ detail: UpdateDetail) -> JSONValue {
    .of([
      "update": detail.update.map(update) ?? .null, "warnings": .texts(detail.warnings),
      "gateways": .array(zip(detail.detail.gateways, detail.views).map(node)),
    ])
  }

  private static func update(_ update: SiteUpdate) -> JSONValue {
    .of([
      "version": .text(update.version), "phase": .string(update.phase.rawValue),
      "start": time(update.start), "created": time(update.created),
      "user": .string(update.user), "reason": .string(update.reason),
      "finished": time(update.finished),
      "steps": .array(
        update.steps.map {
          .of([
            "gateway": .string(update.name($0.gateway)), "step": .string($0.kind.rawValue),
          ])
        }),
    ])
  }

  private static func node(_ gateway: Gateway, _ view: NodeView) -> JSONValue {
    let update = view.update.map { update in
      JSONValue.of([
        "version": .string(update.version), "state": .string(update.state),
        "percent": .integer(update.percent), "reason": .string(update.reason),
        "at": .string(update.at),
      ])
    }
    return .of([
      "gateway": .string(gateway.name), "state": .string(view.state.rawValue),
      "version": .string(view.version), "slot": .string(view.slot),
      "isTrial": .bool(view.isTrial), "update": update ?? .null,
      "reported": time(view.reportedAt),
    ])
  }
}
