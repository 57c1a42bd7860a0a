import Linux
import Wire

/// Real servers on the server host, and the command lines of real clients. Their configuration, keys
/// and data lie in the hosts' own memory and go with them.
enum RealPrograms {
  /// Everything that must be installed.
  static let needed = ["sshd", "ssh", "scp", "ssh-keygen", "curl", "nginx", "vsftpd"]

  /// Starts sshd, nginx and vsftpd with a long and a small file.
  ///
  /// Throws ``LabError/missing(_:)`` where one of the programs is not installed.
  static func start(_ world: World, _ family: AddressFamily) throws {
    try Programs.require(needed)
    let server = world.server
    try server.inside {
      let pattern = Pattern()
      for (name, size) in [("long", Fleet.longFile), ("small", Fleet.smallFile)] {
        try Files.replace("/run/data/\(name)", with: pattern.prefix(size), mode: 0o644)
      }
    }
    try startShell(world)
    try server.write("/run/nginx.conf", nginx(listen: family == .ipv4 ? "80" : "[::]:80"))
    try server.start(["nginx", "-c", "/run/nginx.conf", "-e", "stderr"], log: "nginx")
    try server.write("/run/vsftpd.conf", vsftpd(family))
    try server.start(["vsftpd", "/run/vsftpd.conf"], log: "vsftpd")
    for port in [22, 80, 21] {
      try world.wait("a server on port \(port)", seconds: 10) {
        try server.run(["ss", "-Hltn", "sport = :\(port)"]).isEmpty == false
      }
    }
  }

  /// An ssh session that answers each line.
  static func ssh(_ family: AddressFamily) -> String {
    LoadOptions.packed(
      ["ssh"] + sshOptions + [
        "-T", "root@\(Plan.server(family))", "while read line; do echo got $line; done",
      ])
  }

  /// Clients that fetch the long file at about 2 MB/s, by name.
  static func transfers(_ family: AddressFamily) -> [(String, [String])] {
    let server = family == .ipv4 ? "\(Plan.server)" : "[\(Plan.server6)]"
    return [
      (
        "scp",
        ["scp", "-q", "-l", "16000"] + sshOptions + [
          "root@\(server):/run/data/long", "/run/scp",
        ]
      ),
      ("HTTP", ["curl", "-sS", "-o", "/run/HTTP", "http://\(server)/long"]),
    ]
  }

  private static let sshOptions = [
    "-i", "/run/key", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
    "-o", "LogLevel=ERROR", "-o", "BatchMode=yes", "-F", "none",
  ]

  private static func startShell(_ world: World) throws {
    for (host, path) in [(world.server, "/run/hostkey"), (world.client, "/run/key")] {
      try host.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path])
    }
    try world.server.write("/run/authorized", try world.client.read("/run/key.pub"))
    try world.server.write("/run/sshd.conf", sshd)
    try world.server.start(["/usr/sbin/sshd", "-D", "-e", "-f", "/run/sshd.conf"], log: "sshd")
  }

  private static let sshd = """
    Port 22
    HostKey /run/hostkey
    AuthorizedKeysFile /run/authorized
    PermitRootLogin prohibit-password
    PasswordAuthentication no
    UsePAM no
    StrictModes no
    PidFile none
    MaxStartups 100
    Subsystem sftp internal-sftp

    """

  /// A web server for the files of `/run/data`; `rate` in octets a second, 0 for no limit.
  static func nginx(listen: String, rate: String = "2m") -> String {
    """
    daemon off;
    user root;
    worker_processes 1;
    pid /run/nginx.pid;
    events { worker_connections 256; }
    http {
      access_log off;
      default_type text/html;
      client_body_temp_path /run/nginx-body;
      proxy_temp_path /run/nginx-proxy;
      fastcgi_temp_path /run/nginx-fastcgi;
      uwsgi_temp_path /run/nginx-uwsgi;
      scgi_temp_path /run/nginx-scgi;
      server { listen \(listen); root /run/data; limit_rate \(rate); }
    }

    """
  }

  private static func vsftpd(_ family: AddressFamily) -> String {
    """
    listen=\(family == .ipv4 ? "YES" : "NO")
    listen_ipv6=\(family == .ipv4 ? "NO" : "YES")
    background=NO
    anonymous_enable=YES
    no_anon_password=YES
    local_enable=NO
    anon_root=/run/data
    anon_max_rate=2000000
    connect_from_port_20=YES
    secure_chroot_dir=/run/empty
    seccomp_sandbox=NO
    xferlog_enable=NO
    setproctitle_enable=NO

    """
  }
}
