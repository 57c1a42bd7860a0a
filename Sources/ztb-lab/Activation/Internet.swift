import Linux
import Wire

/// What lies beyond the WAN ports: a provider with DHCP, DNS and a router, and two web proxies.
final class Internet {
  /// Hands out addresses, resolves names, routes.
  let isp: Host
  /// Runs two proxies: one for everybody and one for those who know its password.
  let proxy: Host
  private let world: World

  /// Programs that it runs.
  static let programs = ["dnsmasq", "tinyproxy"]
  /// Port of the proxy for everybody: the one of the customer's document.
  static let openProxyPort = 1883
  /// Port of the proxy that asks for ``user`` and ``password``.
  static let closedProxyPort = 1884
  static let user = "branch"
  static let password = "s3cret"

  /// Adds the machines to a world and starts their programs.
  init(_ world: World) throws {
    try Programs.require(Internet.programs)
    self.world = world
    isp = try world.addGuest("isp", Plan.isp)
    proxy = try world.addGuest("proxy", Plan.proxy)
    try isp.ip(Plan.publicResolvers.map { "addr add \($0)/32 dev lo" })
    try isp.sysctl(["net/ipv4/ip_forward": "1"])
    try isp.write("/run/dnsmasq.conf", Internet.dnsmasq)
    try isp.start(
      ["dnsmasq", "--keep-in-foreground", "--conf-file=/run/dnsmasq.conf"], log: "isp")
    try proxy.useResolvers([Plan.isp])
    for port in [Internet.openProxyPort, Internet.closedProxyPort] {
      try proxy.write("/run/tinyproxy-\(port).conf", Internet.tinyproxy(port))
      try proxy.start(
        ["tinyproxy", "-d", "-c", "/run/tinyproxy-\(port).conf"], log: "proxy-\(port)")
    }
    try world.wait("the proxies and the name server to listen", seconds: 10) {
      try proxy.run(["ss", "-Hltn"]).split(separator: "\n").count >= 2
        && isp.run(["ss", "-Hlun", "sport = :53"]).isEmpty == false
    }
  }

  /// The addresses that the provider has leased to the gateways, from its own records.
  func leases() throws -> [Node: IPv4Address] {
    var result: [Node: IPv4Address] = [:]
    for node in Node.allCases {
      // "time mac address name client"
      let lines = try isp.read("/run/leases").split(separator: "\n").map {
        $0.split(separator: " ")
      }
      let line = lines.last { $0.count > 2 && $0[1] == "\(Port.wan.mac(node))" }
      if let line, let address = IPv4Address(String(line[2])) { result[node] = address }
    }
    return result
  }

  /// What the open proxy has logged, such as its CONNECT requests.
  var proxyLog: String { world.workspace.logText("proxy-\(Internet.openProxyPort)") }

  private static let dnsmasq = """
    user=root
    pid-file=
    no-resolv
    no-hosts
    no-ping
    dhcp-authoritative
    log-dhcp
    log-facility=-
    cache-size=0
    dhcp-leasefile=/run/leases
    dhcp-range=203.0.113.100,203.0.113.199,255.255.255.0,10m
    dhcp-option=option:router,\(Plan.isp)
    dhcp-option=option:dns-server,\(Plan.isp)
    dhcp-option=224,"\(Plan.portalName):\(Plan.portalPort)"
    address=/\(Plan.portalName)/\(Plan.portal)
    address=/\(Plan.proxyName)/\(Plan.proxy)
    address=/\(Plan.documentProxyName)/\(Plan.proxy)

    """

  private static func tinyproxy(_ port: Int) -> String {
    let credentials = port == closedProxyPort ? "BasicAuth \(user) \(password)" : ""
    return """
      Port \(port)
      Listen \(Plan.proxy)
      Timeout 600
      MaxClients 50
      LogLevel Connect
      DisableViaHeader Yes
      ConnectPort \(Plan.portalPort)
      ConnectPort \(Plan.agentPort)
      \(credentials)

      """
  }
}
