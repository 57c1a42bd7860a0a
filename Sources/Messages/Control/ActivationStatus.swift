/// How far the activation of the gateway is: the same picture on the console, on the page of the
/// management port, in `ztb` and, for the steps that reach it, in the portal.
public struct ActivationStatus: Codable, Hashable, Sendable {
  /// The stages.
  public enum State: String, Codable, Hashable, Sendable, CaseIterable {
    /// Out of the carton.
    case unactivated
    /// Under way, or failed and waiting for a retry.
    case inProgress = "in-progress"
    /// The portal manages the gateway, or `--config` does.
    case activated
  }

  /// The stage.
  public var state: State
  /// Name that the portal gave; empty before.
  public var gateway: String
  /// `code` or `link`; empty before the first try.
  public var method: String
  /// The nine steps in order; empty before the first try.
  public var steps: [ActivationStepStatus]
  /// Why the last try failed, one line a reason; empty when it did not.
  public var failure: [String]
  /// What to do about it; empty when nothing is wrong.
  public var remedy: String
  /// Whether `activate retry` makes sense: the same code or link, once more.
  public var canRetry: Bool

  /// Nothing has been tried.
  public init(state: State, gateway: String = "") {
    self.state = state
    self.gateway = gateway
    method = ""
    steps = []
    failure = []
    remedy = ""
    canRetry = false
  }

  /// How many steps are done.
  public var stepsDone: Int { steps.filter { $0.state == .done }.count }
}

/// One step of an activation.
public struct ActivationStepStatus: Codable, Hashable, Sendable {
  /// Where a step is.
  public enum State: String, Codable, Hashable, Sendable, CaseIterable {
    /// Its turn has not come.
    case waiting
    /// Now.
    case running
    /// Done.
    case done
    /// Not done; ``cause`` says why.
    case failed
    /// Not needed, such as the proxy where there is none.
    case skipped
  }

  /// 1…9.
  public var number: Int
  /// Such as `Portal reached`.
  public var name: String
  /// Where it is.
  public var state: State
  /// Why it failed, or a detail worth showing (an address, a name server); may be empty.
  public var cause: String

  /// Joins the parts.
  public init(number: Int, name: String, state: State, cause: String) {
    self.number = number
    self.name = name
    self.state = state
    self.cause = cause
  }
}

/// The WAN as people set it at the console, on the command line or by an activation link.
public struct WANParameters: Codable, Hashable, Sendable {
  /// `dhcp` or `static`.
  public var mode: String
  /// `203.0.113.2/24`; nil with DHCP.
  public var address: String?
  /// Default router; nil with DHCP.
  public var gateway: String?
  /// 802.1Q identifier; nil: untagged.
  public var vlan: Int?
  /// Name servers in order of preference.
  public var dns: [String]

  /// Joins the parts.
  public init(mode: String, address: String?, gateway: String?, vlan: Int?, dns: [String]) {
    self.mode = mode
    self.address = address
    self.gateway = gateway
    self.vlan = vlan
    self.dns = dns
  }
}

/// The one sub-interface of the WAN port.
public struct SubinterfaceParameters: Codable, Hashable, Sendable {
  /// 802.1Q identifier 1…4094.
  public var vlan: Int
  /// `198.51.100.2/24`.
  public var address: String

  /// Joins the parts.
  public init(vlan: Int, address: String) {
    self.vlan = vlan
    self.address = address
  }
}

/// A web proxy as people set it.
public struct ProxyParameters: Codable, Hashable, Sendable {
  /// Name or address.
  public var host: String
  /// TCP port.
  public var port: Int
  /// User name; nil: none.
  public var user: String?
  /// Its password; nil: none.
  public var password: String?
  /// Reached without the proxy.
  public var exceptions: [String]

  /// Joins the parts.
  public init(
    host: String, port: Int, user: String? = nil, password: String? = nil,
    exceptions: [String] = []
  ) {
    self.host = host
    self.port = port
    self.user = user
    self.password = password
    self.exceptions = exceptions
  }
}

/// The WAN as it is: what was set, and what came of it.
public struct WANStatus: Codable, Hashable, Sendable {
  /// The port, fixed by the model.
  public var port: String
  /// Whether the port is there and has carrier.
  public var carrier: Bool
  /// What was set.
  public var settings: WANParameters
  /// The sub-interface; nil: none.
  public var subinterface: SubinterfaceParameters?
  /// The proxy without its password; nil: none.
  public var proxy: ProxyParameters?
  /// The address in use, such as `203.0.113.17/24`; nil: none yet.
  public var address: String?
  /// The default router in use; nil: none yet.
  public var gateway: String?
  /// The name servers in use.
  public var dns: [String]
  /// Seconds until the lease ends; nil when static.
  public var leaseSecondsLeft: Int?
  /// Whether anybody has set the WAN; false out of the carton, nil where it is not known.
  public var isConfigured: Bool?

  /// Joins the parts.
  public init(
    port: String, carrier: Bool, settings: WANParameters, subinterface: SubinterfaceParameters?,
    proxy: ProxyParameters?, address: String?, gateway: String?, dns: [String],
    leaseSecondsLeft: Int?
  ) {
    self.port = port
    self.carrier = carrier
    self.settings = settings
    self.subinterface = subinterface
    self.proxy = proxy
    self.address = address
    self.gateway = gateway
    self.dns = dns
    self.leaseSecondsLeft = leaseSecondsLeft
  }
}

/// The portal as the gateway sees it.
public struct ControllerStatus: Codable, Hashable, Sendable {
  /// Its URL.
  public var url: String
  /// Whether it answers now.
  public var connected: Bool
  /// When it last answered, RFC 3339; empty: never.
  public var lastSeen: String
  /// Why it does not answer; empty when it does.
  public var reason: String

  /// Joins the parts.
  public init(url: String, connected: Bool, lastSeen: String, reason: String) {
    self.url = url
    self.connected = connected
    self.lastSeen = lastSeen
    self.reason = reason
  }
}

/// One line of `ztb troubleshoot connection`.
public struct ChannelReport: Codable, Hashable, Sendable {
  /// How a channel has been.
  public enum Verdict: String, Codable, Hashable, Sendable, CaseIterable {
    /// Up, and no break in the last two hours.
    case stable = "Stable"
    /// Up with a break in the last two hours, or doubtful.
    case suspicious = "Suspicious"
    /// Not up.
    case notPresent = "Not present"
  }

  /// Such as `portal`, `heartbeat`, `session stream`, `vrrp`, `dns`, `proxy`.
  public var name: String
  /// How it has been.
  public var verdict: Verdict
  /// The other end, such as `203.0.113.10:8443`; may be empty.
  public var peer: String
  /// Why it is not stable; with a remedy where there is one. Empty when stable.
  public var cause: String

  /// Joins the parts.
  public init(name: String, verdict: Verdict, peer: String, cause: String) {
    self.name = name
    self.verdict = verdict
    self.peer = peer
    self.cause = cause
  }
}

/// What `ztb` and the console say who and what the appliance is.
public struct ApplianceStatus: Codable, Hashable, Sendable {
  /// Serial number.
  public var serial: String
  /// Model, such as `zt400`.
  public var profile: String
  /// Version of the software.
  public var version: String
  /// The management port, such as the first port of the model.
  public var managementPort: String
  /// Whether an administrator password is set, so that the console asks for it.
  public var hasPassword: Bool
  /// Whether a change of the network waits for its confirmation, and how many seconds are left.
  public var unconfirmedSecondsLeft: Int?
  /// Whether a token opens a shell; nil: no, this is not the appliance.
  public var hasEmergencyShell: Bool?

  /// Joins the parts.
  public init(
    serial: String, profile: String, version: String, managementPort: String, hasPassword: Bool,
    unconfirmedSecondsLeft: Int?
  ) {
    self.serial = serial
    self.profile = profile
    self.version = version
    self.managementPort = managementPort
    self.hasPassword = hasPassword
    self.unconfirmedSecondsLeft = unconfirmedSecondsLeft
  }
}
