import Configuration
import Glibc
import Linux
import Messages
import Testing
import Wire

@testable import Roles

/// What the runner says, and whether everything answered.
private func run(_ diagnosis: Diagnosis) -> (isGood: Bool, lines: [String]) {
  final class Box { var lines: [String] = [] }
  let box = Box()
  let end = MonotonicClock.now() + .seconds(5)
  let isGood = DiagnosisRunner(diagnosis, until: end, say: { box.lines.append($0) }).run()
  return (isGood, box.lines)
}

@Suite("Diagnosis")
struct DiagnosisTests {
  @Test("a command line says what is tried")
  func arguments() {
    let words = [
      "ports", "--proxy", "proxy.example:3128", "--dns", "1.1.1.1,8.8.8.8", "--portal",
      "https://portal.example",
    ]
    let diagnosis = Diagnosis(arguments: words, credentials: "eA==")
    #expect(diagnosis?.proxy == Diagnosis.Place(host: "proxy.example", port: 3_128))
    #expect(diagnosis?.portal == Diagnosis.Place(host: "portal.example", port: 8_443))
    #expect(diagnosis?.servers == [IPv4Address(1, 1, 1, 1), IPv4Address(8, 8, 8, 8)])
    #expect(diagnosis?.credentials == "eA==")
  }

  @Test(
    "what makes no sense is refused",
    arguments: [
      "", "weather", "ping a b", "dns --dns 1.1.1", "dns --dns", "proxy --proxy host",
      "portal --portal :1", "portal --portal a:0", "ping --what x",
    ])
  func nonsense(line: String) {
    let words = line.split(separator: " ").map { String($0) }
    #expect(Diagnosis(arguments: words, credentials: nil) == nil)
  }

  @Test("it runs without privileges, and its command line holds no password")
  func specification() throws {
    let document = try ConfigurationDocument(parsing: Array(Self.document.utf8))
    let process = Diagnosis.specification(
      .proxy, target: nil, wan: document.wan, servers: document.wan.dns,
      portal: "portal.example:8443")
    #expect(process.user == 7_110 && process.capabilities == [] && process.noNewPrivileges)
    #expect(!process.arguments.contains { $0.contains("geheim") })
    #expect(process.environment.contains("ZTB_PROXY_CREDENTIALS=dTpnZWhlaW0="))
    let read = Diagnosis(arguments: Array(process.arguments.dropFirst(2)), credentials: nil)
    #expect(read?.kind == .proxy && read?.proxy?.description == "proxy.example:3128")
  }

  @Test("a port that nobody listens on is refused, one that somebody does is open")
  func portal() throws {
    let listener = try TCPListener.listen(on: IPv4Address(127, 0, 0, 1), port: 0)
    let port = try TCPListener.port(of: listener.rawValue)
    var diagnosis = Diagnosis(.portal)
    diagnosis.portal = Diagnosis.Place(host: "127.0.0.1", port: port)
    #expect(run(diagnosis).isGood)
    diagnosis.portal?.port = 1
    let closed = run(diagnosis)
    #expect(!closed.isGood && closed.lines.first?.hasSuffix("refused") == true)
    withExtendedLifetime(listener.rawValue) {}
  }

  @Test("each name server is asked by itself and has a line")
  func nameServers() {
    var diagnosis = Diagnosis(.dns)
    diagnosis.target = "portal.example"
    // Nobody answers there, and loopback says so at once.
    diagnosis.servers = [IPv4Address(127, 0, 0, 9), IPv4Address(127, 0, 0, 10)]
    let result = run(diagnosis)
    #expect(!result.isGood)
    #expect(result.lines == ["127.0.0.9: refused", "127.0.0.10: refused"])
  }

  @Test("without settings each kind says what is missing")
  func nothingSet() {
    for kind in ControlRequest.Diagnosis.allCases {
      let result = run(Diagnosis(kind))
      #expect(!result.isGood && !result.lines.isEmpty, "\(kind)")
    }
  }

  @Test(
    "what a proxy answers becomes words",
    arguments: [
      ("HTTP/1.1 200 Connection established\r\n", true, "open"),
      ("HTTP/1.0 407 Proxy Authentication Required\r\n", false, "password"),
      ("HTTP/1.1 403 Filtered\r\n", false, "allow"), ("HTTP/1.1 503 No\r\n", false, "reach"),
      ("SSH-2.0-OpenSSH\r\n", false, "no HTTP"), ("", false, "no HTTP"),
    ])
  func proxyWords(line: String, isOpen: Bool, word: String) {
    let answer = ProxyTunnel.read(Array(line.utf8), .milliseconds(12))
    #expect(answer.isOpen == isOpen && answer.words.contains(word))
  }

  private static let document = """
    {"schema": 1, "gateway": {"name": "a", "profile": "zt400", "deployment": "standalone"},
     "wan": {"port": "ge3", "mode": "dhcp", "dns": ["1.1.1.1"],
             "proxy": {"host": "proxy.example", "port": 3128, "user": "u", "password": "geheim"}},
     "lan": [{"port": "ge2", "address": "10.1.0.1/24"}],
     "policy": {"schema": 1, "version": 1, "zones": {}, "defaults": {"action": "deny"}, "rules": []}}
    """
}
