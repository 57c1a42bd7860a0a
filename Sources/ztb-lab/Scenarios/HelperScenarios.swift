import Glibc
import Linux
import Wire

extension Scenario {
  /// Protocols that announce further connections, beside FTP, which is among the sessions of most
  /// scenarios.
  static let helpers = [
    Scenario(
      name: "helpers",
      summary:
        "TFTP and SIP with its media, through translation: they live through a change of the "
        + "policy and a power cut, and without a helper they never come about"
    ) { stage in
      try Programs.require(["dnsmasq", "curl", "sipp"])
      let world = try stage.makeShapedWorld("helpers") { $0.helpers = ["ftp", "tftp", "sip"] }
      try world.bootPair()
      let story = try HelperStory(stage, world)
      try story.transfer()
      try story.call()
      try story.withoutHelpers()
    }
  ]
}

/// A file by TFTP, calls by SIP, and both without anybody who reads along.
private struct HelperStory {
  private static let fileBytes = 12 << 20
  private static let calls = 5
  /// Octets of speech that are sent over and over, 8 000 a second.
  private static let speechBytes = 8_000

  let stage: Stage
  let world: World

  /// Starts the file server and puts the scripts of the calls where both ends find them.
  init(_ stage: Stage, _ world: World) throws {
    self.stage = stage
    self.world = world
    try world.server.inside {
      try Files.replace("/run/data/tftp", with: Pattern().prefix(Self.fileBytes), mode: 0o644)
    }
    try world.server.start(
      [
        "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--pid-file=", "--port=0",
        "--log-facility=-", "--user=root", "--enable-tftp", "--tftp-root=/run/data",
      ], log: "tftp")
    for host in [world.server, world.client] {
      try host.inside {
        try Files.replace("/run/speech", with: Pattern().prefix(Self.speechBytes))
      }
    }
    try world.server.write("/run/called.xml", CallScript.called)
    // Media that reach the caller are counted; nobody has asked for them but its SDP.
    try world.client.nft(
      """
      table inet watch {
        counter media { }
        chain in {
          type filter hook prerouting priority raw; policy accept;
          ip saddr \(Plan.server) udp sport != 5060 counter name "media"
        }
      }

      """)
  }

  /// A file comes whole although the active dies in the midst of it.
  func transfer() throws {
    let active = try world.waitForPair(active: nil)
    let load = try LoadHandle(
      "transfer", in: world.client, world.workspace,
      [
        LoadOptions.packed(Self.fetch + ["-o", "/run/tftp"]), "file=/run/tftp",
        "size=\(Self.fileBytes)",
      ], name: "tftp")
    defer { load.stop() }
    try load.ask(.ready)
    try world.wait("the standby to know the helper", seconds: 5) {
      try helped("tftp", at: active.peer) > 0
    }
    let before = try world.client.inside { try Files.read("/run/tftp").count }
    try stage.expect(before < Self.fileBytes, "the file is there before the power cut")
    try world.cutPower(active)
    try world.wait("the file", seconds: 60) {
      let report = try load.ask(.report)
      try stage.expect(report.notes.isEmpty, "TFTP: \(report.notes.joined(separator: ", "))")
      return report.alive == 1
    }
    stage.tell("TFTP: \(Self.fileBytes) octets, the power cut behind \(before)")
    try world.restorePower(active)
    try world.waitForPair(active: nil, seconds: 60)
  }

  /// Calls whose media go on after a power cut, and which end in order.
  func call() throws {
    let active = try world.waitForPair(active: nil)
    let called = try startCalled()
    defer { called.signal(SIGKILL) }
    let start = try media()
    let caller = try startCaller(Self.calls, from: 5060, seconds: 15)
    try world.wait("media", seconds: 10) { try media() - start > 20 * Self.calls }
    try world.wait("the standby to know the helper", seconds: 5) {
      try helped("sip", at: active.peer) > 0
    }
    try apply(version: 43) { $0.helpers = ["ftp", "tftp", "sip"] }
    // The grace for answers is over then.
    try world.pause(milliseconds: 4_000)
    let changed = try mediaRate()
    try stage.expect(changed >= 40, "after a change of the policy \(changed) packets of media")
    try world.cutPower(active)
    try world.pause(milliseconds: 1_000)
    let rate = try mediaRate()
    try stage.expect(rate >= 40, "after the power cut \(rate) packets of media a second and call")
    let status = caller.wait(milliseconds: 30_000)
    try stage.expect(status == .exited(0), "the calls did not end in order: \(status as Any)")
    stage.tell(
      "SIP: \(Self.calls) calls, \(changed) packets of media a second and call after a change of "
        + "the policy, \(rate) after a power cut")
    try world.restorePower(active)
    try world.waitForPair(active: nil, seconds: 60)
  }

  /// Neither is let through by anything else.
  func withoutHelpers() throws {
    try apply(version: 44) { $0.helpers = [] }
    let (status, _) = try world.client.attempt(Self.fetch + ["-m", "3", "-o", "/run/none"])
    try stage.expect(status != .exited(0), "TFTP passes without a helper")
    let called = try startCalled()
    defer { called.signal(SIGKILL) }
    let before = try media()
    // What began with a helper keeps it, so that another port calls.
    let caller = try startCaller(1, from: 5070, seconds: 2)
    let ended = caller.wait(milliseconds: 10_000)
    try stage.expect(ended == .exited(0), "a call without media: \(ended as Any)")
    let count = try media() - before
    try stage.expect(count == 0, "\(count) packets of media without a helper")
    stage.tell("without helpers: no file, no media")
  }

  private func apply(version: Int, _ change: (inout ZtbDocument) -> Void) throws {
    guard case .ztb(_, let interval) = stage.kind else { return }
    for node in Node.allCases {
      var document = ZtbDocument(node: node, advertIntervalMs: interval)
      document.policyVersion = version
      change(&document)
      let gateway = try world.product(node)
      try gateway.host.write("/run/next.json", document.text)
      try gateway.ztb("config", "apply", "/run/next.json")
    }
  }

  /// Packets a second and call.
  private func mediaRate() throws -> Int {
    let before = try media()
    try world.pause(milliseconds: 2_000)
    return (try media() - before) / 2 / Self.calls
  }

  private static let fetch = ["curl", "-sS", "tftp://\(Plan.server)/tftp"]

  private func startCalled() throws -> ChildProcess {
    try world.server.start(
      [
        "sipp", "-sf", "/run/called.xml", "-i", "\(Plan.server)", "-mi", "\(Plan.server)",
        "-nostdin",
      ], log: "called")
  }

  private func startCaller(
    _ calls: Int, from port: Int, seconds: Int
  ) throws -> ChildProcess {
    try world.client.write("/run/caller.xml", CallScript.caller(seconds: seconds))
    return try world.client.start(
      [
        "sipp", "\(Plan.server):5060", "-sf", "/run/caller.xml", "-i", "\(Plan.client)",
        "-p", "\(port)", "-mi", "\(Plan.client)", "-m", "\(calls)", "-r", "\(calls)", "-nostdin",
        "-timeout", "40s",
      ], log: "caller")
  }

  /// Connections in a node's kernel that a helper reads along.
  private func helped(_ name: String, at node: Node) throws -> Int {
    let list = try world.gateway(node).host.run(["conntrack", "-L"])
    return list.split(separator: "\n").count { $0.contains("helper=\(name)") }
  }

  private func media() throws -> Int {
    let text = try world.client.run(["nft", "list", "counter", "inet", "watch", "media"])
    let words = text.split(whereSeparator: \.isWhitespace)
    return words.firstIndex(of: "packets").flatMap { Int(words[$0 + 1]) } ?? 0
  }
}

/// What both ends of a call say, for `sipp`. The called one speaks first, so that its media open the
/// connection from outside.
private enum CallScript {
  static func caller(seconds: Int) -> String {
    """
    <?xml version="1.0" encoding="UTF-8"?>
    <scenario name="caller">
    <send retrans="500"><![CDATA[
    INVITE sip:called@[remote_ip]:[remote_port] SIP/2.0
    \(head("1 INVITE", to: ""))
    Contact: <sip:caller@[local_ip]:[local_port];transport=[transport]>
    \(offer)
    ]]></send>
    <recv response="100" optional="true"/>
    <recv response="200"/>
    <send><![CDATA[
    ACK sip:called@[remote_ip]:[remote_port] SIP/2.0
    \(head("1 ACK", to: "[peer_tag_param]"))
    Content-Length: 0

    ]]></send>
    <pause milliseconds="500"/>
    \(speech)
    <pause milliseconds="\(seconds * 1000)"/>
    <send retrans="500"><![CDATA[
    BYE sip:called@[remote_ip]:[remote_port] SIP/2.0
    \(head("2 BYE", to: "[peer_tag_param]"))
    Content-Length: 0

    ]]></send>
    <recv response="200"/>
    </scenario>

    """
  }

  static let called = """
    <?xml version="1.0" encoding="UTF-8"?>
    <scenario name="called">
    <recv request="INVITE"/>
    <send retrans="500"><![CDATA[
    SIP/2.0 200 OK
    [last_Via:]
    [last_From:]
    [last_To:];tag=[call_number]
    [last_Call-ID:]
    [last_CSeq:]
    Contact: <sip:called@[local_ip]:[local_port];transport=[transport]>
    \(offer)
    ]]></send>
    <recv request="ACK"/>
    \(speech)
    <recv request="BYE"/>
    <send><![CDATA[
    SIP/2.0 200 OK
    [last_Via:]
    [last_From:]
    [last_To:]
    [last_Call-ID:]
    [last_CSeq:]
    Content-Length: 0

    ]]></send>
    </scenario>

    """

  private static func head(_ sequence: String, to parameters: String) -> String {
    """
    Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
    From: <sip:caller@[local_ip]:[local_port]>;tag=[call_number]
    To: <sip:called@[remote_ip]:[remote_port]>\(parameters)
    Call-ID: [call_id]
    CSeq: \(sequence)
    Max-Forwards: 70
    """
  }

  private static let offer = """
    Content-Type: application/sdp
    Content-Length: [len]

    v=0
    o=- 1 1 IN IP4 [local_ip]
    s=-
    c=IN IP4 [media_ip]
    t=0 0
    m=audio [rtpstream_audio_port] RTP/AVP 8
    a=rtpmap:8 PCMA/8000

    """

  private static let speech =
    #"<nop><action><exec rtp_stream="/run/speech,-1,8"/></action></nop>"#
}
