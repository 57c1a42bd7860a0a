import Activation
import Configuration
import JSON
import Linux
import Wire

/// What the REST API shows of the portal's things.
enum RESTForm {
  static func time(_ seconds: Int64?) -> JSONValue {
    seconds.map { .string(WallClock.timestamp(seconds: $0)) } ?? .null
  }

  static func template(_ template: Template) -> JSONValue {
    .of([
      "id": .integer(template.id), "name": .string(template.name),
      "isDefault": .bool(template.isDefault),
      "deploymentType": .string(template.deployment.rawValue),
      "platformType": .string(template.platforms[0]),
      "platformType2": .text(template.platforms.count > 1 ? template.platforms[1] : nil),
      "allowDifferentPlatforms": .bool(template.allowsDifferentPlatforms),
      "primaryDns": .text(template.primaryDNS), "secondaryDns": .text(template.secondaryDNS),
      "dhcpService": .string(template.dhcpService.rawValue),
      "natEnabled": .bool(template.isNATEnabled), "sitesCount": .integer(template.siteCount),
      "notes": .texts(template.notes),
    ])
  }

  static func site(_ detail: SiteDetail) -> JSONValue {
    let site = detail.site
    let proxy = site.proxy.map { proxy in
      JSONValue.of([
        "host": .string(proxy.host), "port": .integer(proxy.port), "user": .text(proxy.user),
        "passwordSet": .bool(proxy.password != nil), "exceptions": .texts(proxy.exceptions),
      ])
    }
    let range =
      detail.template.dhcpService == .server ? LeaseRange(site, detail.gateways) : nil
    let leases = range.map { JSONValue.of(["from": .text($0.from), "to": .text($0.to)]) }
    return .of([
      "id": .integer(site.id), "name": .string(site.name),
      "template": .integer(site.templateID), "templateName": .string(detail.template.name),
      "deploymentType": .string(detail.template.deployment.rawValue),
      "clusterId": .number(detail.gateways.count == 2 ? site.id : nil),
      "lanVirtualIP": .text(site.lanVirtualIP), "wanVirtualIP": .text(site.wanVirtualIP),
      "lanLeases": leases ?? .null, "proxy": proxy ?? .null, "timeZone": .string(site.timeZone),
      "primary": .text(detail.gateways.first { $0.id == site.primary }?.name),
      "created": time(site.created), "gateways": .array(detail.gateways.map(gateway)),
    ])
  }

  static func gateway(_ gateway: Gateway) -> JSONValue {
    .of([
      "id": .string(gateway.id), "site": .integer(gateway.siteID),
      "slot": .integer(gateway.slot), "name": .string(gateway.name),
      "platform": .string(gateway.platform),
      "wan": .of([
        "mode": .string(gateway.wanMode.rawValue), "address": .text(gateway.wanAddress),
        "gateway": .text(gateway.wanGateway), "vlan": .number(gateway.wanVLAN),
      ]), "lanAddress": .text(gateway.lanAddress),
      "state": .string(gateway.life.state.rawValue), "since": time(gateway.life.since),
      "cause": .string(gateway.life.cause), "detail": .string(gateway.detail),
      "last": .text(gateway.life.last?.rawValue), "lastSeen": time(gateway.life.heardAt),
      "activated": .bool(gateway.isActivated), "activatedAt": time(gateway.enrolledAt),
      "serial": .string(gateway.serial), "softwareVersion": .string(gateway.softwareVersion),
      "configuration": .of([
        "version": .integer(gateway.documentVersion),
        "reported": .integer(gateway.appliedVersion),
        "outcome": .string(gateway.appliedOutcome), "reason": .string(gateway.appliedReason),
      ]),
    ])
  }

  static func activation(_ offer: ActivationOffer, at now: Int64) -> JSONValue {
    .of([
      "code": .string(offer.code.code.grouped), "url": .string(offer.url),
      "status": .string(offer.code.status(at: now).rawValue),
      "issued": time(offer.code.issuedAt), "expires": time(offer.code.expiresAt),
      "used": time(offer.code.usedAt),
    ])
  }

  static func vrrp(_ detail: SiteDetail) -> JSONValue {
    guard let panel = detail.site.vrrp else { return .null }
    let names = detail.gateways.map(\.name)
    return .of([
      "cluster_id": .integer(detail.site.id), "virtual_router_id": .integer(panel.groupID),
      "version": .integer(panel.version), "advert_int": .number(panel.advertInterval),
      "priority": .integer(panel.priority),
      "secondary_priority": .integer(panel.secondaryPriority),
      "vip": .text(detail.site.lanVirtualIP?.address),
      "lanVirtualIP": .text(detail.site.lanVirtualIP),
      "wanVirtualIP": .text(detail.site.wanVirtualIP),
      "password_set": .bool(!panel.password.isEmpty), "preempt": .bool(panel.preempt),
      "vrrp_interface": .object(names.map { .init($0, .string(panel.interface)) }),
      "track_interface": .object(names.map { .init($0, .texts(panel.track)) }),
      "track_weight": SiteJSON.weights(panel),
      "preempt_delay": .integer(panel.preemptDelaySeconds),
      "auth_mode": .string(panel.authMode), "accept_mode": .bool(panel.acceptMode),
      "checksum": .string(panel.checksum.rawValue), "checks": SiteJSON.checks(panel),
      "notes": .texts(panel.notes),
    ])
  }

  static func vrrpStatus(_ status: VRRPStatus) -> JSONValue {
    .of([
      "cluster_id": .integer(status.detail.site.id),
      "virtual_router_id": .integer(status.panel.groupID),
      "gateways": .array(
        status.reports.map { report in
          .of([
            "gateway": .string(report.gateway.name),
            "state": .string(report.gateway.life.state.rawValue),
            "detail": .string(report.gateway.detail), "reported": time(report.at),
            "ha": report.ha,
          ])
        }),
    ])
  }

  static func event(_ event: SiteEvent) -> JSONValue {
    .of([
      "number": .integer(event.number), "time": time(event.time),
      "site": .integer(event.siteID), "gateway": .string(event.gatewayName),
      "kind": .string(event.kind), "text": .string(event.text), "cause": .string(event.cause),
    ])
  }

  static func audit(_ record: AuditRecord) -> JSONValue {
    .of([
      "number": .integer(record.number), "time": time(record.time),
      "user": .string(record.user), "address": .string(record.address),
      "action": .string(record.action), "target": .string(record.target),
      "detail": .string(record.detail),
    ])
  }

  static func user(_ user: User) -> JSONValue {
    .of([
      "id": .integer(user.id), "name": .string(user.name), "role": .string(user.role.rawValue),
      "passwordSet": .bool(user.hasPassword), "disabled": .bool(user.isDisabled),
      "created": time(user.created),
    ])
  }

  static func token(_ token: AccountTable.Token) -> JSONValue {
    .of([
      "id": .integer(token.id), "name": .string(token.name), "created": time(token.created),
      "expires": time(token.expires),
    ])
  }

  static func command(_ command: QueuedCommand) -> JSONValue {
    .of([
      "id": .integer(command.id), "gateway": .string(command.gatewayID),
      "verb": .string(command.text), "created": time(command.created),
    ])
  }

  static func error(_ error: PortalError) -> JSONValue {
    var members: [JSONValue.Member] = [
      .init("error", .string(error.word)), .init("message", .string(error.message)),
      .init(
        "problems",
        .array(
          error.problems.map {
            .of(["path": .string($0.path), "message": .string($0.message)])
          })),
    ]
    if !error.differences.isEmpty {
      members.append(.init("differences", .texts(error.differences)))
    }
    return .object(members)
  }
}
