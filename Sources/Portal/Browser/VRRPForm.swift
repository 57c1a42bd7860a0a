import Configuration
import HTTP
import PortalPages
import Wire

/// The form of the VRRP panel: values into fields, and fields into values.
struct VRRPForm {
  let visit: Visit
  let detail: SiteDetail

  init(_ visit: Visit, _ detail: SiteDetail) {
    self.visit = visit
    self.detail = detail
  }

  /// The fields of the panel as it is stored. The password is never sent back.
  func stored(_ panel: VRRPPanel) -> FormState {
    var fields = [
      HTTPField("virtual_router_id", "\(panel.groupID)"),
      HTTPField("version", "\(panel.version)"), HTTPField("advert_int", panel.advertInterval),
      HTTPField("priority", "\(panel.priority)"),
      HTTPField("vip", detail.site.lanVirtualIP?.address.description ?? ""),
      HTTPField("preempt_delay", "\(panel.preemptDelaySeconds)"),
      HTTPField("auth_mode", panel.authMode), HTTPField("checksum", panel.checksum.rawValue),
    ]
    if panel.preempt { fields.append(HTTPField("preempt", "yes")) }
    if panel.acceptMode { fields.append(HTTPField("accept_mode", "yes")) }
    for gateway in detail.gateways {
      fields.append(HTTPField("vrrp_interface.\(gateway.name)", panel.interface))
      fields += panel.track.map { HTTPField("track_interface.\(gateway.name)", $0) }
    }
    for name in VRRPArea.tracked(detail, panel) {
      fields.append(HTTPField("track_weight.\(name)", "\(panel.weight(of: name))"))
    }
    for (index, check) in panel.checks.enumerated() {
      let values = [
        ("name", check.name), ("kind", check.kind.rawValue), ("target", check.target),
        ("intervalMs", "\(check.intervalMs)"), ("timeoutMs", "\(check.timeoutMs)"),
        ("fall", "\(check.fall)"), ("rise", "\(check.rise)"), ("weight", "\(check.weight)"),
      ]
      fields += values.map { HTTPField("checks[\(index)].\($0.0)", $0.1) }
    }
    return FormState(fields)
  }

  /// Rows of checks to show: those that are filled in, and an empty one while there is room.
  static func rows(_ form: FormState) -> Int {
    let filled = (0..<PanelCheck.limit).last { !form["checks[\($0)].name"].isEmpty }
    return min(PanelCheck.limit, filled.map { $0 + 2 } ?? 1)
  }

  /// What was typed; throws everything that is wrong with it when a number is none.
  func input() throws(PortalError) -> VRRPInput {
    var reader = Reader(form: visit.form)
    let form = visit.form
    var input = VRRPInput()
    input.virtualRouterID = reader.number("virtual_router_id", isRequired: true)
    input.priority = reader.number("priority", isRequired: true)
    input.version = reader.number("version")
    input.advertInterval = form["advert_int"]
    input.virtualIP = form["vip"]
    input.preempt = form.has("preempt", "yes")
    input.preemptDelay = reader.number("preempt_delay")
    // A browser does not send a box that is not ticked, so the form says that it has one.
    if form.has("accept_mode_shown", "yes") { input.acceptMode = form.has("accept_mode", "yes") }
    if !form["auth_mode"].isEmpty { input.authMode = form["auth_mode"] }
    if !form["checksum"].isEmpty { input.checksum = form["checksum"] }
    let password = form["authentication_password"]
    if form.has("passwordRemove", "yes") {
      input.password = ""
    } else if !password.isEmpty {
      input.password = password
    }
    for gateway in detail.gateways {
      let interface = form["vrrp_interface.\(gateway.name)"]
      if !interface.isEmpty { input.interfaces[gateway.name] = interface }
      let name = "track_interface.\(gateway.name)"
      input.track[gateway.name] = form.values.filter { $0.name == name }.map(\.value)
    }
    for field in form.values where field.name.hasPrefix("track_weight.") && !field.value.isEmpty {
      input.weights[String(field.name.dropFirst(13))] = reader.number(field.name)
    }
    if form.values.contains(where: { $0.name == "checks[0].name" }) {
      input.checks = checks(&reader)
    }
    guard !reader.problems.isEmpty else { return input }
    // Nothing is stored, but all that is wrong is told at once.
    do throws(PortalError) {
      _ = try input.checked(detail.site, detail.gateways, others: [])
    } catch { reader.problems += error.problems }
    throw .invalid(reader.problems)
  }

  /// A row without a name is none, wherever it stands.
  private func checks(_ reader: inout Reader) -> [CheckInput] {
    var checks: [CheckInput] = []
    for index in 0..<PanelCheck.limit {
      let path = "checks[\(index)]"
      let form = visit.form
      guard !form["\(path).name"].isEmpty else { continue }
      var check = CheckInput(
        name: form["\(path).name"], kind: form["\(path).kind"], target: form["\(path).target"])
      check.intervalMs = reader.number("\(path).intervalMs")
      check.timeoutMs = reader.number("\(path).timeoutMs")
      check.fall = reader.number("\(path).fall")
      check.rise = reader.number("\(path).rise")
      check.weight = reader.number("\(path).weight")
      checks.append(check)
    }
    return checks
  }

  /// Reads numbers, and keeps what is none.
  private struct Reader {
    let form: FormState
    var problems: [PortalError.Problem] = []

    /// Nil for an empty field, which is a problem only where it is required.
    mutating func number(_ name: String, isRequired: Bool = false) -> Int64? {
      let text = form[name]
      if let value = Int64(text) { return value }
      if !text.isEmpty || isRequired {
        problems.append(.init(name, "'\(text)' is not a whole number"))
      }
      return nil
    }
  }
}
