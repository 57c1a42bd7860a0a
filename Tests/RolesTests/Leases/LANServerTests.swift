import Configuration
import FoundationEssentials
import Glibc
import Linux
import Testing
import Wire

@testable import Roles

/// The server of a LAN with a real client, and its command line.
@Suite(.enabled(if: OwnNamespace.isAllowed, "\(OwnNamespace.reason)"), .serialized)
struct LANServerTests {
  /// The LAN of a node that is alone, with the given `dhcp`.
  private static func service(_ dhcp: String, isolation: String = "null") throws -> AddressService {
    let text = """
      {"schema": 1, "gateway": {"name": "a", "profile": "zt400", "deployment": "standalone"},
       "wan": {"port": "ge3", "mode": "dhcp"},
       "lan": [{"port": "ge2", "address": "10.1.0.2/24", "dhcp": \(dhcp),
               "isolation": \(isolation)}],
       "policy": {"schema": 1, "version": 1, "zones": {}, "defaults": {"action": "deny"}}}
      """
    let document = try ConfigurationDocument(parsing: Array(text.utf8))
    return try #require(document.addressServices.first)
  }

  private static func settings(_ service: AddressService) throws -> DHCPServerSettings {
    guard case .server(let settings) = service.settings else { throw ProgramAbsent.none }
    return settings
  }

  @Test("every value of the document is one word of the command line")
  func options() throws {
    let service = try Self.service(
      """
      {"mode": "server", "from": "10.1.0.100", "to": "10.1.0.109", "leaseSeconds": 600,
       "dns": ["9.9.9.9"], "domain": "branch.example",
       "reservations": [{"mac": "02:00:00:00:00:0a", "address": "10.1.0.7", "name": "printer"}],
       "options": [{"code": 42, "addresses": ["10.1.0.8", "10.1.0.9"]},
                   {"code": 67, "text": "boot/x.efi"}]}
      """)
    let options = HelperPrograms.lanOptions(service, try Self.settings(service))
    #expect(
      options == [
        "--interface=ge2:ztb", "--bridge-interface=ge2:ztb,ge2",
        "--dhcp-range=10.1.0.100,10.1.0.109,255.255.255.0,600",
        "--dhcp-option=option:router,10.1.0.2", "--dhcp-option=option:dns-server,9.9.9.9",
        "--dhcp-lease-max=4096", "--dhcp-authoritative", "--dhcp-ignore-names",
        "--domain=branch.example", "--dhcp-host=02:00:00:00:00:0a,10.1.0.7,printer",
        "--dhcp-option=42,10.1.0.8,10.1.0.9", "--dhcp-option=67,boot/x.efi",
      ])
    let relayed = HelperPrograms.Relayed(
      device: "vr4-ge2-7", address: IPv4Address(10, 1, 0, 1),
      servers: [IPv4Address(10, 9, 0, 5), IPv4Address(10, 9, 0, 6)])
    #expect(
      HelperPrograms.relayOptions([relayed]) == [
        "--port=0", "--interface=vr4-ge2-7", "--dhcp-relay=10.1.0.1,10.9.0.5",
        "--dhcp-relay=10.1.0.1,10.9.0.6",
      ])
  }

  @Test(
    "hosts that are kept apart get no neighbours but the router; with the network's mask they do")
  func alone() throws {
    let dhcp = "{\"mode\": \"server\", \"from\": \"10.1.0.100\", \"to\": \"10.1.0.109\"}"
    func options(_ isolation: String) throws -> [String] {
      let service = try Self.service(dhcp, isolation: isolation)
      return HelperPrograms.lanOptions(service, try Self.settings(service))
    }
    let plain = try options("null")
    #expect(try options("{\"mode\": \"airgap-lite\", \"separated\": true}") == plain)
    #expect(
      try options("{\"mode\": \"airgap\"}").filter { !plain.contains($0) } == [
        "--dhcp-option=option:netmask,255.255.255.255",
        "--dhcp-option=option:classless-static-route,10.1.0.2/32,0.0.0.0,0.0.0.0/0,10.1.0.2",
      ])
  }

  @Test("a host gets an address, the keeper knows it, and a new server knows it from the keeper")
  func lease() throws {
    let directory = "/tmp/ztb-lan-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
    try system("mkdir") { unsafe mkdir(directory, 0o711) }
    // Nothing else of the test depends on what is left below /tmp.
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let service = try Self.service(
      "{\"mode\": \"server\", \"from\": \"10.1.0.100\", \"to\": \"10.1.0.109\"}")
    let keeper = try LeaseKeeper(
      try Reactor(), directory: directory + "/lan", statePath: directory + "/leases")
    try OwnNamespace.run {
      try OwnNamespace.makePorts("ge2")
      try OwnNamespace.command("ip", "link", "set", "ge2", "up")
      try OwnNamespace.command("ip", "addr", "add", "10.1.0.2/24", "dev", "ge2", "label", "ge2:ztb")
      let host = try Neighbour("xge2")
      let script = directory + "/script"
      let text = """
        #!/bin/sh
        [ "$1" = bound ] || exit 0
        echo "$ip $mask $router $dns $lease $serverid" > \(directory)/lease
        """
      try Files.replace(script, with: Array(text.utf8), mode: 0o755)
      var addresses: Set<String> = []
      for _ in 0..<2 {
        try keeper.prepare("ge2", service.network, for: HelperPrograms.lanServerUser)
        let server = try Self.quiet(
          try HelperPrograms.lanServer(
            service, try Self.settings(service), leases: keeper.path("ge2"), upstream: []))
        try withChild(server) {
          let client = try host.start(
            "/usr/sbin/udhcpc", "-f", "-q", "-n", "-i", "xge2", "-s", script, "-t", "4", "-T", "4")
          #expect(client.wait(milliseconds: 20_000) == .exited(0))
          let words = String(decoding: try Files.read(directory + "/lease"), as: UTF8.self)
            .split(whereSeparator: \.isWhitespace).map(String.init)
          #expect(words.dropFirst() == ["24", "10.1.0.2", "10.1.0.2", "43200", "10.1.0.2"])
          addresses.insert(words[0])
          let status = String(
            decoding: try Files.read("/proc/\(server.pid)/status"), as: UTF8.self)
          #expect(status.contains("Uid:\t7115\t") && status.contains("CapBnd:\t0000000000003400"))
        }
        _ = keeper.look()
        let known = keeper.table.inUse(at: WallClock.secondsSince1970())
        #expect(known.map { "\($0.address)" } == addresses.sorted())
        keeper.close("ge2")
      }
      #expect(addresses.count == 1)
    }
    try keeper.save()
    let next = try LeaseKeeper(
      try Reactor(), directory: directory + "/lan", statePath: directory + "/leases")
    try next.load()
    #expect(next.table.all == keeper.table.all && !next.table.all.isEmpty)
  }

  private static func quiet(_ specification: ProcessSpecification) throws -> ChildProcess {
    var specification = specification
    let null = try Descriptor.open("/dev/null", O_RDWR)
    specification.descriptors = [null.rawValue, null.rawValue, null.rawValue]
    return try specification.spawn()
  }
}

extension ProgramAbsent {
  fileprivate static var none: ProgramAbsent { ProgramAbsent(program: "", package: "") }
}
