import HTTP
import JSON

/// Users and the audit log.
enum UserRoutes {
  static let all: [RESTRoute] = [
    RESTRoute("GET", "users", "Every user") { call throws(PortalError) in
      let list = try call.service.listUsers(by: try call.user())
      return .value(.of(["users": .array(list.map(RESTForm.user))]))
    },
    RESTRoute("POST", "users", "Makes a user and a one-time link: name, role") {
      call throws(PortalError) in
      let fields = try call.fields()
      let name = fields.text("name")
      let role = fields.text("role")
      try fields.finish("name", "role")
      let made = try call.service.createUser(name: name, role: role, by: try call.user())
      return .value(
        .of(["user": RESTForm.user(made.user), "link": .string(made.link)]), status: 201)
    },
    RESTRoute("PUT", "users/{id}", "Changes a user: role, disabled") { call throws(PortalError) in
      let fields = try call.fields()
      let role = fields.text("role")
      let isDisabled = fields.flag("disabled", default: false)
      try fields.finish("role", "disabled")
      let changed = try call.service.updateUser(
        try call.number("id"), role: role, isDisabled: isDisabled, by: try call.user())
      return .value(RESTForm.user(changed))
    },
    RESTRoute("POST", "users/{id}/reset", "Takes the password away; gives a one-time link") {
      call throws(PortalError) in
      let link = try call.service.resetUser(try call.number("id"), by: try call.user())
      return .value(.of(["link": .string(link)]))
    },
    RESTRoute("DELETE", "users/{id}", "Deletes a user") { call throws(PortalError) in
      try call.service.deleteUser(try call.number("id"), by: try call.user())
      return .noContent
    },
    RESTRoute("GET", "audit", "The audit log, newest first; ?before=&limit=") {
      call throws(PortalError) in
      let list = try call.service.listAudit(
        before: try call.query("before"), limit: try call.query("limit") ?? 100,
        by: try call.user())
      return .value(.of(["audit": .array(list.map(RESTForm.audit))]))
    },
  ]
}
