import Configuration
import Linux
import Messages
import Wire

/// `ztb troubleshoot connection`: every channel that the appliance lives by.
extension Supervisor {
  /// The channels with their verdicts.
  var channels: [ChannelReport] {
    let now = MonotonicClock.now()
    return facts.map { fact in
      let (verdict, cause) = history.verdict(fact.name, at: now)
      return ChannelReport(
        name: fact.name, verdict: verdict, peer: fact.peer,
        cause: verdict == .notPresent ? fact.reason : cause)
    } + neighbourReport
  }

  /// After each wake-up: remembers breaks.
  func observeChannels() {
    let now = MonotonicClock.now()
    for fact in facts { history.observe(fact.name, isUp: fact.isUp, at: now) }
  }

  private struct Fact {
    let name: String
    let isUp: Bool
    var peer = ""
    /// Why it is down, and what to do.
    let reason: String
  }

  private var facts: [Fact] {
    [wanFact] + (plan.given.wan.mode == .dhcp ? [leaseFact] : []) + portalFacts + pairFacts
  }

  private var wanFact: Fact {
    let port = plan.given.wan.interface
    return Fact(
      name: "wan", isUp: hasCarrier(port), peer: port,
      reason: "\(port) has no link; check the cable and the port of the switch")
  }

  private var leaseFact: Fact {
    Fact(
      name: "dhcp", isUp: lease != nil, peer: lease?.server.map { "\($0)" } ?? "",
      reason: hasNetwork
        ? "no DHCP server answers; check the VLAN, or set an address (2, then 1)"
        : "the network is not configured; 2, then 1")
  }

  private var portalFacts: [Fact] {
    guard let identity else {
      return [Fact(name: "portal", isUp: false, reason: "not activated; 1, then 1")]
    }
    let reason = contact.reason.isEmpty ? "no answer yet" : contact.reason
    return [
      Fact(name: "portal", isUp: contact.isConnected, peer: identity.url, reason: reason)
    ]
  }

  private var pairFacts: [Fact] {
    guard let ha = plan.document.ha else { return [] }
    let peer = ha.peers.first.map { "\($0)" } ?? ""
    let isHeard = knowledge.vrrp?.peer?.seenAgo.map { $0 < .seconds(1) } ?? false
    let isStreaming = knowledge.sync.map { $0.connected && $0.encrypted } ?? false
    let hasLink = knowledge.vrrp?.linkCarrier ?? false
    let cable = hasLink ? "" : "\(ha.port) has no link; check its cable; "
    let role = knowledge.role
    return [
      Fact(
        name: "heartbeat", isUp: isHeard, peer: peer,
        reason: cable + "the other node is silent; is it on and activated?"),
      Fact(
        name: "session stream", isUp: isStreaming, peer: peer,
        reason: cable + (knowledge.sync?.reason ?? "sync does not run")),
      Fact(
        name: "vrrp", isUp: role == .active || role == .standby, peer: "group \(ha.vrrp.groupID)",
        reason: "the node is \(role): \(knowledge.reason)"),
    ]
  }

  /// What LLDP hears on the HA port; not a channel of ours, but what the cable ends in.
  private var neighbourReport: [ChannelReport] {
    guard let port = plan.given.ha?.port else { return [] }
    let isHeard = !watch.neighbour.isEmpty
    return [
      ChannelReport(
        name: "lldp \(port)", verdict: isHeard ? .stable : .notPresent, peer: watch.neighbour,
        cause: isHeard ? "" : "no neighbour speaks LLDP there; not needed for the pair")
    ]
  }
}
