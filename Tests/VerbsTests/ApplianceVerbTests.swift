import Messages
import Testing

@testable import Verbs

private func invocation(_ line: String) throws -> Invocation {
  let words = line.split(separator: " ").map { String($0) }
  guard case .verb(_, let invocation) = try CommandLineTool.parse(words) else {
    throw Refusal.usage("no verb")
  }
  return invocation
}

@Suite("Verbs of the appliance")
struct ApplianceVerbTests {
  @Test(
    "what makes no sense ends with exit status 2, before anybody is asked",
    arguments: [
      "network configure", "network configure --mode maybe", "network configure --mode static",
      "network configure --mode static --address 10.0.0.2 --gateway 10.0.0.1",
      "network configure --mode dhcp --address 10.0.0.2/24",
      "network configure --mode dhcp --vlan 4095", "network configure --mode dhcp --dns 1.1.1",
      "network subinterface", "network subinterface --vlan 30",
      "network subinterface --remove --vlan 30", "network subinterface --address 10.0.0.2/24",
      "proxy configure", "proxy configure --none --proxy a:1", "proxy configure --proxy a",
      "proxy configure --proxy a:0", "proxy configure --proxy a:1 --user u",
      "activate", "activate A B", "diagnose", "diagnose weather", "factory-reset", "status --wait",
      "restart now", "console",
    ])
  func usage(line: String) {
    let words = ["--run-dir", "/nonexistent"] + line.split(separator: " ").map { String($0) }
    #expect(CommandLineTool.run(words) == 2)
  }

  @Test("without a supervisor every one of them fails with status 1")
  func noSupervisor() {
    for line in [
      "network configure --mode dhcp", "network subinterface --remove", "proxy configure --none",
      "troubleshoot connection", "diagnose ports", "support-bundle", "ha suspend", "ha resume",
      "restart", "factory-reset --yes-erase x", "console --batch",
    ] {
      let words = ["--run-dir", "/nonexistent"] + line.split(separator: " ").map { String($0) }
      #expect(CommandLineTool.run(words) == 1, "\(line)")
    }
  }

  @Test("network configure takes every setting of the console's wizard")
  func network() throws {
    let line = "network configure --mode static --address 203.0.113.2/24 --gateway 203.0.113.1"
    let settings = try NetworkVerbs.parameters(
      try invocation(line + " --vlan 20 --dns 1.1.1.1,8.8.8.8"))
    #expect(
      settings
        == WANParameters(
          mode: "static", address: "203.0.113.2/24", gateway: "203.0.113.1", vlan: 20,
          dns: ["1.1.1.1", "8.8.8.8"]))
    let dynamic = try NetworkVerbs.parameters(try invocation("network configure --mode dhcp"))
    #expect(
      dynamic == WANParameters(mode: "dhcp", address: nil, gateway: nil, vlan: nil, dns: []))
  }

  @Test("a code is checked before it is sent, a link is taken by what it begins with")
  func activation() throws {
    #expect(try ActivateVerb.request("ab12-cd34-ef56-gh7m").code == "ab12-cd34-ef56-gh7m")
    let link = "http://192.168.0.1/activate#ZTB1.e30.AAAA"
    #expect(try ActivateVerb.request(link).link == link)
    #expect(throws: Refusal.self) { try ActivateVerb.request("AB12-CD34-EF56-GH7N") }
  }

  @Test("progress prints a step when its state changes, and only then")
  func progress() {
    var activation = ActivationStatus(state: .inProgress)
    var shown: [Int: ActivationStepStatus.State] = [:]
    activation.steps = [
      ActivationStepStatus(number: 1, name: "Link read", state: .done, cause: ""),
      ActivationStepStatus(number: 2, name: "WAN up", state: .running, cause: ""),
      ActivationStepStatus(number: 3, name: "DNS", state: .waiting, cause: ""),
    ]
    #expect(ActivateVerb.news(of: activation, &shown).count == 2)
    #expect(ActivateVerb.news(of: activation, &shown).isEmpty)
    activation.steps[1].state = .failed
    activation.steps[1].cause = "no link"
    #expect(
      ActivateVerb.news(of: activation, &shown) == ["2/3 WAN up                 failed: no link"])
  }

  @Test("an unactivated gateway says so, with its appliance and WAN, in 80 columns")
  func status() {
    var status = StatusDocument(
      gateway: "", activation: "in-progress", state: "disconnected", since: "2026-11-20T10:00:00Z")
    status.appliance = ApplianceStatus(
      serial: "ZT4-0001", profile: "zt400", version: "0.1.0", managementPort: "ge1",
      hasPassword: false, unconfirmedSecondsLeft: 45)
    status.wan = WANStatus(
      port: "ge3", carrier: true,
      settings: WANParameters(mode: "dhcp", address: nil, gateway: nil, vlan: nil, dns: []),
      subinterface: SubinterfaceParameters(vlan: 30, address: "198.51.100.2/24"),
      proxy: ProxyParameters(host: "hub3.goairgap.com", port: 1883), address: "203.0.113.17/24",
      gateway: "203.0.113.1", dns: ["1.1.1.1"], leaseSecondsLeft: 3_599)
    var progress = ActivationStatus(state: .inProgress)
    progress.steps = [ActivationStepStatus(number: 1, name: "DNS", state: .failed, cause: "")]
    progress.failure = ["1.1.1.1 is silent"]
    status.progress = progress
    status.controller = ControllerStatus(
      url: "https://portal:8444", connected: false, lastSeen: "", reason: "no route")
    let text = StatusText.overview(status)
    #expect(
      text.hasPrefix(
        """
        gateway   (no configuration)
        state     disconnected since 2026-11-20T10:00:00Z
        activated failed at 1/1 DNS: 1.1.1.1 is silent
        appliance zt400, serial ZT4-0001, version 0.1.0, a change reverts in 45 s
        wan       ge3 dhcp 203.0.113.17/24, router 203.0.113.1, lease ends in 3599 s
                  subinterface VLAN 30, 198.51.100.2/24
        dns       1.1.1.1
        proxy     hub3.goairgap.com:1883
        portal    https://portal:8444, NOT CONNECTED, last never: no route
        """))
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 })
  }

  @Test("a channel that is not stable has its cause below it")
  func channel() {
    let stable = ChannelReport(name: "portal", verdict: .stable, peer: "192.0.2.9:8443", cause: "")
    #expect(ApplianceVerbs.line(stable) == "portal          Stable       192.0.2.9:8443")
    let absent = ChannelReport(name: "dhcp", verdict: .notPresent, peer: "", cause: "no server")
    #expect(
      ApplianceVerbs.line(absent) == "dhcp            Not present  \n                no server")
  }
}
