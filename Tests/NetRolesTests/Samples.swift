import Activation
import Crypto
import HTTP
import Messages
import Wire

@testable import NetRoles

/// What the tests of the page are made from.
enum Samples {
  static let seconds: Int64 = 1_795_000_000

  /// A link as the portal signs it.
  static func link(platform: String = "zt400") throws -> String {
    let key = try Ed25519Key(seed: [UInt8](repeating: 7, count: 32))
    let link = ActivationLink(
      gateway: "paris-gw-01", platform: platform, code: "AB12CD34EF56GH78",
      wan: .init(
        port: "ge3", mode: "static", address: "203.0.113.2/24", gateway: "203.0.113.254",
        vlan: 30, mtu: nil), dns: ["1.1.1.1", "8.8.8.8"],
      proxy: .init(host: "proxy.example", port: 3_128), portal: "https://portal.example:8443",
      ca: [UInt8](repeating: 1, count: 32), key: key.publicKey, issuedAt: seconds,
      expiresAt: seconds + 14 * 86_400)
    return link.url(signature: try key.sign(Array(link.signedText.utf8)))
  }

  /// Nine steps, `done` of them done, the next in `state`.
  static func steps(
    done: Int, next state: ActivationStepStatus.State? = .running, cause: String = ""
  )
    -> [ActivationStepStatus]
  {
    ActivationStep.allCases.map { step in
      let isNext = step.rawValue == done + 1
      let past: ActivationStepStatus.State = step == .proxy ? .skipped : .done
      return ActivationStepStatus(
        number: step.rawValue, name: step.name,
        state: step.rawValue <= done ? past : isNext ? state ?? .waiting : .waiting,
        cause: isNext ? cause : step == .wanUp && done >= 2 ? "203.0.113.2/24" : "")
    }
  }

  /// The picture of an appliance out of the carton.
  static func overview(_ change: (inout ControlAnswer) -> Void = { _ in }) -> ControlAnswer {
    var answer = ControlAnswer(done: true, "")
    answer.appliance = ApplianceStatus(
      serial: "ZTB0A1B2C3D4", profile: "zt400", version: "0.1.0", managementPort: "ge1",
      hasPassword: false, unconfirmedSecondsLeft: nil)
    answer.activation = ActivationStatus(state: .unactivated)
    answer.wan = WANStatus(
      port: "ge3", carrier: true,
      settings: WANParameters(
        mode: "dhcp", address: nil, gateway: nil, vlan: nil, dns: ["1.1.1.1", "8.8.8.8"]),
      subinterface: nil, proxy: nil, address: nil, gateway: nil, dns: [], leaseSecondsLeft: nil)
    change(&answer)
    return answer
  }

  /// A page of an activation under way.
  static func inProgress(
    _ steps: [ActivationStepStatus], failure: [String] = [], remedy: String = "",
    canRetry: Bool = false
  ) -> ControlAnswer {
    overview { answer in
      var status = ActivationStatus(state: .inProgress, gateway: "paris-gw-01")
      status.method = "link"
      status.steps = steps
      status.failure = failure
      status.remedy = remedy
      status.canRetry = canRetry
      answer.activation = status
    }
  }

  /// The picture at the end.
  static func completed(state: String = "standalone") -> ControlAnswer {
    overview { answer in
      var status = ActivationStatus(state: .activated, gateway: "paris-gw-01")
      status.steps = steps(done: 9)
      answer.activation = status
      answer.status = StatusDocument(
        gateway: "paris-gw-01", activation: "activated", state: state, since: "")
      answer.controller = ControllerStatus(
        url: "https://portal.example:8444", connected: true, lastSeen: "", reason: "")
    }
  }
}

/// A site with a supervisor that is a function, and a clock that stands still until it is moved.
final class SiteWorld {
  var picture: ControlAnswer? = Samples.overview()
  /// What the supervisor says to everything but `overview`; nil: it is silent.
  var verdict: ControlAnswer? = ControlAnswer(done: true, "")
  /// Everything that the supervisor was asked for, but `overview`.
  private(set) var asked: [ControlRequest] = []
  var now = Instant.zero + .seconds(1_000)
  private var site: ActivationSite?

  init(address: String = "192.168.0.1") {
    site = ActivationSite(
      WebConfiguration(address: address, hosts: []), key: [UInt8](repeating: 9, count: 32),
      ask: { [unowned self] request, completion in
        if request.verb == .overview { return completion(picture) }
        asked.append(request)
        completion(verdict)
      },
      clock: { [unowned self] in now })
  }

  /// Answers a request as it is.
  func answer(_ request: HTTPRequest) -> HTTPResponse {
    var result: HTTPResponse?
    site?.handle(request) { result = $0 }
    return result ?? HTTPResponse(599)
  }

  /// A page.
  func get(
    _ path: String, host: String? = "192.168.0.1", query: [HTTPField] = []
  ) -> HTTPResponse {
    answer(
      HTTPRequest(
        method: "GET", path: path, query: query,
        headers: host.map { [HTTPField("Host", $0)] } ?? [],
        client: "192.168.0.60"))
  }

  /// A form as the page's own browser sends it; `headers` replace those of the same name.
  func post(
    _ path: String, _ fields: [String: String], token: String? = nil,
    headers changes: [String: String?] = [:]
  ) -> HTTPResponse {
    var headers = [
      "Host": "192.168.0.1", "Origin": "http://192.168.0.1",
      "Content-Type": "application/x-www-form-urlencoded",
    ]
    for (name, value) in changes { headers[name] = value }
    var form = fields
    form["token"] = token ?? self.token
    let body = form.map { "\($0.key)=\(URLCoding.encode($0.value))" }.joined(separator: "&")
    return answer(
      HTTPRequest(
        method: "POST", path: path, headers: headers.map { HTTPField($0.key, $0.value) },
        body: Array(body.utf8), client: "192.168.0.60"))
  }

  /// The secret field of the form on the first page.
  var token: String {
    FormToken(key: [UInt8](repeating: 9, count: 32)).make(
      client: "192.168.0.60", at: now)
  }
}

extension HTTPResponse {
  var text: String { String(decoding: body, as: UTF8.self) }
}
