import Glibc
import Linux
import Testing
import Wire

@testable import Roles

@Suite(.enabled(if: OwnNamespace.isAllowed, "\(OwnNamespace.reason)"))
struct ManagementNamespaceTests {
  private static let page = ManagementNamespace.address.address

  /// The addresses that the other ports' side sees.
  private static func ourAddresses() throws -> [String] {
    let socket = try RouteSocket()
    let links = try socket.links()
    let names = Dictionary(links.map { ($0.index, $0.name) }, uniquingKeysWith: { $1 })
    return try socket.addresses(names).map { $0.spec.address.description }
  }

  @Test("a laptop reaches ping, page, and nothing else; 443 is refused at once")
  func whatALaptopSees() throws {
    try OwnNamespace.run {
      try OwnNamespace.makePorts("ge1")
      let laptop = try Neighbour("xge1", address: "192.168.0.60/24")
      let management = try ManagementNamespace(port: "ge1")
      defer { management.close() }
      #expect(try laptop.start("/bin/ping", "-c1", "-W1", "192.168.0.1").wait() == .exited(0))
      #expect(try laptop.connect(to: Self.page, port: 80) == 0)
      #expect(try laptop.connect(to: Self.page, port: 443) == ECONNREFUSED)
      #expect(try laptop.connect(to: Self.page, port: 22) == ETIMEDOUT)
      #expect(try Self.ourAddresses().isEmpty)
      guard let accepted = try StreamSocket.accept(management.listener) else {
        Issue.record("no connection arrived at the listening socket")
        return
      }
      #expect(accepted.peer == IPv4Address(192, 168, 0, 60))
    }
  }

  @Test("the port speaks no IPv6, neither inside nor outside")
  func noIPv6() throws {
    try OwnNamespace.run {
      try OwnNamespace.makePorts("ge1")
      let management = try ManagementNamespace(port: "ge1")
      defer { management.close() }
      var list = ProcessSpecification(
        program: "/bin/sh", arguments: ["sh", "-c", "! grep -v ' lo$' /proc/net/if_inet6"])
      list.networkNamespace = management.descriptor
      #expect(try list.spawn().wait() == .exited(0))
      let outside = String(decoding: try Files.read("/proc/net/if_inet6"), as: UTF8.self)
      #expect(!outside.split(separator: "\n").contains { $0.hasSuffix(" ge1") })
    }
  }

  @Test(
    "after close the port works again, and it can be made again, also at once and by a successor")
  func again() throws {
    try OwnNamespace.run {
      try OwnNamespace.makePorts("ge1")
      let laptop = try Neighbour("xge1", address: "192.168.0.60/24")
      let first = try ManagementNamespace(port: "ge1")
      first.close()
      #expect(first.listener == -1)
      let links = try RouteSocket().links()
      #expect(links.contains { $0.name == "ge1" && $0.isUp })
      for _ in 0..<3 {
        let next = try ManagementNamespace(port: "ge1")
        #expect(try laptop.connect(to: Self.page, port: 80) == 0)
        next.close()
      }
      // The port is an ordinary one when nobody holds a namespace.
      try OwnNamespace.command("ip", "link", "set", "ge1", "arp", "on")
      try OwnNamespace.command("ip", "addr", "add", "192.168.0.2/24", "dev", "ge1")
      #expect(try laptop.start("/bin/ping", "-c1", "-W1", "192.168.0.2").wait() == .exited(0))
    }
  }

  @Test("a successor takes the port over while a killed process's namespace still goes away")
  func afterAKill() throws {
    try OwnNamespace.run {
      try OwnNamespace.makePorts("ge1")
      let laptop = try Neighbour("xge1", address: "192.168.0.60/24")
      // A predecessor that died: its interface stays in a namespace that only a child holds.
      let left = try Neighbour(nil)
      let place = "/proc/\(getpid())/fd/\(left.namespace.rawValue)"
      try OwnNamespace.command("ip", "link", "set", "ge1", "up")
      try OwnNamespace.command(
        "ip", "link", "add", "link", "ge1", "name", "ge1", "netns", place, "type", "macvlan",
        "mode",
        "passthru")
      let holder = try left.start("/bin/sleep", "0.3")
      _ = consume left
      let management = try ManagementNamespace(port: "ge1")
      defer { management.close() }
      #expect(try laptop.connect(to: Self.page, port: 80) == 0)
      _ = holder.wait()
    }
  }

  @Test("an absent port is a reason in words, and nothing else happens")
  func absent() throws {
    try OwnNamespace.run {
      let problem = #expect(throws: ManagementProblem.self) {
        _ = try ManagementNamespace(port: "ge1")
      }
      #expect(problem?.description.contains("ge1 is not there") == true)
    }
  }

  @Test("silence of other DHCP servers is told in the time it is given")
  func noOtherServer() throws {
    try OwnNamespace.run {
      try OwnNamespace.makePorts("ge1")
      let management = try ManagementNamespace(port: "ge1")
      defer { management.close() }
      let start = MonotonicClock.now()
      #expect(try management.anotherServerAnswers(within: .milliseconds(600)) == nil)
      #expect(MonotonicClock.now() - start < .milliseconds(1_200))
    }
  }

  @Test(
    "another DHCP server is found: one sure of its network at once, one that thinks for 3 s later",
    arguments: [("--dhcp-authoritative", 1_500), ("--dhcp-broadcast", 5_000)])
  func otherServer(option: String, milliseconds: Int) throws {
    try OwnNamespace.run {
      try OwnNamespace.makePorts("ge1")
      let router = try Neighbour("xge1", address: "192.168.0.254/24")
      let management = try ManagementNamespace(port: "ge1")
      defer { management.close() }
      let server = try router.start(
        "/usr/sbin/dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--port=0",
        "--user=root", "--pid-file=", "--leasefile-ro", "--interface=xge1", option,
        "--dhcp-range=192.168.0.10,192.168.0.20,60")
      try withChild(server) {
        let found = try management.anotherServerAnswers(within: .milliseconds(milliseconds))
        #expect(found == IPv4Address(192, 168, 0, 254))
      }
    }
  }
}
