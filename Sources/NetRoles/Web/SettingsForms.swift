import HTTP
import Messages
import Wire

/// The network form as it was filled in, with what is wrong in it.
struct NetworkForm {
  var mode = "dhcp"
  var address = ""
  var gateway = ""
  var vlan = ""
  var firstServer = ""
  var secondServer = ""
  /// Name of a field to what is wrong with it.
  private(set) var errors: [String: String] = [:]
  /// What the supervisor said to all of it.
  var refusal: String?

  /// The form for settings that are in force.
  init(_ settings: WANParameters) {
    mode = settings.mode
    address = settings.address ?? ""
    gateway = settings.gateway ?? ""
    vlan = settings.vlan.map { String($0) } ?? ""
    firstServer = settings.dns.first ?? ""
    secondServer = settings.dns.dropFirst().first ?? ""
  }

  /// The form as it was sent; every field is checked.
  init(_ fields: [HTTPField]) {
    func value(_ name: String) -> String {
      String((fields[name] ?? "").filter { !$0.isWhitespace }.prefix(64))
    }
    mode = value("mode") == "static" ? "static" : "dhcp"
    address = value("address")
    gateway = value("gateway")
    vlan = value("vlan")
    firstServer = value("dns1")
    secondServer = value("dns2")
    check()
  }

  private mutating func check() {
    if mode == "static" {
      if IPv4Prefix(address) == nil {
        errors["address"] = "An address with its prefix is needed, such as 203.0.113.2/24."
      }
      if IPv4Address(gateway) == nil {
        errors["gateway"] = "An address is needed, such as 203.0.113.254."
      } else if let network = IPv4Prefix(address), let router = IPv4Address(gateway),
        !network.contains(router)
      {
        errors["gateway"] = "It must be in the network \(network.network)."
      }
    }
    if !vlan.isEmpty && !(Int(vlan).map { (1...4_094).contains($0) } ?? false) {
      errors["vlan"] = "A number from 1 to 4094 is needed, or nothing."
    }
    for (name, server) in [("dns1", firstServer), ("dns2", secondServer)]
    where !server.isEmpty && IPv4Address(server) == nil {
      errors[name] = "An address is needed, such as 1.1.1.1, or nothing."
    }
  }

  /// What the supervisor is to set; nil while a field is wrong.
  var settings: WANParameters? {
    guard errors.isEmpty else { return nil }
    let isStatic = mode == "static"
    return WANParameters(
      mode: mode, address: isStatic ? address : nil, gateway: isStatic ? gateway : nil,
      vlan: Int(vlan), dns: [firstServer, secondServer].filter { !$0.isEmpty })
  }
}

/// The proxy form as it was filled in, with what is wrong in it.
struct ProxyForm {
  var place = ""
  var user = ""
  private var password = ""
  private var exceptions: [String] = []
  /// Name of a field to what is wrong with it.
  private(set) var errors: [String: String] = [:]
  /// What the supervisor said to all of it.
  var refusal: String?

  /// The form for a proxy that is set.
  init(_ proxy: ProxyParameters?) {
    place = proxy.map { "\($0.host):\($0.port)" } ?? ""
    user = proxy?.user ?? ""
  }

  /// The form as it was sent; `exceptions` are kept, this page does not show them.
  init(_ fields: [HTTPField], keeping exceptions: [String]) {
    place = String((fields["place"] ?? "").filter { !$0.isWhitespace }.prefix(260))
    user = String((fields["user"] ?? "").prefix(128))
    password = String((fields["password"] ?? "").prefix(128))
    self.exceptions = exceptions
    if !place.isEmpty && parts == nil {
      errors["place"] = "A host and a port are needed, such as proxy.example:3128, or nothing."
    }
    if user.isEmpty && !password.isEmpty { errors["user"] = "A password needs a user." }
  }

  private var parts: (host: String, port: Int)? {
    let parts = place.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, let port = Int(parts[1]), (1...65_535).contains(port)
    else { return nil }
    return (String(parts[0]), port)
  }

  /// Whether every field can be used.
  var isGood: Bool { errors.isEmpty }

  /// What the supervisor is to set; nil: no proxy.
  var settings: ProxyParameters? {
    parts.map { parts in
      ProxyParameters(
        host: parts.host, port: parts.port, user: user.isEmpty ? nil : user,
        password: user.isEmpty || password.isEmpty ? nil : password, exceptions: exceptions)
    }
  }
}
