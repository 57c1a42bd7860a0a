public import Configuration
public import Linux
public import Wire

/// dnsmasq for the hosts of LANs. Nothing that people wrote reaches it but addresses, numbers, and
/// names and URLs without any of its syntax; no shell and no file is between.
extension HelperPrograms {
  /// A LAN whose questions are passed on.
  public struct Relayed: Hashable, Sendable {
    /// Where hosts are heard.
    public let device: String
    /// What the servers know the LAN by.
    public let address: IPv4Address
    /// Who answers.
    public let servers: [IPv4Address]
  }

  private enum LANLimits {
    /// Names that are remembered.
    static let cachedNames = 1_000
    /// Leases at one time.
    static let leases = 4_096
  }

  /// User number of the servers on LANs; needs no passwd entry.
  public static let lanServerUser: UInt32 = 7_115

  /// DHCP for one LAN, and names where its hosts are told to ask the gateway.
  ///
  /// One process for each LAN: only then its socket is bound to the device with the virtual MAC, so
  /// that what is sent to a host that renews has the virtual address as its source, too. An address
  /// that nobody has leased is pinged before it is offered: the other node may have leased it in
  /// its last moments.
  /// - Parameters:
  ///   - leases: a file that it reads when it starts and writes at each change; belongs to
  ///     ``lanServerUser``.
  ///   - upstream: where other names are asked for, in order of preference.
  public static func lanServer(
    _ service: AddressService, _ settings: DHCPServerSettings, leases: String,
    upstream: [IPv4Address]
  ) throws(ProgramAbsent) -> ProcessSpecification {
    try lanProgram(
      lanOptions(service, settings) + ["--dhcp-leasefile=\(leases)"]
        + (service.answersNames ? nameOptions(upstream) : ["--port=0"]))
  }

  /// Passes the questions of LANs on. One process for all: the answers come by any interface, and
  /// of several sockets the kernel would choose one by chance.
  public static func lanRelay(_ relayed: [Relayed]) throws(ProgramAbsent) -> ProcessSpecification {
    try lanProgram(relayOptions(relayed))
  }

  private static func lanProgram(
    _ options: [String]
  ) throws(ProgramAbsent) -> ProcessSpecification {
    guard let program = find("dnsmasq") else {
      throw ProgramAbsent(program: "dnsmasq", package: "dnsmasq-base")
    }
    var specification = ProcessSpecification(
      program: program, arguments: ["dnsmasq"] + commonOptions + options)
    specification.user = lanServerUser
    // NET_ADMIN is for the ARP entry of a host that cannot be asked yet, NET_RAW for the ping.
    specification.capabilities = [.netAdmin, .netBindService, .netRaw]
    return confined(specification)
  }

  private static let commonOptions = [
    "--keep-in-foreground", "--conf-file=/dev/null", "--pid-file=", "--log-facility=-",
    "--quiet-dhcp", "--except-interface=lo", "--bind-interfaces",
  ]

  static func lanOptions(_ service: AddressService, _ settings: DHCPServerSettings) -> [String] {
    let mask = IPv4Address(service.network.mask)
    let servers = settings.dns.isEmpty ? [service.address] : settings.dns
    return listening(on: service.device) + [
      "--dhcp-range=\(settings.from),\(settings.to),\(mask),\(settings.leaseSeconds)",
      "--dhcp-option=option:router,\(service.address)",
      "--dhcp-option=option:dns-server,\(list(servers))",
      "--dhcp-lease-max=\(LANLimits.leases)", "--dhcp-authoritative",
      // A host may call itself anything, also by the name of another one.
      "--dhcp-ignore-names",
    ] + (settings.domain.map { ["--domain=\($0)"] } ?? [])
      + settings.reservations.map { reservation in
        let name = reservation.name.map { ",\($0)" } ?? ""
        return "--dhcp-host=\(reservation.mac),\(reservation.address)\(name)"
      }
      + (service.isolation?.mode == .airgap ? aloneOptions(service.address) : [])
      + settings.options.map { "--dhcp-option=\($0.code),\(text($0.value))" }
  }

  /// A mask without neighbours, and the router as a neighbour all the same (RFC 3442), by which
  /// everybody else is reached.
  private static func aloneOptions(_ router: IPv4Address) -> [String] {
    [
      "--dhcp-option=option:netmask,255.255.255.255",
      "--dhcp-option=option:classless-static-route,\(router)/32,0.0.0.0,0.0.0.0/0,\(router)",
    ]
  }

  /// The label of an address stands for its interface, except in what comes in by that.
  private static func listening(on device: String) -> [String] {
    guard let label = RouteSocket.label(on: device) else { return ["--interface=\(device)"] }
    return ["--interface=\(label)", "--bridge-interface=\(label),\(device)"]
  }

  static func nameOptions(_ upstream: [IPv4Address]) -> [String] {
    ["--no-resolv", "--no-hosts", "--no-poll", "--cache-size=\(LANLimits.cachedNames)"]
      + upstream.map { "--server=\($0)" }
  }

  static func relayOptions(_ relayed: [Relayed]) -> [String] {
    ["--port=0"]
      + relayed.flatMap { lan in
        listening(on: lan.device) + lan.servers.map { "--dhcp-relay=\(lan.address),\($0)" }
      }
  }

  private static func list(_ addresses: [IPv4Address]) -> String {
    addresses.map(\.description).joined(separator: ",")
  }

  private static func text(_ value: DHCPServerSettings.Option.Value) -> String {
    switch value {
    case .addresses(let addresses): list(addresses)
    case .text(let text): text
    }
  }
}
