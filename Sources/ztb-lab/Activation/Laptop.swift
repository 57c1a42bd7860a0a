import Glibc
import Linux
import Wire

/// A person's laptop: a cable for the management port of a gateway with a real DHCP client behind
/// it, a way out of its own, and a browser.
final class Laptop {
  /// What must be installed.
  static let programs = ["udhcpc"]

  let host: Host
  private let world: World
  private let pictures: Pictures
  private var client: ChildProcess?
  private var opened: Browser?

  init(_ world: World, _ pictures: Pictures) throws {
    try Programs.require(Laptop.programs)
    self.world = world
    self.pictures = pictures
    host = world.laptop
    try world.attach(host, .wan, Plan.laptopWireless, interface: "wlan0")
    try host.useResolvers([])
    try host.write("/run/udhcpc", Laptop.script, mode: 0o755)
  }

  /// Puts the cable into the management port of a gateway and waits for an address; the seconds
  /// that took.
  @discardableResult
  func connect(to node: Node, seconds: Int = 15) throws -> Double {
    try connect(to: Port.management.bridge(node), seconds: seconds)
  }

  /// The same with another switch.
  func connect(to bridge: String, seconds: Int = 15) throws -> Double {
    disconnect()
    try world.fabric.moveLaptop(to: bridge)
    let began = MonotonicClock.now()
    client = try host.start(
      ["udhcpc", "-f", "-i", "eth0", "-O", "wpad", "-t", "20", "-T", "1", "-s", "/run/udhcpc"],
      log: "laptop-dhcp")
    try world.wait("a lease for the laptop on \(bridge)", seconds: seconds) {
      try !lease().isEmpty
    }
    return (MonotonicClock.now() - began).milliseconds / 1000
  }

  /// Pulls the cable.
  func disconnect() {
    client?.signal(SIGKILL)
    _ = client?.wait(milliseconds: 1000)
    client = nil
    _ = try? host.run(["sh", "-c", "ip -4 addr flush dev eth0; rm -f /run/lease"])  // it is gone
  }

  /// What the DHCP server of the management port gave, by the names of `udhcpc`.
  func lease() throws -> [String: String] {
    guard let text = try? host.read("/run/lease") else { return [:] }  // not yet
    var result: [String: String] = [:]
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: "=", maxSplits: 1).map(String.init)
      if parts.count == 2 { result[parts[0]] = parts[1] }
    }
    return result
  }

  /// The browser; started when it is first needed.
  func browser() throws -> Browser {
    if let opened { return opened }
    let browser = try Browser(host, pictures, trustsPortal: true) { [world] in
      try world.pause(milliseconds: 20)
    }
    opened = browser
    return browser
  }

  /// A request to the management port as a program sends it, outside of the browser.
  var wire: PlainHTTP {
    PlainHTTP(host: host, target: Endpoint(Plan.management, 80)) { [world] in
      try world.pause(milliseconds: 20)
    }
  }

  /// Ends the browser.
  func close() {
    opened?.close()
    opened = nil
  }

  private static let script = """
    #!/bin/sh
    case $1 in
    deconfig)
      ip -4 addr flush dev $interface
      rm -f /run/lease
      ip link set $interface up ;;
    bound | renew)
      ip addr replace $ip/$mask dev $interface
      for one in $router; do ip route replace default via $one dev $interface metric 500; done
      { for one in $dns; do echo nameserver $one; done; } >/run/resolv.conf
      {
        echo "ip=$ip"; echo "mask=$mask"; echo "router=$router"; echo "dns=$dns"
        echo "lease=$lease"; echo "wpad=$wpad"; echo "server=$serverid"
      } >/run/lease.new
      mv /run/lease.new /run/lease ;;
    esac

    """
}
