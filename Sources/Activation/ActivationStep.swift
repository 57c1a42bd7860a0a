/// The nine steps of an activation, in order, with the words that people see everywhere.
public enum ActivationStep: Int, Hashable, Sendable, CaseIterable {
  /// Code or link read and found whole.
  case linkRead = 1
  /// The WAN has an address and a router.
  case wanUp
  /// A name server answers (or no name is needed).
  case dns
  /// The proxy opens a tunnel to the portal (or there is none).
  case proxy
  /// The portal answers and has proved that it knows the secret.
  case portalReached
  /// The portal takes the code for this appliance.
  case codeAccepted
  /// The portal has signed this appliance's key.
  case certificateIssued
  /// The portal's configuration is checked and in force.
  case configurationApplied
  /// Every role works.
  case servicesRunning

  /// The words on page, console and portal.
  public var name: String {
    switch self {
    case .linkRead: "Link read"
    case .wanUp: "WAN up"
    case .dns: "DNS"
    case .proxy: "Proxy"
    case .portalReached: "Portal reached"
    case .codeAccepted: "Code accepted"
    case .certificateIssued: "Certificate issued"
    case .configurationApplied: "Configuration applied"
    case .servicesRunning: "Services running"
    }
  }
}
