import CLinux
public import Linux
public import Wire

/// A program of the system that is needed and not there.
public struct ProgramAbsent: Error, Hashable, Sendable, CustomStringConvertible {
  /// Its name.
  public let program: String
  /// The package of Debian that has it.
  public let package: String

  /// `dnsmasq is not installed; install the package dnsmasq-base`.
  public var description: String {
    "\(program) is not installed; install the package \(package)"
  }
}

/// How the programs of the system that work for us are started: everything on the command line,
/// no configuration file, no pid file, nothing in the background, the least privileges.
///
/// The caller sets ``ProcessSpecification/descriptors``; the programs log to standard error.
public enum HelperPrograms {
  private enum Limits {
    /// Seconds of a lease of the laptop: short, for the next laptop on the same cable.
    static let laptopLeaseSeconds = 300
  }

  /// Where programs are looked for, in this order.
  private static let directories = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"]

  /// User number of the server on the management port; needs no passwd entry.
  public static let addressServerUser: UInt32 = 7_107

  /// DHCP and DNS for the laptop on the management port: 192.168.0.50…150, a lease within a
  /// second, and every name is the page.
  ///
  /// Not to be started where another server answers (``DHCPProbe``). It keeps no lease file: after
  /// a restart it takes a client's word for its address, being the only server.
  /// - Parameter namespace: ``ManagementNamespace/descriptor``.
  public static func addressServer(
    on port: String, in namespace: Int32
  ) throws(ProgramAbsent) -> ProcessSpecification {
    guard let program = find("dnsmasq") else {
      throw ProgramAbsent(program: "dnsmasq", package: "dnsmasq-base")
    }
    var specification = ProcessSpecification(
      program: program, arguments: ["dnsmasq"] + addressServerOptions(port))
    specification.networkNamespace = namespace
    specification.user = addressServerUser
    // NET_ADMIN is for the ARP entry of a client that cannot be asked yet; dnsmasq insists on it.
    specification.capabilities = [.netAdmin, .netBindService]
    return confined(specification)
  }

  /// User number of the DHCP client on the WAN; needs no passwd entry.
  public static let leaseUser: UInt32 = 7_113

  /// A DHCP client that keeps a lease on a WAN interface and runs `hook` at each change; SIGTERM
  /// gives the lease back. It gives no address to the interface: the supervisor does.
  ///
  /// The supervisor takes reports of leases, and nothing else, from its user. `hook` must not lead
  /// through `/proc/PID`, which a process of another user cannot follow.
  /// - Parameter hostName: what the server is told; left out when it is no host name.
  public static func leaseClient(
    on interface: String, hook: String, hostName: String?
  ) throws(ProgramAbsent) -> ProcessSpecification {
    // Also where nobody has made the link udhcpc: busybox looks at the name it is called by.
    guard let program = find("udhcpc") ?? find("busybox") else {
      throw ProgramAbsent(program: "udhcpc", package: "udhcpc")
    }
    var specification = ProcessSpecification(
      program: program,
      arguments: ["udhcpc"] + leaseClientOptions(interface, hook: hook, hostName: hostName))
    specification.user = leaseUser
    specification.capabilities = [.netRaw, .netBindService]
    return confined(specification)
  }

  /// User number of who sets the clock; chronyd insists on its name `_chrony` in /etc/passwd.
  public static let clockUser: UInt32 = 7_112

  /// Sets the clock by time servers on the WAN; without any in the lease by those of the public
  /// pool. It answers nobody: no port is open.
  /// - Parameter directory: where it keeps the drift of the clock and its number; belongs to ``clockUser``.
  public static func clock(
    servers: [IPv4Address], directory: String
  ) throws(ProgramAbsent) -> ProcessSpecification {
    guard let program = find("chronyd") else {
      throw ProgramAbsent(program: "chronyd", package: "chrony")
    }
    var specification = ProcessSpecification(
      program: program, arguments: ["chronyd"] + clockOptions(servers, directory))
    specification.user = clockUser
    specification.capabilities = [.sysTime]
    return confined(specification)
  }

  static func clockOptions(_ servers: [IPv4Address], _ directory: String) -> [String] {
    let sources =
      servers.isEmpty ? ["pool pool.ntp.org iburst"] : servers.map { "server \($0) iburst" }
    // In the foreground and not as root. Words instead of a file: each is a line of chrony.conf(5).
    return ["-d", "-U"] + sources + [
      // A clock that is off by more than a second is set at once, but not later than at the start.
      "makestep 1 3", "rtcsync", "driftfile \(directory)/drift",
      "port 0", "cmdport 0", "bindcmdaddress /", "pidfile \(directory)/pid",
    ]
  }

  /// Where a program of the system is, or nil.
  static func find(_ name: String) -> String? {
    directories.lazy.map { "\($0)/\(name)" }.first { unsafe access($0, X_OK) == 0 }
  }

  static func addressServerOptions(_ port: String) -> [String] {
    let address = ManagementNamespace.address.address
    return [
      "--keep-in-foreground", "--conf-file=/dev/null", "--pid-file=", "--log-facility=-",
      "--quiet-dhcp", "--interface=\(port)", "--except-interface=lo", "--bind-interfaces",
      // Names: all of them are the page, for as long as a browser looks at it.
      "--no-resolv", "--no-hosts", "--no-poll", "--address=/#/\(address)",
      // Without this line other types than A are refused, and some systems then try elsewhere.
      "--local=/#/", "--local-ttl=0", "--cache-size=0",
      "--dhcp-range=192.168.0.50,192.168.0.150,255.255.255.0,\(Limits.laptopLeaseSeconds)",
      "--dhcp-option=option:router,\(address)", "--dhcp-option=option:dns-server,\(address)",
      // Web proxy discovery: none, whatever else the laptop has heard of.
      "--dhcp-option=252,http://\(address)/wpad.dat",
      // A ping before each offer would take three seconds.
      "--no-ping", "--dhcp-authoritative", "--leasefile-ro",
    ]
  }

  static func leaseClientOptions(
    _ interface: String, hook: String, hostName: String?
  ) -> [String] {
    let name = hostName.map { HostName.isLabel($0) ? ["-x", "hostname:\($0)"] : [] } ?? []
    return [
      "-f", "-i", interface, "-s", hook,
      // The portal of this network.
      "-O", "224",
      // Time servers.
      "-O", "42",
      // Four questions at a distance of a second, then again after two.
      "-t", "4", "-T", "1", "-A", "2", "-R",
    ] + name
  }

  /// What holds for every helper: it cannot gain privileges, and does not outlive us.
  static func confined(_ specification: ProcessSpecification) -> ProcessSpecification {
    var specification = specification
    specification.noNewPrivileges = true
    specification.deathSignal = SIGKILL
    specification.newSession = true
    return specification
  }
}
