import JSON

/// The bodies of requests, for the OpenAPI document.
enum OpenAPIBodies {
  /// The schema of a route's body; nil: it has none.
  static func schema(_ route: RESTRoute) -> JSONValue? {
    switch (route.method, route.pattern) {
    case ("POST", "login"): strings("name", "password")
    case ("POST", "setup"): strings("token", "name", "password")
    case ("POST", "password"): strings("old", "password")
    case ("POST", "tokens"): object(["name": text, "days": integer])
    case ("POST", "templates"), ("PUT", "templates/{id}"): template
    case ("POST", "templates/{id}/clone"): strings("name")
    case ("POST", "sites"), ("PUT", "sites/{id}"): site
    case ("POST", "templates/{id}/deploy_site"): site
    case ("POST", "gateways/{id}/sendactivationlink"): strings("to")
    case ("POST", "vrrp/config/{cluster_id}"): vrrp
    case ("PUT", "vrrp/updateVirtualIP/{cluster_id}"):
      strings("vip", "lanVirtualIP", "wanVirtualIP")
    case ("PUT", "vrrp/updateVrrpState/{cluster_id}"): strings("gateway", "state")
    case ("POST", "cluster/{id}/suspend"), ("POST", "cluster/{id}/resume"): strings("gateway")
    case ("POST", "sites/{id}/update"): strings("version", "at")
    case ("POST", "users"): strings("name", "role")
    case ("PUT", "users/{id}"): object(["role": text, "disabled": flag])
    case ("POST", "activation/anchor"): strings("id", "nonce")
    case ("POST", "activation/validateActivationCode"), ("POST", "activation/enroll"):
      enrollment
    case (_, _): nil
    }
  }

  private static let text: JSONValue = .of(["type": "string"])
  private static let integer: JSONValue = .of(["type": "integer"])
  private static let number: JSONValue = .of(["type": "number"])
  private static let flag: JSONValue = .of(["type": "boolean"])

  private static func list(_ items: JSONValue) -> JSONValue {
    .of(["type": "array", "items": items])
  }

  private static func object(_ properties: KeyValuePairs<String, JSONValue>) -> JSONValue {
    .of(["type": "object", "properties": .of(properties), "additionalProperties": false])
  }

  private static func map(_ values: JSONValue) -> JSONValue {
    .of(["type": "object", "additionalProperties": values])
  }

  private static func strings(_ names: String...) -> JSONValue {
    .of([
      "type": "object", "properties": .object(names.map { .init($0, text) }),
      "additionalProperties": false,
    ])
  }

  private static let template = object([
    "name": text, "deploymentType": text, "platformType": text, "platformType2": text,
    "allowDifferentPlatforms": flag, "primaryDns": text, "secondaryDns": text,
    "dhcpService": text, "natEnabled": flag,
  ])

  private static let site = object([
    "name": text, "template": integer, "lanVirtualIP": text, "wanVirtualIP": text,
    "timeZone": text,
    "proxy": object([
      "host": text, "port": integer, "user": text, "password": text, "exceptions": list(text),
    ]),
    "gateways": list(
      object([
        "name": text, "lanAddress": text,
        "wan": object(["mode": text, "address": text, "gateway": text, "vlan": integer]),
      ])),
  ])

  private static let vrrp = object([
    "virtual_router_id": integer, "advert_int": number, "priority": integer, "vip": text,
    "authentication_password": text, "version": integer, "preempt": flag,
    "vrrp_interface": map(text), "track_interface": map(list(text)),
    "track_weight": map(integer), "preempt_delay": integer, "accept_mode": flag,
    "auth_mode": text, "checksum": text,
    "checks": list(
      object([
        "name": text, "kind": text, "target": text, "intervalMs": integer, "timeoutMs": integer,
        "fall": integer, "rise": integer, "weight": integer,
      ])),
  ])

  private static let enrollment = object([
    "code": text, "serial": text, "profile": text, "version": text,
    "wan": object([
      "mode": text, "address": text, "gateway": text, "vlan": integer, "dns": list(text),
    ]), "proxy": text, "linkDigest": text, "csr": text,
  ])
}
