import Configuration
import Wire

/// What sites of one kind have in common.
struct Template: Hashable {
  /// Who gives addresses to the LAN.
  enum DHCPService: String, Hashable, CaseIterable {
    case none
    case server
    case relay
  }

  /// Number in the database; 0 before it is stored.
  var id: Int64
  var name: String
  /// One that came with the portal: it can be cloned, not changed.
  var isDefault: Bool
  var deployment: Deployment
  /// Models of gateway 1 and, for a pair, gateway 2.
  var platforms: [String]
  /// Whether the two may be of different models.
  var allowsDifferentPlatforms: Bool
  var primaryDNS: IPv4Address
  var secondaryDNS: IPv4Address?
  var dhcpService: DHCPService
  /// Whether the LAN leaves with the WAN's address.
  var isNATEnabled: Bool
  /// How many sites use it.
  var siteCount = 0

  /// Gateways of a site.
  var gatewayCount: Int { deployment == .standardModeHA ? 2 : 1 }

  /// What a setting does, or does not do in this release, for people.
  var notes: [String] {
    switch dhcpService {
    case .none: []
    case .server:
      ["Gateways lend hosts of the LAN addresses of its upper half, and answer their names."]
    case .relay: ["DHCP Service relay is kept, and not served in this release."]
    }
  }
}

/// A template as it was typed, nothing checked.
struct TemplateInput: Hashable {
  var name = ""
  var deploymentType = ""
  var platform1 = ""
  /// Empty: the same as gateway 1.
  var platform2 = ""
  var allowDifferentPlatforms = false
  var primaryDNS = ""
  var secondaryDNS = ""
  var dhcpService = "none"
  var natEnabled = true

  init() {}

  /// What a template looks like in a form.
  init(_ template: Template) {
    name = template.name
    deploymentType = template.deployment.rawValue
    platform1 = template.platforms[0]
    platform2 = template.platforms.count > 1 ? template.platforms[1] : ""
    allowDifferentPlatforms = template.allowsDifferentPlatforms
    primaryDNS = template.primaryDNS.description
    secondaryDNS = template.secondaryDNS?.description ?? ""
    dhcpService = template.dhcpService.rawValue
    natEnabled = template.isNATEnabled
  }

  /// The template that the input describes; throws every problem at once.
  func checked(id: Int64 = 0) throws(PortalError) -> Template {
    var check = Checker()
    let name = check.name(self.name, at: "name")
    let deployment = check.deployment(deploymentType, at: "deploymentType")
    let first = check.platform(platform1, at: "platformType")
    var platforms = [first]
    if deployment == .standardModeHA {
      let second = platform2.isEmpty ? first : check.platform(platform2, at: "platformType2")
      if second != first, !allowDifferentPlatforms {
        check.add(
          "platformType2",
          "\(second) differs from gateway 1 (\(first)); a pair is of two identical models, "
            + "or set allowDifferentPlatforms")
      }
      platforms.append(second)
    }
    let primary = check.address(primaryDNS, at: "primaryDns")
    let secondary = secondaryDNS.isEmpty ? nil : check.address(secondaryDNS, at: "secondaryDns")
    if let secondary, secondary == primary {
      check.add("secondaryDns", "\(secondary) is the primary already; name another, or none")
    }
    let service = check.word(dhcpService, at: "dhcpService", Template.DHCPService.self)
    try check.finish()
    return Template(
      id: id, name: name, isDefault: false, deployment: deployment ?? .standalone,
      platforms: platforms, allowsDifferentPlatforms: allowDifferentPlatforms,
      primaryDNS: primary ?? IPv4Address(0), secondaryDNS: secondary,
      dhcpService: service ?? .none, isNATEnabled: natEnabled)
  }
}
