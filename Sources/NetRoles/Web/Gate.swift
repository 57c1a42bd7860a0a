import HTTP

/// Which requests are for the page at all, before anything is done for them.
struct Gate {
  /// What is to be done with a request.
  enum Decision: Hashable {
    /// It is for us.
    case serve
    /// It is for somebody else, and we answer for every name on this cable.
    case foreign
    /// It is refused.
    case refuse(status: Int, reason: String)
  }

  /// Names by which the page may be asked, such as `192.168.0.1`, with a port unless it is 80.
  let hosts: Set<String>

  /// Joins the address of the page with further names for it.
  init(address: String, hosts: [String]) {
    self.hosts = Set(([address] + hosts).map { $0.lowercased() })
  }

  /// Judges method, Host, Origin and Sec-Fetch-Site.
  func judge(_ request: HTTPRequest) -> Decision {
    let isOurs = request.header("Host").map { hosts.contains(Gate.withoutDefaultPort($0)) } ?? false
    switch request.method {
    case "GET", "HEAD": return isOurs ? .serve : .foreign
    case "POST":
      guard isOurs else {
        return .refuse(status: 400, reason: "This form was sent to another host.")
      }
      return isFromOurPage(request)
        ? .serve : .refuse(status: 403, reason: "This form was sent by another page.")
    default: return .refuse(status: 405, reason: "Only GET, HEAD and POST are served.")
    }
  }

  /// Browsers name the origin of each form that they send; none may be missing or another.
  private func isFromOurPage(_ request: HTTPRequest) -> Bool {
    if let site = request.header("Sec-Fetch-Site"), site != "same-origin" { return false }
    guard let origin = request.header("Origin") else { return false }
    guard origin.hasPrefix("http://") else { return false }
    return hosts.contains(Gate.withoutDefaultPort(String(origin.dropFirst(7))))
  }

  private static func withoutDefaultPort(_ host: String) -> String {
    let name = host.lowercased()
    return name.hasSuffix(":80") ? String(name.dropLast(3)) : name
  }
}
