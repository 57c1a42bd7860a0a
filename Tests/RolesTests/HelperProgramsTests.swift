import FoundationEssentials
import Glibc
import Linux
import Messages
import Testing
import Wire

@testable import Roles

/// The programs as they were built with the tests.
private let built =
  String(#filePath.dropLast("/Tests/RolesTests/HelperProgramsTests.swift".count)) + "/.build/debug"

private let isBuilt = unsafe access(built + "/ztbd", X_OK) == 0

@Suite(.enabled(if: OwnNamespace.isAllowed, "\(OwnNamespace.reason)"), .serialized)
struct HelperProgramsTests {
  /// A directory for one test.
  private static func withDirectory(_ body: (String) throws -> Void) throws {
    let path = "/tmp/ztb-helpers-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
    // As a run directory is.
    try system("mkdir") { unsafe mkdir(path, 0o711) }
    defer {
      // Nothing else of the test depends on what is left below /tmp.
      try? FileManager.default.removeItem(atPath: path)
    }
    try body(path)
  }

  private static func quiet(_ specification: ProcessSpecification) throws -> ChildProcess {
    var specification = specification
    let null = try Descriptor.open("/dev/null", O_RDWR)
    specification.descriptors = [null.rawValue, null.rawValue, null.rawValue]
    return try specification.spawn()
  }

  @Test("a laptop has a lease from the management port in less than five seconds, and every name")
  func laptop() throws {
    try Self.withDirectory { directory in
      try OwnNamespace.run {
        try OwnNamespace.makePorts("ge1")
        let laptop = try Neighbour("xge1")
        let management = try ManagementNamespace(port: "ge1")
        defer { management.close() }
        let server = try Self.quiet(
          try HelperPrograms.addressServer(on: "ge1", in: management.descriptor))
        try withChild(server) {
          let script = directory + "/script"
          let text = """
            #!/bin/sh
            [ "$1" = bound ] || exit 0
            ip addr add $ip/$mask dev $interface
            echo "$ip $mask $router $dns $lease" > \(directory)/lease
            """
          try Files.replace(script, with: Array(text.utf8), mode: 0o755)
          let start = MonotonicClock.now()
          let client = try laptop.start(
            "/usr/sbin/udhcpc", "-f", "-q", "-n", "-i", "xge1", "-s", script, "-t", "4", "-T", "1",
            "-O", "252")
          #expect(client.wait(milliseconds: 5_000) == .exited(0))
          #expect(MonotonicClock.now() - start < .seconds(5))
          let lease = String(decoding: try Files.read(directory + "/lease"), as: UTF8.self)
          let words = lease.split(whereSeparator: \.isWhitespace)
          #expect(words.dropFirst() == ["24", "192.168.0.1", "192.168.0.1", "300"])
          let address = try #require(words.first.flatMap { IPv4Address($0) })
          #expect((50...150).contains(address.octets[3]))
          try Self.checkNames(laptop)
        }
      }
    }
  }

  /// Every name is the page; other types have no records, but no error either.
  private static func checkNames(_ laptop: Neighbour) throws {
    for (type, records) in [(UInt16(1), 1), (28, 0), (65, 0)] {
      let answer = try laptop.ask(IPv4Address(192, 168, 0, 1), "www.example.com", type: type)
      #expect(answer.count > 12 && answer[3] & 0xf == 0, "type \(type)")
      #expect(answer[7] == UInt8(records), "type \(type)")
      if records > 0 {
        #expect(answer.suffix(4) == [192, 168, 0, 1])
        #expect(answer.dropLast(6).suffix(4) == [0, 0, 0, 0], "time to live")
      }
    }
  }

  @Test("the server on the management port has its own user and two capabilities")
  func privileges() throws {
    try OwnNamespace.run {
      try OwnNamespace.makePorts("ge1")
      let management = try ManagementNamespace(port: "ge1")
      defer { management.close() }
      let server = try Self.quiet(
        try HelperPrograms.addressServer(on: "ge1", in: management.descriptor))
      try withChild(server) {
        let status = try Self.status(of: server)
        #expect(status["Uid"]?.first == "7107" && status["NoNewPrivs"] == ["1"])
        #expect(status["CapBnd"] == ["0000000000001400"])
        #expect(status["CapEff"]?.first == "0000000000001400")
      }
    }
  }

  private static func status(of child: ChildProcess) throws -> [String: [String]] {
    // Between clone and exec the child is still as privileged as we are.
    for _ in 0..<100 {
      let name = String(
        decoding: try Files.read("/proc/\(child.pid)/comm"), as: UTF8.self)
      if name == "dnsmasq\n" || name == "udhcpc\n" { break }
      usleep(10_000)
    }
    let text = String(decoding: try Files.read("/proc/\(child.pid)/status"), as: UTF8.self)
    var values: [String: [String]] = [:]
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2 else { continue }
      values[String(parts[0])] = parts[1].split(whereSeparator: \.isWhitespace).map(String.init)
    }
    return values
  }

  @Test(
    "the client on the WAN reports through its hook: no lease, a lease with its portal, none again",
    .enabled(if: isBuilt, "ztbd is not built"))
  func wan() throws {
    try Self.withDirectory { run in
      try OwnNamespace.run {
        try OwnNamespace.makePorts("wan0")
        try OwnNamespace.command("ip", "link", "set", "wan0", "up")
        let provider = try Neighbour("xwan0", address: "203.0.113.254/24")
        let server = try provider.start(
          "/usr/sbin/dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--port=0",
          "--user=root", "--pid-file=", "--leasefile-ro", "--interface=xwan0", "--no-ping",
          "--dhcp-range=203.0.113.10,203.0.113.20,120", "--dhcp-option=6,1.1.1.1,8.8.8.8",
          "--dhcp-option=224,portal.example:8443")
        try withChild(server) {
          let hook = run + "/ztb-lease"
          try system("symlink") { unsafe symlink(built + "/ztbd", hook) }
          let reports = try Reports(directory: run)
          let client = try Self.quiet(
            try HelperPrograms.leaseClient(on: "wan0", hook: hook, hostName: "paris-gw-01"))
          try withChild(client) {
            let first = try reports.next()
            #expect(LeaseEvent(environment: first) == .deconfig && first["interface"] == "wan0")
            let status = try Self.status(of: client)
            #expect(status["CapBnd"] == ["0000000000002400"])
            #expect(status["Uid"]?.first == "\(HelperPrograms.leaseUser)")
            let bound = try reports.next(.bound)
            let lease = try WANLease(environment: bound)
            #expect(lease.address.length == 24 && lease.seconds == 120)
            #expect(lease.router == IPv4Address("203.0.113.254"))
            #expect(lease.dns.map(\.description) == ["1.1.1.1", "8.8.8.8"])
            #expect(lease.portal == "portal.example:8443" && lease.problems.isEmpty)
            client.signal(SIGTERM)
            #expect(LeaseEvent(environment: try reports.next()) == .deconfig)
            #expect(client.wait(milliseconds: 3_000) == .exited(0))
          }
        }
      }
    }
  }

  @Test("the resolver file is replaced in place, whole, and readable by all")
  func resolver() throws {
    try Self.withDirectory { directory in
      let file = ResolverFile(path: directory + "/resolv.conf")
      try file.write(servers: [IPv4Address(1, 1, 1, 1), IPv4Address(8, 8, 8, 8)], search: ["a.b"])
      let open = try Descriptor.open(file.path, O_RDONLY)
      #expect(
        String(decoding: try Files.read(file.path), as: UTF8.self) == """
          nameserver 1.1.1.1
          nameserver 8.8.8.8
          search a.b
          options timeout:2 attempts:2

          """)
      try file.write(servers: [IPv4Address(9, 9, 9, 9)])
      let seen = try open.read(limit: 4_096) ?? []
      #expect(
        String(decoding: seen, as: UTF8.self)
          == "nameserver 9.9.9.9\noptions timeout:2 attempts:2\n")
    }
  }
}

/// The supervisor's end of the control socket, as far as the hook needs it.
private final class Reports {
  private let listener: Descriptor

  init(directory: String) throws {
    listener = try ControlSocket.listen(in: directory, group: HelperPrograms.leaseUser)
  }

  /// The next report of this event; others before it are taken and forgotten.
  func next(_ event: LeaseEvent) throws -> [String: String] {
    for _ in 0..<10 {
      let report = try next()
      if LeaseEvent(environment: report) == event { return report }
    }
    throw Silence()
  }

  /// The next report; answered.
  func next() throws -> [String: String] {
    var entry = pollfd(fd: listener.rawValue, events: Int16(POLLIN), revents: 0)
    guard unsafe poll(&entry, 1, 8_000) == 1,
      let client = try ControlSocket.accept(listener.rawValue)
    else { throw Silence() }
    var line: [UInt8] = []
    while line.last != 10 {
      var entry = pollfd(fd: client.rawValue, events: Int16(POLLIN), revents: 0)
      guard unsafe poll(&entry, 1, 3_000) == 1, let piece = try client.read(limit: 65_536),
        !piece.isEmpty
      else { throw Silence() }
      line += piece
    }
    let request = try ControlRequest(line: line)
    _ = try client.write(try ControlAnswer(done: true, "").line + [10])
    #expect(request.verb == .lease)
    return request.lease ?? [:]
  }

  struct Silence: Error {}
}
